"""Which programs a script starts, by what is known of its arguments and its environment."""

from __future__ import annotations

import pytest

from django_scaleready.checks.deployment.shell.script import Step, parse
from django_scaleready.checks.deployment.shell.walk import Walker
from django_scaleready.checks.deployment.shell.words import Values


def steps(text: str, *arguments: str, **environment: str | None) -> list[Step]:
    walker = Walker(Values.of(environment, arguments, "start.sh"), lambda _: None)
    walker.walk(parse("start.sh", text))
    return walker.steps


def started(text: str, *arguments: str, **environment: str | None) -> list[str]:
    return [" ".join(step.words) for step in steps(text, *arguments, **environment)]


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ('[ "$X" = yes ]', False),
        ('[ "$X" != yes ]', True),
        ('[ -z "$X" ]', True),
        ('[ -n "$X" ]', False),
        ('[ ! -n "$X" ]', True),
        ('! [ -n "$X" ]', True),
        ('[ "${X:-yes}" = yes ]', True),
        ('[ "${X:-}" ]', False),
        ("[[ $X == yes || -z $X ]]", True),
        ("[[ -n $X && $A == 1 ]]", False),
        ('[ -z "$X" ] && [ "$A" = 1 ]', True),
        ("[ $# -eq 2 ]", True),
        ("[ $# -gt 2 ]", False),
        ("[[ $1 = w* ]]", True),
        ('test "$A" = 1', True),
        ('test -z "$A"', False),
        ("true", True),
        ("false", False),
        ('[ "$A" = 1 -o "$A" = 2 ]', True),
        ('[ "$A" = 2 -a "$A" = 1 -o "$A" = 1 ]', True),
        ('[ ! -z "$A" -a "$A" = 2 ]', False),
        ('[ "x$X" = "x" ]', True),
        ('[ "${B,,}" = web ]', True),
        ('[ "${B^^}" = web ]', False),
        ('[[ "$1" = "web" || -z "$1" ]]', True),
        ('[[ "$1" = "api" || -z "$1" ]]', False),
        ('[[ "$1" = "api" && -n "$X" || "$1" == "web" ]]', True),
        ('[[ "$1" = "web" || "$A" = "1" && -n "$X" ]]', True),
        ('[[ "$1" = "api" || "$A" = "1" && -n "$X" ]]', False),
        ('[[ "$1" != "web" && -z "$X" ]]', False),
        ('[[ ( "$1" = "web" || -n "$X" ) && "$A" = "2" ]]', False),
        ('[ "$1" = web ] || [ "$A" = 1 ] && [ "$A" = 2 ]', False),
    ],
)
def test_a_condition_that_can_be_decided(condition: str, runs: bool) -> None:
    text = f"if {condition}; then yes; else no; fi"
    (step,) = steps(text, "web", "80", A="1", B="Web")
    assert step.words == ("yes" if runs else "no",)
    assert step.sure


