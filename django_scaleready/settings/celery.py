"""All replicas share one queue and one schedule; a worker or a beat may die at any moment.

Reads CELERY_BROKER_URL, CELERY_RESULT_BACKEND, CELERY_REDBEAT_REDIS_URL, REDIS_URL, REDIS_CA_FILE,
CELERY_BROKER_CA_FILE, CELERY_SOCKET_TIMEOUT, CELERY_TASK_TIME_LIMIT, CELERY_VISIBILITY_TIMEOUT,
CELERY_WORKER_CONCURRENCY, CELERY_WORKER_MAX_TASKS_PER_CHILD, CELERY_WORKER_MAX_MEMORY_PER_CHILD,
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT, CELERY_REDBEAT_LOCK_TIMEOUT, SCALEREADY_ROLE, and of the ladder
SCALEREADY_TASK_HARD_LIMIT, _TASK_SOFT_LIMIT, _VISIBILITY_TIMEOUT, _WORKER_SHUTDOWN, _GRACE_PERIOD.
Sets the CELERY_ names in __all__, for ``app.config_from_object("django.conf:settings",
namespace="CELERY")``.

Celery itself reads CELERY_BROKER_URL and CELERY_RESULT_BACKEND from the environment, before any
assignment in the settings.
"""

from __future__ import annotations

from ssl import CERT_REQUIRED
from typing import Any

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from django_scaleready.budget import Ladder
from django_scaleready.declarations import from_environment
from django_scaleready.env import env

__all__ = [
    "CELERY_BEAT_MAX_LOOP_INTERVAL",
    "CELERY_BEAT_SCHEDULER",
    "CELERY_BROKER_CONNECTION_MAX_RETRIES",
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP",
    "CELERY_BROKER_CONNECTION_TIMEOUT",
    "CELERY_BROKER_POOL_ACQUIRE_TIMEOUT",
    "CELERY_BROKER_TRANSPORT_OPTIONS",
    "CELERY_BROKER_URL",
    "CELERY_BROKER_USE_SSL",
    "CELERY_REDBEAT_LOCK_TIMEOUT",
    "CELERY_REDBEAT_REDIS_OPTIONS",
    "CELERY_REDBEAT_REDIS_URL",
    "CELERY_REDBEAT_REDIS_USE_SSL",
    "CELERY_REDIS_BACKEND_USE_SSL",
    "CELERY_REDIS_RETRY_ON_TIMEOUT",
    "CELERY_REDIS_SOCKET_CONNECT_TIMEOUT",
    "CELERY_REDIS_SOCKET_KEEPALIVE",
    "CELERY_REDIS_SOCKET_TIMEOUT",
    "CELERY_RESULT_BACKEND",
    "CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS",
    "CELERY_TASK_ACKS_LATE",
    "CELERY_TASK_ALWAYS_EAGER",
    "CELERY_TASK_EAGER_PROPAGATES",
    "CELERY_TASK_PUBLISH_RETRY_POLICY",
    "CELERY_TASK_REJECT_ON_WORKER_LOST",
    "CELERY_TASK_RETRY_ON_WORKER_LOST",
    "CELERY_TASK_SOFT_TIME_LIMIT",
    "CELERY_TASK_TIME_LIMIT",
    "CELERY_WORKER_CONCURRENCY",
    "CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE",
    "CELERY_WORKER_MAX_MEMORY_PER_CHILD",
    "CELERY_WORKER_MAX_TASKS_PER_CHILD",
    "CELERY_WORKER_PREFETCH_MULTIPLIER",
    "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT",
]

# A queue in memory is one per process: allowed in development alone.
_broker: str = env.redis(
    "CELERY_BROKER_URL",
    shift=2,
    also=("amqp", "amqps") if env.production else ("amqp", "amqps", "memory"),
)
CELERY_BROKER_URL: str = _broker or "memory://"
_on_redis: bool = _broker.startswith("redis")

# In development without a broker tasks run where they are called, and their errors are seen there.
CELERY_TASK_ALWAYS_EAGER: bool = not _broker
CELERY_TASK_EAGER_PROPAGATES = True

# -- Time: how long a task may take, and when it counts as lost --

_ladder: Ladder = from_environment()

# A task that hangs holds its child for ever. The soft limit, an exception, lets it clean up.
CELERY_TASK_TIME_LIMIT: int = _ladder.task_hard_limit
CELERY_TASK_SOFT_TIME_LIMIT: int = _ladder.task_soft_limit

# After so long Redis gives an unfinished task to another worker. Shorter than the longest task, it
# runs twice at once (measured); shorter than a countdown or ETA, each worker gets a copy. The other
# way round, it is how long the tasks of a killed worker are away: lower it if no ETA needs it.
_visibility: int = env.whole(
    "CELERY_VISIBILITY_TIMEOUT", _ladder.visibility_timeout, minimum=_ladder.task_hard_limit + 1
)

# -- The worker --

# By default the node's CPUs count and not the container's: 64 children in a pod that may use one.
CELERY_WORKER_CONCURRENCY: int | str = (
    env.whole("CELERY_WORKER_CONCURRENCY", 0, minimum=1) or "auto"
)

# A leak grows until the kernel kills the container, with all tasks in it. 400 worked for a team
# that had such a leak. With the prefork pool alone; the others ignore both.
CELERY_WORKER_MAX_TASKS_PER_CHILD: int = env.whole(
    "CELERY_WORKER_MAX_TASKS_PER_CHILD", 400, minimum=1
)

# KiB. The same for a task that takes all at once: its child ends after it.
CELERY_WORKER_MAX_MEMORY_PER_CHILD: int = env.whole(
    "CELERY_WORKER_MAX_MEMORY_PER_CHILD", 512 * 1024, minimum=1
)

