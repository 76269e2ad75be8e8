"""A program that a deploy file starts, and what one may ask about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import PurePath

from django_scaleready.checks.base import Location

# They run another program in their own place, or wait for it and pass signals on.
WRAPPERS = frozenset(
    [
        *("env", "exec", "gosu", "su-exec", "sudo", "su", "runuser", "setpriv", "chpst", "nohup"),
        *("nice", "ionice", "time", "timeout", "stdbuf", "setsid", "flock", "command", "xargs"),
        *("s6-setuidgid", "s6-setlock", "s6-softlimit", "s6-envdir", "s6-notifyoncheck"),
        *("with-contenv", "catatonit", "setuidgid", "softlimit", "envdir", "fixuid"),
        *("numactl", "taskset", "chrt", "prlimit", "unshare", "authbind", "unbuffer", "eatmydata"),
        *("scl", "catchsegv", "strace", "valgrind", "xvfb-run", "memray", "py-spy", "pyinstrument"),
        *("tini", "tini-static", "dumb-init", "docker-init", "pid1", "my_init"),
        *("uv", "uvx", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "conda", "micromamba"),
        *("watchmedo", "cross-env", "dotenv", "dotenvx"),
        *("python", "coverage", "newrelic-admin", "ddtrace-run", "opentelemetry-instrument"),
        *("doppler", "chamber", "aws-vault", "infisical", "op", "envconsul", "dockerize"),
        *("aws-env", "ssm-env", "ssm-parent", "vault-env", "berglas", "teller", "summon"),
        *("mise", "direnv"),
        # Buildpacks put them into bin/.
        *(
            "start-nginx",
            "start-nginx-solo",
            "start-nginx-debug",
            "start-pgbouncer",
            "start-stunnel",
        ),
        *("start-pgbouncer-stunnel", "qgsocksify"),
        *("wait-for-it", "wait-for", "wait4ports", "start-stop-daemon", "jemalloc.sh"),
    ]
)
# What follows them is a user.
AS_USER = frozenset({"gosu", "su-exec", "s6-setuidgid", "setuidgid"})
# They have a shell run what follows.
_LINE_OPTIONS = {
    "su": ("-c", "--command"),
    "runuser": ("-c", "--command"),
    "doppler": ("--command",),
}
# They wait for it, and two seconds after they have passed SIGTERM on they kill it.
IMPATIENT = frozenset({"su", "runuser"})
WAITS = re.compile(r"wait[-_]?for|wait-until|(^|[-_])wait(\.|$)")
# They start what is around them and pass every signal on to all of it.
GROUP_INITS = frozenset({"dumb-init", "my_init"})
INITS = frozenset({"tini", "tini-static", "docker-init", "catatonit", "pid1", *GROUP_INITS})
# They start what a Procfile lists.
MANAGERS = frozenset({"honcho", "foreman", "forego", "overmind", "hivemind", "goreman"})
# Each of its words is a line for the shell.
LINES = "multirun"
# Each of its words behind ::: is.
PARALLEL = "parallel"
# They start what lies in a folder.
FOLDER_SUPERVISORS = frozenset({"runsvdir", "runsvdir-start", "s6-svscan", "svscan", "svscanboot"})
SUPERVISORS = FOLDER_SUPERVISORS | {"supervisord"}
# They run a task of tasks.py.
TASK_RUNNERS = frozenset({"invoke", "inv"})
# Of the project's own: a library's server that its script runs.
EMBEDDED = "wsgi-server"
SERVERS = frozenset(
    [
        EMBEDDED,
        *("gunicorn", "uvicorn", "daphne", "hypercorn", "granian", "uwsgi", "uwsgi-core"),
        *("waitress-serve", "mod_wsgi-express", "unitd", "pyuwsgi", "chaussette", "gunicorn3"),
        *("apache2-foreground", "httpd-foreground"),
    ]
)
# They serve as long as they stay in the foreground; what else they are told is no server.
_APACHE = frozenset({"apache2", "apache2ctl", "apachectl", "httpd"})
DEVELOPMENT_SERVERS = frozenset({"runserver", "runserver_plus", "testserver", "runsslserver"})
MANAGE = frozenset({"manage.py", "manage", "django-admin", "django-admin.py"})
CRON = frozenset({"cron", "crond", "supercronic", "fcron", "yacron", "go-crond", "ofelia"})
HUEY = frozenset({"huey_consumer", "huey_consumer.py"})
# Of Django's ecosystem: they take work from a queue.
WORKER_COMMANDS = frozenset(
    [
        *("celery_worker", "rqworker", "rqworker-pool", "run_huey", "djangohuey", "qcluster"),
        *("db_worker", "rundramatiq", "process_tasks", "procrastinate", "runworker"),
    ]
)
# They start work by the clock; run_huey has the crontab of its periodic tasks with it.
CLOCK_COMMANDS = frozenset(
    [
        *("celerybeat", "celery_beat", "rqscheduler", "run_huey", "runapscheduler"),
        *("schedule_jobs", "crontab", "cronloop", "runcrons", "run_scheduler", "scheduler"),
    ]
)
_INI = frozenset({"--ini", "--ini-paste"})
# They put what is started into the background themselves: any program, and by names of its own.
_DETACHED = frozenset({"--daemon", "--detach"})
_DETACHES = {
    "gunicorn": frozenset({"-D"}),
    "uwsgi": frozenset({"-d", "--daemonize", "--daemonize2"}),
}
# They put a file, or a link to one, somewhere.
_PUTS = frozenset({"cp", "install", "ln", "mv"})
# What modules are by another name: python -m django.
_RUN_AS = {"django": "django-admin", "gunicorn.app.wsgiapp": "gunicorn"}
PYTHON = re.compile(r"(python|pypy)[\d.]*")
_VARIABLE = re.compile(r"(\$\w+|\$\{\w+\})+")
_SCRIPT_SUFFIXES = (".sh", ".bash")


@dataclass(frozen=True, slots=True)
class Command:
    """One program with its arguments, as it is started.

    ``name`` is its process's. ``alone``: it is the process that gets the signals, because nothing
    was before it or what was made room for it. ``awaited``: whoever started it waits for its end.
    ``sure``: it runs with what is known of the environment. ``repeated``: in a loop without an end.
    ``supervised``: by a supervisor, which passes signals on. ``below``: where the first shell
    stands that stays before it. ``cut``: where a script ends that has passed one on, before it has
    stopped. ``via``: where that is started. ``left_by``: who ends on SIGTERM before what it has
    started. ``own``: the project's own programs. ``folder``: where a script has gone.
    ``draws``: the variable that a script gives a random value here.
    """

    name: str
    words: tuple[str, ...]
    location: Location
    alone: bool = True
    awaited: bool = True
    sure: bool = True
    repeated: bool = False
    supervised: bool = False
    below: Location | None = None
    cut: Location | None = None
    output: str = ""
    via: tuple[Location, ...] = ()
    left_by: str = ""
    own: frozenset[str] = frozenset()
    folder: str = ""
    draws: str = ""

    @property
    def call(self) -> tuple[str, ...]:
        """The words from the program on that matters: without ``env``, ``gosu``, ``uv run``."""
        words = unwrapped(self.words, self.own)
        # The project's own program with uWSGI inside (pyuwsgi): NAME start --ini FILE.
        inside = words[1:2] == ("start",) and _INI.intersection(w.partition("=")[0] for w in words)
        return ("uwsgi", *words[2:]) if inside else words

    @property
    def program(self) -> str:
        """The name of that program, without its folder; "" if there is none."""
        return PurePath(self.call[0]).name if self.call else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words behind the program."""
        return self.call[1:]

    @property
    def management(self) -> str:
        """The subcommand of manage.py, django-admin or the project's own program; "" for others."""
        if self.program in MANAGE or self.program in self.own:
            return next((w for w in self.arguments if not w.startswith("-")), "")
        return ""

    @property
    def serves(self) -> bool:
        """Whether it answers requests."""
        if self.program in {"celery", "flower"}:
            return False
        if self.program in _APACHE:
            return any("FOREGROUND" in word for word in self.arguments)
        return self.program in SERVERS or self.management in DEVELOPMENT_SERVERS

    @property
    def works(self) -> bool:
        """Whether it takes tasks from a queue."""
        own = self.program in {"rq", "rqworker", "dramatiq", *HUEY}
        return own or self.runs_celery("worker") or self.management in WORKER_COMMANDS

    @property
    def schedules(self) -> bool:
        """Whether it starts work by the clock."""
        if self.program in CRON or self.runs_celery("beat") or self.embeds_beat:
            return True
        if self.program in {"service", "systemctl"}:
            return bool(CRON & {*self.arguments})
        if self.program in {"rqscheduler", *HUEY} or self.management in CLOCK_COMMANDS:
            return True
        own = bool(self.management) and self.management not in WORKER_COMMANDS
        return own and (self.repeated or "--loop" in self.arguments)

    @property
    def embeds_beat(self) -> bool:
        """Whether it is a Celery worker with a beat inside."""
        if not self.runs_celery("worker"):
            return False
        return any(w in {"-B", "--beat"} or _short(w, "B") for w in self.arguments)

    def runs_celery(self, subcommand: str) -> bool:
        """Whether it is that program of Celery's: worker, beat."""
        return self.program == "celery" and subcommand in self.arguments

    @property
    def detaches(self) -> bool:
        """Whether it puts itself into the background, so that nobody can wait for it."""
        own = _DETACHES.get(self.program, frozenset())
        return bool(_DETACHED.intersection(self.words)) or self.has_option(*own)

    def has_option(self, *names: str) -> bool:
        """Whether one of the options is given, as ``--x y``, ``--x=y`` or ``-xy``."""
        return self.option(*names) is not None

    def option(self, *names: str) -> str | None:
        """Return an option's value, "" if it stands last, None if it is not given."""
        return next(iter(self.options(*names)), None)

    def options(self, *names: str) -> Iterator[str]:
        """Yield the values of options that may be repeated."""
        words = self.arguments
        for index, word in enumerate(words):
            name, equals, value = word.partition("=")
            if name in names:
                yield value if equals else "".join(words[index + 1 : index + 2])
            elif word[:2] in names:
                yield word[2:]


