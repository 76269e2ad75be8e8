"""YAML with the line of each value, read and never constructed: no tag of a file runs code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from yaml import YAMLError
    from yaml.events import Event
    from yaml.nodes import Node

# Far beyond what anybody writes, and far from where the stack of the process ends.
MAX_DEPTH = 200
MAX_VALUES = 50_000
_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True)
class Item:
    """A value and its 1-based line: a mapping, a list, a scalar as written, or nothing."""

    value: Union[dict[str, Item], list[Item], str, None] = None  # noqa: UP007 - names itself
    line: int = 0

    def __bool__(self) -> bool:
        return self.value is not None

    def at(self, *keys: str) -> Item:
        """Return what stands below the keys; an empty item if nothing does."""
        found = self
        for key in keys:
            if not isinstance(found.value, dict):
                return NOTHING
            found = found.value.get(key, NOTHING)
        return found

    @property
    def text(self) -> str:
        """The scalar; "" if it is none."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def items(self) -> list[Item]:
        """The entries of a list; a scalar is a list of itself."""
        if isinstance(self.value, list):
            return self.value
        return [self] if isinstance(self.value, str) else []

    @property
    def pairs(self) -> Iterator[tuple[str, Item]]:
        """The entries of a mapping."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    @property
    def number(self) -> int | None:
        """The scalar as a whole number."""
        return int(self.text) if self.text.isdecimal() else None


NOTHING = Item()
# Of lists those that say one thing together: the later one is meant instead of the earlier.
_WHOLE = frozenset({"command", "entrypoint", "test"})


def laid_over(base: Item, over: Item) -> Item:
    """Return a mapping with what another says: mappings are joined, lists made longer."""
    found = dict(base.pairs)
    for key, item in over.pairs:
        before = found.get(key, NOTHING)
        if isinstance(item.value, dict) and isinstance(before.value, dict):
            found[key] = laid_over(before, item)
        elif isinstance(item.value, list) and isinstance(before.value, list) and key not in _WHOLE:
            found[key] = Item([*before.value, *item.value], item.line)
        else:
            found[key] = item
    return Item(found, over.line)


def documents(text: str, lines: Sequence[int] = ()) -> list[Item]:
    """Return the documents of a file; ValueError, naming the line, if it is not YAML.

    ``lines``: for each line of the text the one that it stands for, if that is another.
    """
    import yaml

    with _refusing(text) as loader:
        nodes = list(yaml.compose_all(text, Loader=loader))
    return [_Reader(lines).item(node) for node in nodes if node is not None]


def loaded(text: str) -> object:
    """Return a document's plain values; ValueError, naming the line, if it is no YAML of those."""
    import yaml

    with _refusing(text) as loader:
        node = yaml.compose(text, Loader=loader)
        if node is not None and _size(node, {}) > MAX_VALUES:
            raise ValueError(f"more than {MAX_VALUES:,} values")
        return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe ones


@contextmanager
def _refusing(text: str) -> Iterator[Any]:
    """Give the loader for a text. ValueError, naming the line, for what YAML or we refuse."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_deep(yaml.parse(text, Loader=loader))
        yield loader
    except yaml.YAMLError as error:
        raise _refused(error) from error


def _refused(error: YAMLError) -> ValueError:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return ValueError(f"{where}{getattr(error, 'problem', None) or 'not YAML'}")


def _size(node: Node, seen: dict[int, int]) -> int:
    """Return how many values there are below a node, those behind anchors each time they stand."""
    if id(node) not in seen:
        # What holds itself is without end.
        seen[id(node)] = MAX_VALUES
        below = node.value if isinstance(node.value, list) else []
        children = [n for each in below for n in (each if isinstance(each, tuple) else (each,))]
        seen[id(node)] = 1 + sum(_size(child, seen) for child in children)
    return seen[id(node)]


def _refuse_deep(events: Iterable[Event]) -> None:
    """ValueError for what is nested too deep: the library composes it by recursion, in C."""
    from yaml.events import CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in events:
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            where = f"line {event.start_mark.line + 1}: " if event.start_mark else ""
            raise ValueError(f"{where}nested deeper than {MAX_DEPTH}")


@dataclass(slots=True)
class _Reader:
    """Reads the nodes of one document."""

    lines: Sequence[int]
    seen: dict[int, Item] = field(default_factory=dict)

    def item(self, node: Node) -> Item:
        """Return a node as an item. An anchor may hold itself, or stand a thousand times."""
        if id(node) not in self.seen:
            self.seen[id(node)] = NOTHING
            self.seen[id(node)] = self._made(node)
        return self.seen[id(node)]

    def _line(self, node: Node) -> int:
        line = node.start_mark.line if node.start_mark else -1
        return self.lines[line] if 0 <= line < len(self.lines) else line + 1

    def _made(self, node: Node) -> Item:
        from yaml.nodes import MappingNode, SequenceNode

        line = self._line(node)
        if isinstance(node, SequenceNode):
            return Item([self.item(child) for child in node.value], line)
        if not isinstance(node, MappingNode):
            return Item(None if node.tag == _NULL else str(node.value), line)
        merged: dict[str, Item] = {}
        own: dict[str, Item] = {}
        for key, value in node.value:
            item = self.item(value)
            name = str(key.value)
            if name == "<<":
                for other in item.items or [item]:
                    merged.update({k: v for k, v in other.pairs if k not in merged})
            else:
                # A block stands below its key, and the key is what a reader looks for.
                own[name] = Item(item.value, self._line(key))
        return Item({**merged, **own}, line)