@pytest.mark.parametrize(
    "condition",
    [
        "[ -f /etc/x ]",
        "nc -z db 5432",
        '[ "$SECRET" = x ]',
        '[ "$(hostname)" = a ]',
        "[[ $HOSTNAME =~ web ]]",
        '[[ "$SECRET" = "x" || -n "$X" ]]',
        '[[ "$HOME" = "/" && "$1" = "" ]]',
        '[ "$HOME" = / ]',
    ],
)
def test_one_that_only_running_decides(condition: str) -> None:
    found = steps(f"if {condition}; then yes; else no; fi; after", SECRET=None)
    assert [(s.words[0], s.sure) for s in found if s.words[0] != "nc"] == [
        ("yes", False),
        ("no", False),
        ("after", True),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a; b && c", ["a", "b", "c"]),
        ("a || exit 1; b", ["a", "b"]),
        ("exec a; b", ["a"]),
        ("exit 0; a", []),
        ('if [ -z "$KEY" ]; then echo "Missing KEY" >&2; exit 1; fi; a', ["a"]),
        ('[ -z "$KEY" ] && { echo "Missing KEY"; exit 1; }\na', ["a"]),
        ('[[ -n "$KEY" ]] || exit 2\na', ["a"]),
        ('if [ -z "$KEY" ]; then exit 0; fi; a', []),
        ('if [ -z "$KEY" ]; then b; exit 1; fi; a', ["b"]),
        ('if [ -z "$KEY" ]; then exec b; fi; a', ["b"]),
        ('if [ "$1" = web ]; then exec a; fi; b', ["a"]),
        ('if [ "$1" = other ]; then exec a; fi; b', ["b"]),
        ("if x; then exec a; else exec b; fi; c", ["x", "a", "b"]),
        ('case "$1" in\nweb|start) a;;\n*) b;;\nesac', ["a"]),
        ('case "$2" in\nweb) a;;\n*) b;;\nesac', ["b"]),
        ("f() { a; }\nf", ["a"]),
        ("f() { exec a $1; }\nf x\nb", ["a x"]),
        ("f() { f; }\nf", ["f"]),
        ("function main { $@; }\nmain a b", ["a b"]),
        ("set -- a b; exec $@", ["a b"]),
        ('shift; exec "$@"', ["80"]),
        ('exec a "$@" b', ["a web 80 b"]),
        ("A=x B=y a", ["a"]),
        ('exec a "${@:2}"', ["a 80"]),
        ('exec a "${@:1:1}" b', ["a web b"]),
        ('exec a "${@:3}"', ["a"]),
        ("A=${@:1}; b $A", ["b web 80"]),
        ('A="c ${*:2}"; bash -c "b && $A"', ["bash -c b && c 80"]),
        ('A=(b c d); exec a "${A[@]:1}"', ["a c d"]),
        ('A=b; N=1; exec a "${A:1}"', ["a ${A:1}"]),
        ('A=(b "$1")\nA+=("--c d")\na "${A[@]}" e', ["a b web --c d e"]),
        ("A=(b c); a ${A[*]} ${B[@]}", ["a b c"]),
        ('A=(\n  b  # what it is\n  c\n)\na "${A[@]}"', ["a b c"]),
        ('A=(b); if [ "$1" = web ]; then A+=(c); fi; a "${A[@]}"', ["a b c"]),
        ('A=(b); if [ -f /etc/x ]; then A+=(c); fi; a "${A[@]}"', ["a b"]),
        ("A=x; A+=y; a $A", ["a xy"]),
        ("A=x; a $A ${B:-y} '$A' \"${A}z\"", ["a x y $A xz"]),
        ('A="a b"; $A c', ["a b c"]),
        (': "${A:=x}"; a $A', ["a x"]),
        ("export A=x; a $A", ["a x"]),
        ("a $PORT ${PORT} ${PORT:-80}", ["a $PORT $PORT 80"]),
        ("A=$(date); a $A", ["a $A"]),
        ("a \\\n  b", ["a b"]),
        ("cat <<EOF\na\nEOF\nb", ["cat", "b"]),
        ("(a); { b; }", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("for i in 1 2; do a $i; done", ["a $i"]),
        ("exec 9> lock; a", ["a"]),
        ("echo a; cd x; a", ["a"]),
        ("while ! nc -z db 1; do sleep 1; done; a", ["nc -z db 1", "a"]),
        ("while !</dev/tcp/db/5432; do sleep 1; done; a", ["a"]),
        ("", []),
        ('A="x y"; B="$A $A"; $B', ["x y x y"]),
        ("PY=$(which python3 || which python); $PY m.py", ["python3 m.py"]),
        ("$(command -v python3 2>/dev/null || echo python) m.py", ["python3 m.py"]),
        ('R=$(pwd); M="python $R/manage.py"; $M migrate', ["python $R/manage.py migrate"]),
        ("X=$(date); a $X", ["a $X"]),
    ],
)
def test_the_way_that_is_taken(text: str, expected: list[str]) -> None:
    assert started(text, "web", "80") == expected


def test_the_end_of_a_pipe_writes_its_output() -> None:
    first, last = steps("a | b > /log")
    assert (first.output, last.output) == ("", "/log")


