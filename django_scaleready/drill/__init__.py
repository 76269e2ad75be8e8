"""N replicas of a project on real services, from outside: processes, sockets, signals.

Composed of small pieces. ``supervisor`` starts processes and ends all of them, ``services`` are
what a project needs (PostgreSQL, Valkey, S3, PgBouncer), ``project`` is what runs of it (replicas,
workers, beats), ``browser`` is who uses it, ``scorecard`` is what came of it. Needs the extra
``drill``.
"""