def _short(word: str, letter: str) -> bool:
    """Whether a word is a cluster of short options with one of them, such as ``-lB``."""
    return word.startswith("-") and not word.startswith("--") and word.endswith(letter)


def is_wrapper(name: str) -> bool:
    """Whether a program runs another one that it is given."""
    plain = name.removesuffix(".sh").removesuffix(".py")
    return plain in WRAPPERS or bool(PYTHON.fullmatch(name) or WAITS.search(name))


def puts(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what a program copies, links or moves: what, and to where."""
    if words and PurePath(words[0]).name in _PUTS:
        names = [word for word in words[1:] if not word.startswith("-")]
        yield from ((source, names[-1]) for source in names[:-1])


def shell_line(words: tuple[str, ...]) -> str:
    """Return the line that a wrapper has a shell run: ``su shop -c LINE``; "" for none."""
    options = _LINE_OPTIONS.get(PurePath(words[0]).name, ())
    given = (value for option, value in pairwise(words) if option in options)
    joined = (w.partition("=")[2] for w in words if options and w.startswith("--command="))
    return next(given, "") or next(joined, "")


def is_known(name: str, own: frozenset[str]) -> bool:
    """Whether a program is one that the rules ask for."""
    others = {"celery", "rq", "dramatiq", "nginx", LINES, PARALLEL, *_APACHE}
    known = SUPERVISORS | TASK_RUNNERS | MANAGERS | SERVERS | MANAGE | CRON | HUEY | others
    return name in known or name in own or name.endswith(_SCRIPT_SUFFIXES)


def named(words: tuple[str, ...], own: frozenset[str]) -> tuple[str, ...]:
    """Return the words from the first program on, be it a wrapper.

    Without assignments, and without what a variable may put before a program: ``$TRACE gunicorn``.
    """
    while words and re.match(r"[A-Za-z_]\w*=", words[0]):
        words = words[1:]
    if len(words) > 1 and _VARIABLE.fullmatch(words[0]) and is_known(words[1], own):
        return words[1:]
    return words


@cache
def unwrapped(words: tuple[str, ...], own: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the words from the program on that matters."""
    words = named(words, own)
    if not words or not is_wrapper(PurePath(words[0]).name):
        return words
    first = 2 if PurePath(words[0]).name in AS_USER else 1
    python = False
    for index, word in enumerate(words[first:], first):
        name = PurePath(word).name
        python = python or bool(PYTHON.fullmatch(PurePath(words[index - 1]).name))
        module = words[index - 1] == "-m"
        # Python's own -u is no user.
        if words[index - 1] in {"-u", "--user"} and not python:
            continue
        if module and (word == "manage" or word.endswith(".manage")):
            return ("manage.py", *words[index + 1 :])
        if module and (ran := _RUN_AS.get(word) or ("django-admin" if word in own else "")):
            return (ran, *words[index + 1 :])
        if is_known(name, own) and (not is_wrapper(name) or module):
            return words[index:]
        if index + 1 < len(words) and word == "--" and not WAITS.search(words[index + 1]):
            return unwrapped(words[index + 1 :], own)
    return words
