"""The functions of Helm's templates that a chart's text hangs on, of values that may be unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from django_scaleready.checks.deployment.formats.yaml_text import loaded
from django_scaleready.checks.deployment.helm.values import (
    MAX_TEXT,
    TooLargeError,
    Unsure,
    alike,
    is_bare,
    text_of,
    to_yaml,
    truth,
    unknown,
)

_MOST_ITEMS = 10_000
_WIDEST = 200
_LARGEST = 2**62
_VERB = re.compile(r"%[-+#0-9. ]*([sdvqtfxT%])")


def _text(make: Callable[..., str]) -> Callable[..., object]:
    """Return a function of texts as one of anything."""

    def made(*values: object) -> object:
        texts = [text_of(value) for value in values]
        if sum(map(len, texts)) > MAX_TEXT:
            raise TooLargeError
        return alike(make(*texts), values)

    return made


def _cased(make: Callable[[str], str]) -> Callable[..., object]:
    """Return a function of letters that leaves the name of what is unknown as it is."""
    return _text(lambda text: text if text.startswith("$") else make(text))


def _indented(width: object, value: object, before: str) -> object:
    if is_bare(value):
        # Lines that nobody knows: none.
        return ""
    space = " " * min(int(cast("int", width)), _WIDEST)
    text = text_of(value)
    if len(text) + text.count("\n") * len(space) > MAX_TEXT:
        raise TooLargeError
    return alike(before + space + text.replace("\n", f"\n{space}"), [value])


def _printf(form: object, *values: object) -> object:
    given = iter(values)

    def filled(verb: re.Match[str]) -> str:
        if verb[1] == "%":
            return "%"
        text = text_of(next(given, ""))
        return f'"{text}"' if verb[1] == "q" else text

    if sum(len(text_of(value)) for value in values) > MAX_TEXT:
        raise TooLargeError
    return alike(_VERB.sub(filled, text_of(form)), values)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _replace(old: str, new: str, text: str) -> str:
    if text.count(old) * len(new) > MAX_TEXT:
        raise TooLargeError
    return text.replace(old, new)


def _trunc(length: object, value: object) -> object:
    number = int(cast("int", length))
    text = text_of(value)
    return alike(text[:number] if number >= 0 else text[number:], [value])


def _default(given: object, value: object = None) -> object:
    return value if truth(value) else given


def _and(*values: object) -> object:
    for value in values:
        if truth(value) is False:
            return value
    return next((value for value in values if truth(value) is None), values[-1])


def _or(*values: object) -> object:
    return next((value for value in values if truth(value) is not False), values[-1])


def _coalesce(*values: object) -> object:
    return next((value for value in values if truth(value)), values[-1])


def _merge(*values: object) -> object:
    found = [cast("dict[str, Any]", value) for value in reversed(values)]
    return {key: each for value in found for key, each in value.items()}


def _get(value: object, *keys: object) -> object:
    for key in keys:
        value = cast("Any", value)[key]
    return value


def _dig(*path: object) -> object:
    *keys, default, value = path
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return default
        value = value[key]
    return value


def _number(make: Callable[..., int]) -> Callable[..., object]:
    def made(*values: object) -> object:
        numbers = [int(cast("int", value)) for value in values]
        result = make(*numbers)
        if abs(result) > _LARGEST:
            raise TooLargeError
        return result

    return made


def _until(count: object) -> list[int]:
    return list(range(min(int(cast("int", count)), _WIDEST)))


def _compared(make: Callable[[Any, Any], bool]) -> Callable[..., object]:
    return lambda first, *others: any(make(first, other) for other in others)


_KINDS: dict[object, type | tuple[type, ...]] = {
    "string": str,
    "map": dict,
    "slice": list,
    "bool": bool,
    "int": int,
    "int64": int,
    "float64": (int, float),
    "map[string]interface {}": dict,
    "[]interface {}": list,
}
# They know what to make of a value that nobody knows.
_OF_UNSURE: dict[str, Callable[..., object]] = {
    "default": _default,
    "and": _and,
    "or": _or,
    "coalesce": _coalesce,
    "ternary": lambda yes, no, test: no if truth(test) is False else yes,
    "required": lambda _, value: value,
    "nindent": lambda width, value: _indented(width, value, "\n"),
    "indent": lambda width, value: _indented(width, value, ""),
    "printf": _printf,
    "print": _text(lambda *texts: "".join(texts)),
    "cat": _text(lambda *texts: " ".join(texts)),
    "quote": _text(lambda *texts: " ".join(map(_quoted, texts))),
    "squote": _text(lambda *texts: " ".join(f"'{t}'" for t in texts)),
    "toString": _text(lambda text: text),
    "trim": _text(lambda text: text.strip()),
    "trimSuffix": _text(lambda end, text: text.removesuffix(end)),
    "trimPrefix": _text(lambda start, text: text.removeprefix(start)),
    "nospace": _text(lambda text: "".join(text.split())),
    "trimAll": _text(lambda cut, text: text.strip(cut)),
    "lower": _cased(str.lower),
    "upper": _cased(str.upper),
    "title": _cased(str.title),
    "fail": lambda *_: "",
    "trunc": lambda length, value: value if isinstance(value, Unsure) else _trunc(length, value),
    "replace": lambda old, new, value: (
        value if isinstance(value, Unsure) else _text(_replace)(old, new, value)
    ),
    "toYaml": lambda value: value if is_bare(value) else to_yaml(value),
    "toJson": lambda value: value if is_bare(value) else to_yaml(value, flow=True),
    "list": lambda *values: list(values),
    "tuple": lambda *values: list(values),
    "dict": lambda *values: dict(zip(values[::2], values[1::2], strict=True)),
    "int": lambda value: value if isinstance(value, Unsure) else int(cast("int", value)),
}
# They are unknown if one of their values is.
_OF_KNOWN: dict[str, Callable[..., object]] = {
    "not": lambda value: not value,
    "empty": lambda value: not value,
    "eq": _compared(lambda a, b: a == b),
    "ne": lambda a, b: a != b,
    "lt": _compared(lambda a, b: a < b),
    "le": _compared(lambda a, b: a <= b),
    "gt": _compared(lambda a, b: a > b),
    "ge": _compared(lambda a, b: a >= b),
    "contains": lambda part, text: part in text,
    "hasPrefix": lambda part, text: text.startswith(part),
    "hasSuffix": lambda part, text: text.endswith(part),
    "hasKey": lambda value, key: key in value,
    "has": lambda each, values: each in values,
    "get": _get,
    "index": _get,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "keys": list,
    "values": lambda value: list(value.values()),
    "len": len,
    "until": _until,
    "add": _number(lambda *numbers: sum(numbers)),
    "add1": _number(lambda number: number + 1),
    "sub": _number(lambda a, b: a - b),
    "mul": _number(lambda a, b: a * b),
    "div": _number(lambda a, b: a // b),
    "concat": lambda *values: [each for value in values for each in value],
    "append": lambda values, each: [*values, each],
    "merge": _merge,
    "mergeOverwrite": lambda *values: _merge(*reversed(values)),
    "join": lambda between, values: _text(lambda *texts: between.join(texts))(*values),
    "deepCopy": lambda value: value,
    "pick": lambda value, *keys: {key: value[key] for key in keys if key in value},
    "omit": lambda value, *keys: {key: each for key, each in value.items() if key not in keys},
    "dig": _dig,
    "kindIs": lambda kind, value: isinstance(value, _KINDS[kind]),
    "typeIs": lambda kind, value: isinstance(value, _KINDS[kind]),
    "fromYaml": loaded,
    "splitList": lambda between, text: text.split(between),
}


def call(name: str, values: Sequence[object], text: str) -> object:
    """Return what a function makes of values; what stands for it if that cannot be known."""
    made = _OF_UNSURE.get(name)
    if made is None:
        made = _OF_KNOWN.get(name)
        if made is None or any(isinstance(value, Unsure) for value in values):
            return unknown(text)
    try:
        found = made(*values)
    except TooLargeError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return unknown(text)
    if isinstance(found, (dict, list)) and len(found) > _MOST_ITEMS:
        raise TooLargeError
    return found
