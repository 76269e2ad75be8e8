"""YAML, ini files and Dockerfiles: every value with its line."""

from __future__ import annotations

import time

import pytest

from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats import dockerfile
from django_scaleready.checks.deployment.formats.ini_text import entries
from django_scaleready.checks.deployment.formats.yaml_text import documents


def test_yaml_with_lines_merges_and_several_documents() -> None:
    text = "a: &a\n  b: [x, y]\n  c: 1\n---\nd:\n  <<: {b: 2, c: 3}\n  c: 4\n"
    first, second = documents(text)
    assert [(item.text, item.line) for item in first.at("a", "b").items] == [("x", 2), ("y", 2)]
    assert (second.at("d", "c").text, second.at("d", "c").line) == ("4", 7)
    assert second.at("d", "b").number == 2
    assert not second.at("d", "nothing", "at", "all")


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\ta: 1", "a: 'x", "{{ x }}: [}", "a: *b"])
def test_what_is_not_yaml_says_where(text: str) -> None:
    with pytest.raises(ValueError, match=r"line \d+"):
        documents(text)


def test_tags_construct_nothing() -> None:
    (document,) = documents("a: !!python/object/apply:os.system [exit 1]\nb: !Ref x\n")
    assert document.at("b").text == "x"


def test_an_anchor_that_holds_itself_or_multiplies_ends() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
    )
    began = time.monotonic()
    assert documents(bomb)[0].at("a39").items
    assert documents("a: &a [*a]\n")[0].at("a").items
    assert time.monotonic() - began < 5


def test_ini_keeps_what_is_repeated_with_its_line() -> None:
    text = "[uwsgi]\n# x\nmap = a=b\nmap = c\nflag\n\n[other]\nlong = 1\n  2\n"
    found = [(e.section, e.key, e.value, e.line) for e in entries(text)]
    assert found == [
        ("uwsgi", "map", "a=b", 3),
        ("uwsgi", "map", "c", 4),
        ("uwsgi", "flag", "", 5),
        ("other", "long", "1\n2", 8),
    ]


def test_ini_joins_what_a_backslash_continues() -> None:
    (start, then) = entries("[Service]\nExecStart=a \\\n  b \\\n  c\nRestart=no\n")
    assert (start.value, start.line) == ("a b c", 2)
    assert (then.key, then.line) == ("Restart", 5)


@pytest.mark.parametrize("text", ["a = b\n", "[x\n", "= = =\n"])
def test_what_is_no_ini_file(text: str) -> None:
    with pytest.raises(ValueError, match=r"[Ll]ine|section"):
        entries(text)


def stages(text: str) -> list[dockerfile.Stage]:
    return dockerfile.stages(DeployFile("Dockerfile", Kind.DOCKERFILE, text))


@pytest.mark.parametrize(
    ("text", "started"),
    [
        ('FROM x\nCMD ["a", "b"]\n', ("a", "b")),
        ("FROM x\nCMD a b\n", ("/bin/sh", "-c", "a b")),
        ('FROM x\nSHELL ["/bin/bash", "-c"]\nCMD a\n', ("/bin/bash", "-c", "a")),
        ('FROM x\nENTRYPOINT ["e"]\nCMD ["a"]\n', ("e", "a")),
        ('FROM x\nENTRYPOINT e\nCMD ["a"]\n', ("/bin/sh", "-c", "e", "a")),
        ('FROM x AS b\nCMD ["a"]\nFROM b\n', ("a",)),
        ('FROM x AS b\nCMD ["a"]\nFROM b\nENTRYPOINT ["e"]\n', ("e",)),
        ('FROM x\nCMD ["a"]\nFROM y\n', ()),
        ("FROM x\nRUN <<EOF\nCMD wrong\nEOF\nCMD a\n", ("/bin/sh", "-c", "a")),
        ("FROM x\nCMD a \\\n  b\n", ("/bin/sh", "-c", "a   b")),
        ("CMD a\n", None),
        ("", None),
    ],
)
def test_what_an_image_starts(text: str, started: tuple[str, ...] | None) -> None:
    found = dockerfile.deployed(stages(text))
    assert (found and found.started) == started


def test_the_last_stage_that_is_not_for_development() -> None:
    found = stages("FROM x AS prod\nFROM prod AS dev\nFROM prod AS test\n")
    deployed = dockerfile.deployed(found)
    assert deployed is not None
    assert deployed.name == "prod"


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("WORKDIR /app\nCOPY . .", [(".", "/app/.")]),
        ("WORKDIR /app\nWORKDIR src\nCOPY shop ./shop\nWORKDIR /", [("shop", "/app/src/./shop")]),
        ("ARG HOME=/app\nWORKDIR $HOME\nCOPY . ${HOME}/x", [(".", "/app/x")]),
        ("ARG HOME=/app\nENV HOME=/srv\nCOPY . $HOME", [(".", "/srv")]),
        ("ENV HOME=/srv\nFROM x AS b\nCOPY . /app", [(".", "/app")]),
        # Where the base image works, or what is given when it is built, is not known.
        ("COPY . .", []),
        ("ARG HOME\nWORKDIR $HOME\nCOPY . .", []),
        ("WORKDIR /app\nCOPY --from=built /app /app", []),
    ],
)
def test_where_copies_are_placed(text: str, placed: list[tuple[str, str]]) -> None:
    assert list(stages(f"FROM x\n{text}\n")[-1].placed) == placed


def test_environment_copies_and_volumes() -> None:
    (stage,) = stages(
        'FROM x\nENV A=1 B="x y"\nENV C d e\nENV P=$A\nCOPY --chown=u a b /c/\n'
        'COPY --from=o x y\nVOLUME ["/d", "/e"]\nVOLUME /f\n'
    )
    assert stage.environment == {"A": "1", "B": "x y", "C": "d e", "P": None}
    assert stage.copies == (("a", "/c/"), ("b", "/c/"))
    assert [(path, place.line) for path, place in stage.volumes] == [
        ("/d", 7),
        ("/e", 7),
        ("/f", 8),
    ]
