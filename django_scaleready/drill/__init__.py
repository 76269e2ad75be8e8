"""N replicas of a project on real services, from outside: processes, sockets, signals.

Composed of small pieces; each stands in a module of its own. Needs the extra ``drill``.

What is run::

    target       Target: the user's project as it is; facts(target): what its settings say
    provision    embedded(...) or configured(...) -> Provision: its own databases, Redis, bucket
    release      Release: one copy of the project, migrated, with a user
                   .prepare(*commands) .pages() .replica(name, served, naive=, environment=)
                   .limitations: what could not be isolated, for the report
    servers      gthread sync gevent asgi uvicorn-worker uvicorn granian uwsgi
    replicas     Replica: name url address process machine; start wait ready answers restart
    isolation    Machine: a replica's own file system, HOME and TMPDIR

Who sends requests to it::

    balancers    balancer(supervisor, replicas, name): haproxy nginx own kubernetes
                   .start() .stop() .url .up() .take_out(replica) .put_back(replica)
    watch        Watch: a context that collects StateChanges
    load.plan    Plan, Step, standard(pages), from_toml(file): what is sent, how often
    load.generator  Load: .start() .samples() .wait() .stop(); it never repeats a request
    rolling      restart(replicas, balancer, clock) -> FaultSpan
    counted      executed(release.directory) -> Counter: POSTs that reached a view, by the server
    recording    Recording: what came of it, and its arithmetic
    clock        Clock: one zero for all of it

``inside`` alone runs in the project's own processes: the overlay of its settings, and addresses
below ``/.drill/`` by which any project can be asked for its sessions, files, cache and database.

What stands below: ``supervisor`` starts processes and ends all of them, ``services`` are what a
project needs (PostgreSQL, Valkey, S3, PgBouncer), ``project`` is what else runs of it (commands,
workers, beats), ``browser`` is who uses it.
"""
