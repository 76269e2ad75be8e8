"""Real services on loopback, each in a directory that goes with the run.

PostgreSQL, Valkey and rclone (for S3) come as wheels of the extra ``drill``; PgBouncer is used
where it is installed. Their programs are run directly instead of through the wheels' own Python
servers: a drill has to freeze, kill and restart a service on the same port and data, and has to end
it even if the drill itself is killed.
"""