# A worker that is killed loses what it has acknowledged; late, the task is given to another. So
# tasks must bear to run twice.
CELERY_TASK_ACKS_LATE = True

# Late acknowledgement alone counts a child that was killed (out of memory) as a failure, and the
# task is gone. Requeued as it is, a task that kills its child would do so for ever: sent as a
# retry, it ends after the task's max_retries. Requeued if that cannot be sent.
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True

# With more, one worker holds short tasks behind a long one while the next replica is idle.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

# Seconds between a cold shutdown's signal and the end of the tasks, which are then requeued:
# started with REMAP_SIGTERM=SIGQUIT in the real environment, a worker ends within the 30 s that an
# orchestrator gives. On idle too, or tasks that wait for their ETA are left until they time out.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT: float = _ladder.worker_shutdown
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True

# -- The broker --

# Time-outs bound each step of a call to a server that accepts and never answers.
_timeout: float = env.seconds("CELERY_SOCKET_TIMEOUT", 1.0, minimum=0.1)

# redis:// and rediss:// differ by their verification; kombu's default for rediss:// is none.
_redis_tls: dict[str, Any] = {
    "ssl_cert_reqs": CERT_REQUIRED,
    "ssl_check_hostname": True,
    "ssl_ca_certs": env.file("REDIS_CA_FILE") or None,
}
CELERY_BROKER_USE_SSL: dict[str, Any] | None = (
    _redis_tls
    if _broker.startswith("rediss:")
    else {
        "context": {"cafile": env.file("CELERY_BROKER_CA_FILE") or None, "check_hostname": True},
        "server_hostname": None,  # kombu takes the URL's
    }
    if _broker.startswith("amqps:")
    else None
)

CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "visibility_timeout": _visibility,
        # Tasks of a killed worker came back 68 s after the visibility timeout; looked for by each
        # worker every 5 s, after it (measured: 88 s and 18 s, with one of 20 s).
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # A worker killed while it looks must not keep the others from it for 5 minutes.
        "unacked_mutex_expire": 30,
        "socket_timeout": _timeout,
        "socket_connect_timeout": _timeout,
        "socket_keepalive": True,
        # Of the connection as such; without them kombu tries for ever.
        "max_retries": 1,
        "interval_start": 0,
    }
    if _on_redis
    else {
        # Without confirms a message that RabbitMQ did not take is lost in silence. How long a task
        # may be unacknowledged is the server's consumer_timeout there, 30 minutes by default.
        "confirm_publish": True,
        "read_timeout": _timeout,
        "write_timeout": _timeout,
        "max_retries": 1,
        "interval_start": 0,
    }
    if _broker.startswith("amqp")
    else {}
)
CELERY_BROKER_CONNECTION_TIMEOUT: float = _timeout

# A task that is sent from a request: one more try, for the connection that a restart of the broker
# broke. By default .delay() held the request for more than 25 s (measured).
CELERY_TASK_PUBLISH_RETRY_POLICY: dict[str, Any] = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
# The others wait for a connection of the pool while the broker hangs: not for ever.
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT: float = 2 * _timeout

# A worker that starts before its broker waits for it, and for as long as it takes after an outage:
# by default it ends after 100 tries, and beat too.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None

# -- Results --

# None unless asked for: .delay() subscribes to the result before it sends the task, so each request
# that sends one would depend on a further server. Who reads a result without one gets an error.
_results: str = env.text("CELERY_RESULT_BACKEND", "")
CELERY_RESULT_BACKEND: str | None = (
    env.redis("CELERY_RESULT_BACKEND", shift=3) if _results.startswith("redis") else _results
) or None
CELERY_REDIS_BACKEND_USE_SSL: dict[str, Any] | None = (
    _redis_tls if _results.startswith("rediss:") else None
)

# A hung server holds the request then: 120 s for each step by default, 3 s in all with these
# (measured).
CELERY_REDIS_SOCKET_TIMEOUT: float = _timeout
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT: float = _timeout
CELERY_REDIS_SOCKET_KEEPALIVE = True
CELERY_REDIS_RETRY_ON_TIMEOUT = False
# A request gives up at once; a worker that has a result to store tries for about 20 s.
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS: dict[str, Any] = (
    {} if env.role() == "worker" else {"retry_policy": {"max_retries": 1}}
)

# -- Beat --

# The schedule in a file is one per replica: each beat fires everything, or none knows when it last
# did. This one keeps it in Redis under a lock, and outlives Redis.
CELERY_BEAT_SCHEDULER = "django_scaleready.celery.scheduler.Scheduler"
CELERY_REDBEAT_REDIS_URL: str = env.redis("CELERY_REDBEAT_REDIS_URL", shift=4)
CELERY_REDBEAT_REDIS_USE_SSL: dict[str, Any] | None = (
    _redis_tls if CELERY_REDBEAT_REDIS_URL.startswith("rediss:") else None
)
CELERY_REDBEAT_REDIS_OPTIONS: dict[str, Any] = {
    "socket_timeout": _timeout,
    "socket_connect_timeout": _timeout,
    "socket_keepalive": True,
    "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
}

# Seconds until a beat that was killed is replaced, and how often the leader says that it lives.
# By default 1500 and 300. Five times the interval, so that a slow tick does not cost the lead.
CELERY_REDBEAT_LOCK_TIMEOUT: int = env.whole("CELERY_REDBEAT_LOCK_TIMEOUT", 10, minimum=2)
CELERY_BEAT_MAX_LOOP_INTERVAL: float = CELERY_REDBEAT_LOCK_TIMEOUT / 5