def test_what_is_around_a_program() -> None:
    text = "trap 'kill 0' TERM\na &\nexec b > /log\nwhile true; do c; done"
    background, replaced = steps(text)
    assert not background.waits
    assert background.handled
    assert replaced.execs
    assert (replaced.line, replaced.output) == (3, "/log")
    (looped,) = steps("while :; do c; sleep 5; done")
    assert looped.repeated


def test_the_body_of_an_endless_loop_runs() -> None:
    assert [(s.words, s.sure) for s in steps("while true; do a; if x; then b; fi; done")] == [
        (("a",), True),
        (("x",), True),
        (("b",), False),
    ]
    assert [step.sure for step in steps("while x; do a; done")] == [True, False]


def test_where_a_script_has_gone() -> None:
    text = "a; cd /app; (cd src; b); c; cd src && d"
    assert [step.folder for step in steps(text)] == ["", "/app/src", "/app", "/app/src"]


def test_a_loop_over_the_arguments_ends() -> None:
    assert [step.repeated for step in steps("while [ $# -gt 0 ]; do c; shift; done", "web")] == [
        False
    ]


def test_a_value_set_on_one_way_is_not_known_after() -> None:
    text = 'A=1; if x; then A=2; fi; if [ "$A" = 1 ]; then a; fi'
    assert [(s.words, s.sure) for s in steps(text)] == [(("x",), True), (("a",), False)]


def test_sourced_scripts_are_part_of_it() -> None:
    lib = parse("lib.sh", "up() {\n  a\n}\n")
    walker = Walker(Values(), lambda path: lib if path == "./lib.sh" else None)
    walker.walk(parse("start.sh", ". ./lib.sh\nup\n"))
    assert [step.words for step in walker.steps] == [("a",)]


def test_a_function_of_a_sourced_script_runs_where_it_stands() -> None:
    lib = parse("lib.sh", "\nup() {\n  a\n}\n")
    walker = Walker(Values(), lambda path: lib if path == "./lib.sh" else None)
    walker.walk(parse("start.sh", ". ./lib.sh\nup\nb\n"))
    assert [(s.path, s.line) for s in walker.steps] == [("lib.sh", 3), ("start.sh", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "if",
        "((((",
        "case x in",
        '"',
        "a <<EOF",
        "\x00",
        "f() {",
        "${",
        "$(",
        "`",
        "; ; ;",
        "é \ud7ff",
    ],
)
def test_what_is_no_shell_ends_without_an_error(text: str) -> None:
    assert isinstance(started(text), list)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('eval "gunicorn shop.wsgi"', ["gunicorn shop.wsgi"]),
        ("run='celery -A shop worker'\neval $run", ["celery -A shop worker"]),
        (
            "a='celery -A shop worker &'\na+=$'\\n'\na+='celery -A shop beat &'\neval \"$a\"",
            ["celery -A shop worker", "celery -A shop beat"],
        ),
        (
            'all="celery -A shop worker -c $MANY &"\nall+="$(more $x)"\neval "$all"\nwait',
            ["celery -A shop worker -c $MANY"],
        ),
        ('f() { celery -A shop "$1"; }\neval "f beat"', ["celery -A shop beat"]),
        ("eval 'exec gunicorn a'\ncelery", ["gunicorn a"]),
        # What it runs shows only when it is.
        ('eval "$(ssh-agent)"', []),
        ('eval "$(ssh-agent -s)"\ngunicorn a', ["gunicorn a"]),
        ("x=$(cat line)\neval $x\ngunicorn a", ["gunicorn a"]),
        ("eval\ngunicorn a", ["gunicorn a"]),
        ("eval 'eval \"eval gunicorn\"'", ["gunicorn"]),
        ('x=\'eval "$x"\'\neval "$x"', []),
    ],
)
def test_what_a_script_has_put_together(text: str, expected: list[str]) -> None:
    assert started(text, MANY=None) == expected


def test_what_a_script_has_put_together_stands_where_it_is_run() -> None:
    text = "set -e\nall='gunicorn a &\ncelery b &'\neval \"$all\"\nwait\n"
    assert [(step.line, step.waits, step.sure) for step in steps(text)] == [
        (4, False, True),
        (4, False, True),
    ]
    (one,) = steps('if maybe; then eval "gunicorn a"; fi', A="1")[1:]
    assert not one.sure
