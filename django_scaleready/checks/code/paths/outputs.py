"""The files that a program leaves behind which is run with ``subprocess``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from django_scaleready.checks.code.paths.scratch import FOLDERS
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site

# What comes after one of these is written, whatever the program is.
OPTIONS = frozenset(
    ["--outdir", "--output", "--output-dir", "--output-file", "-o", "-out", "-outdir"]
)
# Their last argument is what they write.
LAST = frozenset(
    [
        *("avconv", "convert", "cp", "exiftran", "ffmpeg", "gdal_translate", "gdalwarp", "ln"),
        *("magick", "mkdir", "mogrify", "mv", "pdal", "pdftk", "pdftoppm", "pdftotext", "qpdf"),
        *("rsync", "sox", "wkhtmltoimage", "wkhtmltopdf"),
    ]
)
# With these options what comes next is written, by the program.
OF_PROGRAM = {
    "pg_dump": frozenset({"-f", "--file"}),
    "ssh-keygen": frozenset({"-f"}),
    "tar": frozenset({"-C", "-cf", "-czf", "-zcf", "cf", "czf", "cvzf", "cvf", "-cvf", "-cvzf"}),
    "unzip": frozenset({"-d"}),
    "wget": frozenset({"-O", "-P"}),
}
RUNNERS = (
    *("Popen", "call", "check_call", "check_output", "popen", "run", "system"),
    # Functions of a project's own that hand a command on are called so.
    *("exec_cmd", "exec_command", "execute", "execute_command", "run_cmd", "run_command"),
    *("run_subprocess", "shell"),
)
# What runs several programs, of which only what goes to a file is read.
_CHAINS = frozenset({"&&", "|", ";", "||"})
# What stands before a value that is only a part of a word: host:%s, /srv/%s.
_INSIDE = "./:=-_abcdefghijklmnopqrstuvwxyz0123456789"
# Stands for a value while a text is taken apart.
_FILLED = "\0"


def outputs(module: Module, site: Site) -> Iterator[ast.expr]:
    """Yield the paths that the program of a call writes, as far as its arguments say so.

    What it leaves in /tmp is mostly read by the function that has it written.
    """
    for path in _outputs(module, site):
        if not f"{getattr(path, 'value', '')}/".startswith(FOLDERS):
            yield path


def _outputs(module: Module, site: Site) -> Iterator[ast.expr]:
    first = site.call.args[0] if site.call.args else None
    bound = site.scope.bindings.get(first.id, ()) if isinstance(first, ast.Name) else ()
    given = bound or site.call.args[:1]
    lists = [each for each in given if isinstance(each, ast.List | ast.Tuple)]
    if lists:
        # cmd = ["ffmpeg", "-i", path], and then cmd += [out].
        words = [word for each in lists for word in each.elts]
        yield from _of_words([*(_program(module, site, word) for word in words[:1]), *words[1:]])
    elif module.resolve(site.call.func).startswith(("os.", "subprocess.")):
        command = bound[-1] if bound else first
        words = _words(command) if command else []
        chained = any(_text(word) in _CHAINS for word in words)
        yield from (after for word, after in pairwise(words) if _text(word) in {">", ">>"})
        if not chained:
            yield from _of_words(words)


def _program(module: Module, site: Site, word: ast.expr) -> ast.expr:
    """Return what a command begins with, of ``shutil.which("unzip")`` the program."""
    bound = site.scope.bindings.get(word.id, ()) if isinstance(word, ast.Name) else ()
    for made in (word, *bound):
        if isinstance(made, ast.Call) and module.resolve(made.func) == "shutil.which":
            return made.args[0] if made.args else word
    return word


def _words(command: ast.expr) -> list[ast.expr]:
    """Return the words of a shell's command: texts, and what is filled in as one or begins it."""
    if isinstance(command, ast.BinOp) and isinstance(command.op, ast.Mod):
        given = command.right
        values = [*given.elts] if isinstance(given, ast.Tuple) else [given]
        texts = str(getattr(command.left, "value", "")).split("%s")
    elif isinstance(command, ast.JoinedStr):
        values = [v.value for v in command.values if isinstance(v, ast.FormattedValue)]
        texts = "".join(
            str(part.value) if isinstance(part, ast.Constant) else _FILLED
            for part in command.values
        ).split(_FILLED)
    else:
        values, texts = [], [_text(command)]
    words: list[ast.expr] = []
    for number, text in enumerate(texts):
        words += [ast.Constant(word.strip("'\"")) for word in text.replace(">", " > ").split()]
        if number < len(values) and not text.rstrip("'\"").endswith(tuple(_INSIDE)):
            words.append(values[number])
    return [ast.copy_location(word, command) for word in words]


def _text(word: ast.expr) -> str:
    return str(word.value) if isinstance(word, ast.Constant) else ""


def _of_words(words: list[ast.expr]) -> Iterator[ast.expr]:
    said = [_text(word) for word in words]
    program = said[0].rpartition("/")[2] if said else ""
    options = OF_PROGRAM.get(program, OPTIONS)
    after = [words[n + 1] for n, word in enumerate(said[:-1]) if word in options]
    yield from after
    # Nor an option, or an address of another host: host:/path.
    named = len(words) > 1 and not (said[-1].startswith("-") or ":" in said[-1])
    if named and not after and program in LAST and ">" not in said:
        yield words[-1]
