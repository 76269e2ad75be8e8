"""The rules, listed by hand: what is not here does not run."""

from __future__ import annotations

from django_scaleready.checks.base import Rule
from django_scaleready.checks.code import notes
from django_scaleready.checks.rules import (
    beat_schedule_file,
    cache_local,
    celery_broker_local,
    celery_eager,
    celery_max_tasks,
    celery_no_time_limit,
    celery_results_local,
    celery_visibility,
    channels_local,
    conn_max_age,
    conn_timeout,
    constance_memory,
    crontab_host,
    db_sqlite,
    debug,
    email_local,
    email_no_timeout,
    file_write,
    haystack_local,
    http_no_timeout,
    huey_local,
    ladder,
    ladder_overruled,
    log_file,
    log_no_stdout,
    maintenance_mode_file,
    media_extra,
    media_local,
    process_dict_cache,
    q_cluster,
    runserver_deployed,
    secret_random,
    server_side_cursors,
    session_local,
    setting_differs,
    startup_io,
    tasks_immediate,
)

# In the order of their numbers.
RULES: tuple[Rule, ...] = (
    db_sqlite.RULE,
    cache_local.RULE,
    session_local.RULE,
    media_local.RULE,
    media_extra.RULE,
    log_file.RULE,
    log_no_stdout.RULE,
    email_local.RULE,
    email_no_timeout.RULE,
    secret_random.RULE,
    conn_max_age.RULE,
    conn_timeout.RULE,
    server_side_cursors.RULE,
    debug.RULE,
    tasks_immediate.RULE,
    channels_local.RULE,
    haystack_local.RULE,
    constance_memory.RULE,
    maintenance_mode_file.RULE,
    huey_local.RULE,
    q_cluster.RULE,
    crontab_host.RULE,
    file_write.RULE,
    process_dict_cache.RULE,
    startup_io.RULE,
    http_no_timeout.RULE,
    beat_schedule_file.RULE,
    celery_broker_local.RULE,
    celery_results_local.RULE,
    celery_eager.RULE,
    celery_no_time_limit.RULE,
    celery_max_tasks.RULE,
    celery_visibility.RULE,
    runserver_deployed.RULE,
    setting_differs.RULE,
    ladder.RULE,
    ladder_overruled.RULE,
)

# What is noted in each file of source: for several rules, then for each.
COLLECTORS = (
    *notes.COLLECTORS,
    *((rule.slug, rule.collect) for rule in RULES if rule.collect is not None),
)

# Ids of rules that are gone. An id in somebody's SILENCED_SYSTEM_CHECKS must never come to mean
# something else. W000 is "could not be decided", W900 the app's own check of MIDDLEWARE.
RETIRED: frozenset[str] = frozenset()
RESERVED: frozenset[str] = frozenset({"scaleready.W000", "scaleready.W900"})
