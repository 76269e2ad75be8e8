"""Dockerfiles: the stages, and what a container of each starts."""

from __future__ import annotations

import io
import json
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from string import Template
from typing import Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import puts
from django_scaleready.checks.deployment.files import DeployFile, is_for_development, kind_of

_THEN = re.compile(r"&&|\|\||[;\n]")
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
# A folder of programs, or a file in one.
_PROGRAMS = re.compile(r"/s?bin(/[\w.-]*)?$")
# COPY <<EOF /start.sh, RUN cat <<EOF > /start.sh, RUN cat > /start.sh <<EOF
_TARGET = re.compile(
    r"\s*(?:(?:COPY|ADD)\s.*<<.*\s(\S+)\s*$"
    r"|RUN\s+cat\b(?:[^>]*<<[^>]*>\s*(\S+)|\s*>\s*(\S+)))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Form:
    """An ENTRYPOINT, CMD or HEALTHCHECK: its words, with the shell in front in shell form."""

    words: tuple[str, ...]
    location: Location
    in_shell: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a Dockerfile, with what it inherits from the stages before it.

    ``placed`` are the copies with absolute targets, as far as the file says where it works;
    ``linked`` is what it links, copies or moves within the image. ``listens``: it says on which
    port.
    """

    name: str
    location: Location
    base: str = ""
    entrypoint: Form | None = None
    command: Form | None = None
    health: Form | None = None
    environment: dict[str, str | None] = field(default_factory=dict)
    copies: tuple[tuple[str, str], ...] = ()
    placed: tuple[tuple[str, str], ...] = ()
    linked: tuple[tuple[str, str], ...] = ()
    arguments: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    volumes: tuple[tuple[str, Location], ...] = ()
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    run: tuple[str, ...] = ()
    stop_signal: str = ""
    signal_said_at: Location | None = None
    listens: bool = False

    @property
    def started(self) -> tuple[str, ...]:
        """What a container executes by default."""
        if self.entrypoint is None:
            return self.command.words if self.command else ()
        # A shell form ignores CMD, unless its line asks for $0 and $@.
        return (*self.entrypoint.words, *(self.command.words if self.command else ()))

    @property
    def started_at(self) -> Location:
        """Where that stands."""
        shell = self.entrypoint if self.entrypoint and self.entrypoint.in_shell else None
        form = shell or self.command or self.entrypoint
        return form.location if form else self.location


def stages(file: DeployFile) -> list[Stage]:
    """Return the stages of a Dockerfile in their order."""
    found: list[Stage] = []
    # What stands before the first stage is for the names of images.
    outer: dict[str, str] = {}
    for instruction, value, line in _instructions(file.text):
        place = Location(file.path, line)
        if instruction == "FROM":
            said = _given(value, outer)
            words = [word for word in said.split() if not word.startswith("--")]
            base = words[0] if words else ""
            name = words[2] if len(words) > 2 else ""  # noqa: PLR2004 - FROM base AS name
            parent = next((stage for stage in found if stage.name == base), Stage("", place))
            found.append(replace(parent, name=name, base=parent.base or base, location=place))
        elif found:
            found[-1] = _with(found[-1], instruction, value, place)
        elif instruction == "ARG":
            outer |= _argument(_given(value, outer))
    return found


def deployed(found: list[Stage]) -> Stage | None:
    """Return the stage that is built without a target, or the last that is not for development."""
    kept = [stage for stage in found if not is_for_development(stage.name)]
    return kept[-1] if kept else None


def programs(file: DeployFile, stage: Stage) -> Iterator[str]:
    """Yield what may be the paths of the files that an image has among its programs."""
    for source, target in stage.copies:
        if _PROGRAMS.search(target):
            for folder in (file.folder, ""):
                yield posixpath.normpath(posixpath.join(folder, source.lstrip("/")))


def _instructions(text: str) -> Iterator[tuple[str, str, int]]:
    from dockerfile_parse import DockerfileParser

    content = io.BytesIO(_without_heredocs(text).encode())
    parser = DockerfileParser(fileobj=content, env_replace=False)  # type: ignore[arg-type]  # its stub says str; it reads bytes
    for found in parser.structure:
        yield found["instruction"], (found["value"] or "").strip(), found["startline"] + 1


def _without_heredocs(text: str) -> str:
    """Blank out the bodies of heredocs, which the parser takes for instructions."""
    lines, until = [], ""
    for line in text.splitlines():
        if until:
            until = "" if line.strip() == until else until
            lines.append("")
            continue
        heredoc = _HEREDOC.search(line)
        if heredoc and re.match(r"\s*(RUN|COPY|ADD)\b", line, re.IGNORECASE):
            until = heredoc[1]
        lines.append(line)
    return "\n".join(lines) + "\n"


def written(file: DeployFile) -> Iterator[DeployFile]:
    """Yield the scripts and configurations that heredocs write, each line where it stands."""
    lines = file.text.splitlines()
    for number, line in enumerate(lines, 1):
        heredoc = _HEREDOC.search(line)
        target = _TARGET.match(line) if heredoc else None
        if heredoc and target:
            rest = [each.strip() for each in lines[number:]]
            length = rest.index(heredoc[1]) if heredoc[1] in rest else 0
            text = "\n".join(lines[number : number + length])
            name = posixpath.basename((target[1] or target[2] or target[3]).strip("\"'"))
            if (kind := kind_of(name, text)) is not None:
                yield DeployFile(file.path, kind, "\n" * number + text + "\n", inside=name)


def _with(stage: Stage, instruction: str, value: str, place: Location) -> Stage:
    made: dict[str, Any] = {}
    match instruction:
        case "ENTRYPOINT":
            # It takes away the CMD of the base.
            made = {"entrypoint": _form(stage, value, place), "command": None}
        case "CMD":
            made = {"command": _form(stage, value, place)}
        case "HEALTHCHECK":
            _, found, command = value.partition("CMD")
            made = {"health": _form(stage, command.strip(), place) if found else None}
        case "ENV":
            made = {"environment": {**stage.environment, **_environment(value)}}
        case "SHELL":
            made = {"shell": tuple(_list(value) or stage.shell)}
        case "STOPSIGNAL":
            made = {"stop_signal": value, "signal_said_at": place}
        case "EXPOSE":
            made = {"listens": True}
        case "RUN":
            linked = tuple(_linked(_filled(stage, value)))
            made = {"run": (*stage.run, value), "linked": (*stage.linked, *linked)}
        case _:
            made = _of_files(stage, instruction, value, place)
    return replace(stage, **made)


def _of_files(stage: Stage, instruction: str, value: str, place: Location) -> dict[str, Any]:
    """Return what an instruction says of the image's files, and of the names of its folders."""
    match instruction:
        case "COPY" | "ADD":
            copies = tuple(_copies(value))
            placed = (*stage.placed, *_placed(stage, copies))
            return {"copies": (*stage.copies, *copies), "placed": placed}
        case "ARG":
            return {"arguments": {**stage.arguments, **_argument(value)}}
        case "WORKDIR":
            folder = _filled(stage, value.strip("\"'"))
            return {"folder": posixpath.join(stage.folder, folder)}
        case "VOLUME":
            text = _filled(stage, value)
            paths = _list(text) or [word.strip("[]\"',") for word in text.split()]
            return {"volumes": (*stage.volumes, *((path, place) for path in paths))}
    return {}


def _argument(value: str) -> dict[str, str]:
    name, _, given = value.partition("=")
    return {name: given.strip("\"'")}


def _filled(stage: Stage, text: str) -> str:
    """Return a text with the variables in it whose values the file gives."""
    known = {name: given for name, given in stage.arguments.items() if given}
    known |= {name: given for name, given in stage.environment.items() if given}
    return _given(text, known)


def _given(text: str, values: Mapping[str, str]) -> str:
    return Template(text).safe_substitute({name: given for name, given in values.items() if given})


def _placed(stage: Stage, copies: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for source, target in copies:
        place = posixpath.join(stage.folder, _filled(stage, target))
        if place.startswith("/") and "$" not in place:
            yield source, place


def _linked(text: str) -> Iterator[tuple[str, str]]:
    """Yield what the shell links, copies or moves: what, and to where."""
    for part in _THEN.split(text):
        yield from puts(_words(part))


def _list(value: str) -> list[str] | None:
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, list) and all(isinstance(w, str) for w in found) else None


def _form(stage: Stage, value: str, place: Location) -> Form | None:
    words = _list(value)
    if words is not None:
        return Form(tuple(words), place, in_shell=False) if words else None
    return Form((*stage.shell, value), place, in_shell=True)


def _words(value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


def _environment(value: str) -> dict[str, str | None]:
    words = _words(value)
    if words and "=" not in words[0]:
        return {words[0]: " ".join(words[1:])}
    # What refers to another variable is known only where it is built.
    pairs = (word.partition("=") for word in words if "=" in word)
    return {name: None if "$" in given else given for name, _, given in pairs}


def _copies(value: str) -> Iterator[tuple[str, str]]:
    """Yield what is copied from the project: where from, and where to."""
    words = _list(value) or _words(value)
    if any(word.startswith("--from") for word in words):
        return
    *sources, target = [word for word in words if not word.startswith("--")] or [""]
    for source in sources:
        yield source, target
