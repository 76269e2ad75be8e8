"""N replicas of a project on real services, from outside: processes, sockets, signals.

Composed of small pieces; each stands in a module of its own. Needs the extra ``drill``.

What is run::

    target.Target(directory, settings, wsgi, asgi, python, environment)   the user's project, as it is
    target.facts(target) -> Facts                 what its settings say, read in a process of its own
    provision.Provision(supervisor, target, facts, ...)  its own database, Redis and bucket, dropped after
    release.Release(supervisor, target, provision)       one copy, migrated, with a user; replicas are
        .prepare()                                        copies of it
        .replica(name, server, naive=False, environment={}) -> Replica      not started
        .limitations: list[str]                           what could not be isolated, for the report
    servers.SERVERS: gthread sync gevent asgi uvicorn-worker uwsgi uvicorn   how a replica is served
    replicas.Replica: name url address process; start() wait() answers(path) ready()
    isolation.Machine                                     a replica's own file system, HOME, TMPDIR

Who sends requests to it::

    balancers.HAProxy / Nginx / Own / Kubernetes (supervisor, replicas, ...)
        .start() .stop() .url
        .take_out(replica) .put_back(replica)             nothing, unless the procedure asks for it
        .up() -> frozenset[str]                           the replicas that get requests, by name
    balancers.best(supervisor, replicas)                  the first of them that is installed
    watch.Watch(clock, replicas, balancer)                a thread: StateChanges while it is open
    load.Plan, load.Step                                  what is sent, how often (plain data, or TOML)
    load.Load(supervisor, plan, url, clock)               a process of its own
        .start() .samples() .stop() -> list[Sample]       it never repeats a request
    recording.Recording                                   what came of it, and its arithmetic
    counted.executed(directory) -> Counter[id]            POSTs that reached a view, by the server
    rolling.restart(replicas, balancer, clock) -> FaultSpan
    clock.Clock: .now()                                   seconds since the recording began

What stands below: ``supervisor`` starts processes and ends all of them, ``services`` are what a
project needs (PostgreSQL, Valkey, S3, PgBouncer), ``project`` is what else runs of it (commands,
workers, beats), ``browser`` is who uses it. ``inside`` alone runs in the project's own processes.
"""
