"""``gunicorn -c python:django_scaleready.gunicorn mysite.wsgi``: a replica's web server.

Reads WEB_CONCURRENCY, GUNICORN_THREADS, GUNICORN_MAX_REQUESTS, LOG_LEVEL, LOG_FORMAT, and the
ladder's SCALEREADY_DRAIN, GUNICORN_KEEPALIVE, GUNICORN_TIMEOUT, GUNICORN_GRACEFUL_TIMEOUT and what
they follow from.

PORT, FORWARDED_ALLOW_IPS, GUNICORN_CMD_ARGS and the command line are gunicorn's own; the latter two
win over what stands here. Only ``--access-logfile``, ``--error-logfile`` and ``--access-logformat``
have no effect: all of it goes to stdout. ``reuse_port`` stays off: with recycling it lost 1,298 of
10,641 requests (measured, gthread), the shared listener none.
"""

from __future__ import annotations

import os

from celery.utils.sysinfo import cpu_budget  # type: ignore[attr-defined]  # newer than its stubs

from django_scaleready.arbiter import late
from django_scaleready.arbiter.hooks import (  # noqa: F401 - gunicorn finds them here
    LADDER,
    child_exit,
    on_exit,
    on_starting,
    post_fork,
    post_worker_init,
    pre_fork,
    pre_request,
    when_ready,
)
from django_scaleready.env import env
from django_scaleready.settings.logging import LOGGING

# Not the cores of the host: the quota and affinity of the container.
workers = env.whole("WEB_CONCURRENCY", cpu_budget().count, minimum=1)

# A request that waits for the database must not hold the whole process. Each thread may keep a
# database connection: replicas x workers x threads of them.
worker_class = "gthread"
threads = env.whole("GUNICORN_THREADS", late.THREADS, minimum=1)

# What leaks, leaks until the process ends. The workers take turns; the jitter spreads them.
max_requests = env.whole("GUNICORN_MAX_REQUESTS", 1000)
max_requests_jitter = max_requests // 5

# The heartbeat of a worker is a file; on a disk that stalls, healthy workers are killed.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory

# A socket in the home directory that two replicas on one machine, or none with a read-only file
# system, could create.
control_socket_disable = True

# Seconds. Shorter than the balancer's own idle time-out, a connection is closed while the balancer
# sends the next request on it: a 502.
keepalive = LADDER.keepalive

# Seconds that a worker may be silent. A sync worker is, for as long as a request takes.
timeout = LADDER.worker_timeout

# Seconds for requests in flight, after the drain. The grace period has to hold both.
graceful_timeout = LADDER.graceful_timeout

# One format for master, workers and access log. The dictionary alone switches the access log on.
logconfig_dict = LOGGING
loglevel = str(LOGGING["root"]["level"]).lower()
