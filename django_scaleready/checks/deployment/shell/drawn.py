"""What a shell script gives its variables, and the random values that it draws for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django_scaleready.checks.deployment.shell.script import Step, text_of
from django_scaleready.checks.deployment.shell.words import Values

if TYPE_CHECKING:
    from tree_sitter import Node

_DRAWS = re.compile(
    r"/dev/u?random\b|/random/uuid\b|\bopenssl\s+rand\b|\b(pwgen|uuidgen|makepasswd)\b"
    r"|\bget_random_secret_key\b|\bgenerate_secret_key\b|\bsecrets\.(choice|token_\w+|randbelow)"
    r"|\bmktemp\s+-\w*u\b|\buuid4\(|\bFernet\.generate_key\b|\bos\.urandom\b|\$\{?RANDOM\b"
)
_USED = re.compile(r"\$\{?([A-Za-z_]\w*)")
# $(cat "$FILE"), $(< /srv/key)
_READ = re.compile(r"(?:\$\(|`)\s*(?:cat\s+|<\s*)[\"']?([^\s\"'`)]+)")
# $(sh make_key.sh), $(make_key): a script, or a function of the script
_RUNS = re.compile(r"(?:\$\(|`)\s*(?:(?:ba|da|a)?sh\s+)?[\"']?([^\s\"'`()]+)")
# A line of a file that a shell or the settings read: export SECRET_KEY=...
_SAYS = re.compile(r"(?:^|\s)(?:export\s+)?([A-Za-z_]\w*)=")
# A line of settings that are written: SECRET_KEY = "$(openssl rand -hex 32)"
_ASSIGNS = re.compile(r"(?:^|[\s\"'])([A-Za-z_]\w*)\s*=\s*(?:\\?[\"'])?[$`]")
# sed -i "s/SECRET_KEY = .*/SECRET_KEY = '$key'/" settings.py
_EDITS = re.compile(r"(sudo\s+)?sed\s(.*\s)?(-\w*i|--in-place)")
_RUN = re.compile(r"\$\([^)]*\)|`[^`]*`|\$\{?\w+")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_EXPORTS = re.compile(r"export\b|(declare|typeset)\s+-\w*x")
TELLERS = ("echo ", "printf ")


@dataclass(slots=True)
class Drawn:
    """What a script has drawn so far, by the variable that holds it and by the file it is in.

    Where it exports such a variable, or writes it into a file as one, that is a step by itself.
    ``printed_by``: whether a script or a function of that name prints what it draws.
    ``all_exported``: it exports each variable from here on. ``printed``: it has printed such a
    value. ``printing``: what is known of those names.
    """

    values: Values
    steps: list[Step]
    printed_by: Callable[[str], bool]
    variables: dict[str, Step] = field(default_factory=dict)
    files: dict[str, Step] = field(default_factory=dict)
    all_exported: bool = False
    printed: bool = False
    printing: dict[str, bool] = field(default_factory=dict)

    def assign(self, node: Node, how: Step) -> None:
        """Give variables the values that a statement says; ``how``: where and if it stands."""
        found = [node] if node.type == "variable_assignment" else node.children
        exported = self.all_exported or bool(_EXPORTS.match(text_of(node)))
        for child in found:
            name = child.child_by_field_name("name")
            value = child.child_by_field_name("value")
            if child.type == "variable_assignment" and name is not None:
                more = any(part.type == "+=" for part in child.children)
                step = replace(how, line=how.line + child.start_point[0] - node.start_point[0])
                self._note(text_of(name), self._text(value) if value else "", step)
                self.values.assign(text_of(name), value, more=more)
            elif child.type == "variable_name":
                name = child
            if name is not None:
                self._give(text_of(name), exported=exported)

    def keep(self, text: str, command: Node, how: Step) -> None:
        """Note what a command writes into a file, if it is drawn."""
        if not how.output and _EDITS.match(text):
            self._edit(command, how)
        says = text_of(command).startswith(TELLERS)
        if not how.output:
            drawn = bool(_DRAWS.search(text)) or (says and self._source(text, how) is not None)
            self.printed = self.printed or drawn
        if not how.output or how.output.startswith("/dev/"):
            return
        said = " ".join(map(self._text, command.children[1:])) if says else ""
        if self._source(f"{text} {said}", how) is not None:
            self.files[how.output] = how
            if how.output.endswith(".py"):
                self._assigned(text, how)
            elif found := _SAYS.search(said):
                self._add(found[1], how)

    def _assigned(self, text: str, how: Step) -> None:
        """Note what settings are given that is drawn, line by line."""
        for line in text.splitlines():
            found = _ASSIGNS.search(line)
            if found and self._source(line, how) is not None:
                self._add(found[1], how)

    def _edit(self, command: Node, how: Step) -> None:
        """Note what ``sed -i`` puts into a file, if it is drawn."""
        *words, path = map(self._text, command.children)
        for said in words[1:]:
            if self._source(said, how) is not None:
                # Of a placeholder the variable says whose it is.
                named = _CAPITALS.findall(_RUN.sub("", said)) or _USED.findall(said)
                for name in dict.fromkeys(named):
                    self._add(name, replace(how, output=path))

    def _note(self, name: str, text: str, step: Step) -> None:
        source = self._source(text, step)
        if source is not None:
            self.variables[name] = source
        elif name not in _USED.findall(text):
            self.variables.pop(name, None)

    def _give(self, name: str, *, exported: bool) -> None:
        if exported:
            self.values.exported.add(name)
        if name in self.values.exported and name in self.variables:
            self._add(name, self.variables.pop(name))

    def _add(self, name: str, source: Step) -> None:
        self.steps.append(replace(source, words=("export", name), draws=name))

    def _source(self, text: str, step: Step) -> Step | None:
        """Return where what stands in a text was drawn, None if it was not."""
        if _DRAWS.search(text):
            return step
        for name in _USED.findall(text):
            if name in self.variables:
                return self.variables[name]
        read = map(self._filled, _READ.findall(text))
        found = next((self.files[path] for path in read if path in self.files), None)
        run = map(self._filled, _RUNS.findall(text))
        return found or (step if any(map(self.printed_by, run)) else None)

    def _text(self, node: Node) -> str:
        return self.values.seen(node).text

    def _filled(self, path: str) -> str:
        def value(found: re.Match[str]) -> str:
            return self.values.variables.get(found[1] or found[2]) or found[0]

        return re.sub(r"\$(?:(\w+)|\{(\w+)\})", value, path)
