"""The calls that write, read or make files, and which of their arguments is the path."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from django_scaleready.checks.code.left_alone import names_of
from django_scaleready.checks.code.reading import Reading, file_name
from django_scaleready.checks.code.scopes import EXCEPT, Scope, Site
from django_scaleready.checks.code.syntax import last_parts

# SURE: the argument must be a path even when nobody knows where it leads.
# METHOD: an object of any kind has such a method, so the path must be one beyond doubt.
# TAKEN: it is read, and removed by the same function.
SURE, LIKELY, READ, DIRECTORY = "sure", "likely", "read", "directory"
METHOD, TAKEN = "method", "taken"
# LEFT: the folder of a temporary file that stays.
LEFT = "left"

OPENERS = {
    "open": SURE,
    "io.open": SURE,
    "codecs.open": SURE,
    "aiofiles.open": SURE,
    "bz2.open": LIKELY,
    "gzip.open": LIKELY,
    "gzip.GzipFile": LIKELY,
    "lzma.open": LIKELY,
    "tarfile.open": LIKELY,
    "tarfile.TarFile": LIKELY,
    "zipfile.ZipFile": LIKELY,
    "pyzipper.AESZipFile": LIKELY,
}
# The position of the path that is written, by dotted name.
WRITERS = {
    "shutil.move": 1,
    "shutil.copy": 1,
    "shutil.copy2": 1,
    "shutil.copyfile": 1,
    "shutil.copytree": 1,
    "shutil.unpack_archive": 1,
    "shutil.make_archive": 0,
    "os.rename": 1,
    "os.replace": 1,
    "os.symlink": 1,
    "os.link": 1,
    "urllib.request.urlretrieve": 1,
    "cv2.imwrite": 0,
    "gdown.download": 1,
    "git.Repo.clone_from": 1,
    "imageio.imwrite": 0,
    "pdfkit.from_file": 1,
    "pdfkit.from_string": 1,
    "pdfkit.from_url": 1,
    "pygit2.clone_repository": 1,
    "wget.download": 1,
    "joblib.dump": 1,
    "torch.save": 1,
    "numpy.save": 0,
    "numpy.savetxt": 0,
    "numpy.savez": 0,
    "reportlab.pdfgen.canvas.Canvas": 0,
    "reportlab.platypus.BaseDocTemplate": 0,
    "reportlab.platypus.SimpleDocTemplate": 0,
    "rrdtool.create": 0,
    "rrdtool.update": 0,
    "scipy.io.wavfile.write": 0,
    "soundfile.write": 0,
    "xlsxwriter.Workbook": 0,
}
ARCHIVER = "shutil.make_archive"
# What that path is called where it is given by name.
TARGETS = (
    *("base_name", "dst", "extract_dir", "file", "filename", "fname"),
    *("output_path", "path", "to_path"),
)
# They look at the path that is their first argument.
READERS = frozenset(
    [
        *("os.access", "os.listdir", "os.path.exists", "os.path.getmtime", "os.path.getsize"),
        *("os.path.isdir", "os.path.isfile", "os.scandir", "os.stat"),
    ]
)
LOOKING = frozenset({"is_file", "iterdir"})
# Methods of a path.
OF_PATHS = {
    "write_bytes": SURE,
    "write_text": SURE,
    "mkdir": DIRECTORY,
    "touch": DIRECTORY,
    "is_file": READ,
    "iterdir": READ,
    "read_bytes": READ,
    "read_text": READ,
}
# Methods that write to the path they are given; other objects have such methods too.
METHODS = (
    *("extractall", "save", "savefig", "to_csv", "to_excel", "to_parquet", "to_pickle"),
    *("write_pdf", "write_png", "write_to_file"),
)
# With one argument they are a path's; text.replace() takes two, and a table's rename() names.
MOVES = ("rename", "replace")
# Those of os.open() that create or change a file.
FLAGS = ("O_CREAT", "O_RDWR", "O_WRONLY")
DIRECTORIES = frozenset({"os.makedirs", "os.mkdir"})
# Any that may create or change: "w", "ab", "r+", "w:gz".
_MODE = re.compile(r"[a-z+:0-9]{0,4}[wax+][a-z+:0-9]{0,4}")
_READ = re.compile(r"r[bt]?|")
SHOWN = 80
STEPS = 20
# A folder that is made for what these make is as temporary.
TEMPORARY = ("NamedTemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp")


# With delete=False and a folder of the project's own it is a file like any other.
NAMED = "tempfile.NamedTemporaryFile"

CALLS = last_parts(
    *(*OPENERS, *WRITERS, *DIRECTORIES, *READERS, *OF_PATHS, *METHODS, *MOVES, NAMED)
)


class FileUse(NamedTuple):
    """One use of a path. ``removed``: the same function writes it and removes it again."""

    site: Site
    kind: str
    path: ast.expr
    shown: str
    removed: bool
    name: str


def file_uses(reading: Reading) -> Iterator[FileUse]:
    """Yield the uses of paths in a file, those under DEBUG left out."""
    touched = {id(getattr(site.call.func, "value", None)) for site in reading.module.calls("close")}
    temporary = {place for site in reading.module.calls(*TEMPORARY) for place in _folder(site)}
    for site in reading.module.calls_that_run(*CALLS):
        found = _use(reading, site)
        if found is not None:
            kind, path = found
            if kind == DIRECTORY and (site.scope, ast.unparse(path)) in temporary:
                continue
            if kind == SURE and id(site.call) in touched:
                # open(path, "a").close() puts nothing in.
                kind = DIRECTORY
            shown = ast.unparse(path)
            removed = _is_removed(reading, site, path)
            if removed and kind == READ:
                kind, removed = (TAKEN if _takes(reading, site) else READ), False
            yield FileUse(site, kind, path, shown[:SHOWN], removed, file_name(path, site))


def _folder(site: Site) -> Iterator[tuple[Scope, str]]:
    """Yield the folder that a temporary file is made in, as written."""
    yield from ((site.scope, ast.unparse(k.value)) for k in site.call.keywords if k.arg == "dir")


def _use(reading: Reading, site: Site) -> tuple[str, ast.expr] | None:
    call = site.call
    name = reading.module.resolve(call.func)
    if name in OPENERS:
        if any(keyword.arg == "fileobj" for keyword in call.keywords):
            return None
        path = reading.argument(call, 0, "file", "filename", "name")
        return None if path is None else _opened(call, path, 1, OPENERS[name])
    if name in {NAMED, "os.open"}:
        return _left_behind(reading, site) if name == NAMED else _by_flags(call)
    if name in WRITERS:
        path = reading.argument(call, WRITERS[name], *TARGETS)
        return None if path is None else (LIKELY, path)
    if name in DIRECTORIES or name in READERS:
        return (READ if name in READERS else DIRECTORY, call.args[0]) if call.args else None
    return _method(call) if isinstance(call.func, ast.Attribute) else None


def _left_behind(reading: Reading, site: Site) -> tuple[str, ast.expr] | None:
    """Return the folder of a temporary file that nobody removes, or moves on, where it is made."""
    given = {keyword.arg: keyword.value for keyword in site.call.keywords}
    kept, folder = given.get("delete"), given.get("dir")
    if folder is None or not isinstance(kept, ast.Constant) or kept.value:
        return None
    names = {f"{name}.name" for name in names_of(site)}
    gone = reading.module.removed(site.scope, site.flags, site.line)
    for other in reading.module.calls("link", "move", "rename", "replace"):
        if other.scope is site.scope and other.call.args:
            gone.add(ast.unparse(other.call.args[0]))
    return None if names & gone else (LEFT, folder)


def _method(call: ast.Call) -> tuple[str, ast.expr] | None:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return None
    if function.attr in OF_PATHS:
        return OF_PATHS[function.attr], function.value
    if function.attr == "open":
        # A storage's or a field's open() looks alike, so the path must be known.
        return _opened(call, function.value, 0, LIKELY)
    if function.attr in MOVES:
        target = [*call.args, *(k.value for k in call.keywords if k.arg == "target")]
        return (METHOD, target[0]) if len(target) == 1 else None
    if function.attr in METHODS and call.args and _may_be_path(call.args[0]):
        # A storage, and a field's file, are saved under a name.
        named = ast.unparse(function.value).lower()
        return None if named.endswith(("storage", "file")) else (METHOD, call.args[0])
    return None


def _may_be_path(node: ast.expr) -> bool:
    """Whether an argument is anything but a mere name: document.save("draft")."""
    return not isinstance(node, ast.Constant) or str(node.value).startswith("/")


def _by_flags(call: ast.Call) -> tuple[str, ast.expr] | None:
    shown = ast.unparse(call.args[1]) if len(call.args) > 1 else ""
    return (LIKELY, call.args[0]) if any(flag in shown for flag in FLAGS) else None


def _opened(
    call: ast.Call, path: ast.expr, position: int, kind: str
) -> tuple[str, ast.expr] | None:
    given = next((k.value for k in call.keywords if k.arg == "mode"), None)
    if given is None and len(call.args) > position:
        given = call.args[position]
    mode = given.value if isinstance(given, ast.Constant) else ("" if given is None else None)
    if not isinstance(mode, str):
        return None
    if _MODE.fullmatch(mode):
        return kind, path
    return (READ, path) if _READ.fullmatch(mode) else None


def _takes(reading: Reading, site: Site) -> bool:
    """Whether the content of a file is read, and not only after a failure."""
    named = getattr(site.call.func, "attr", "") in LOOKING
    looks = named or reading.module.resolve(site.call.func) in READERS
    return not looks and not site.flags & EXCEPT


def _is_removed(reading: Reading, site: Site, path: ast.expr) -> bool:
    removed = reading.module.removed(site.scope, site.flags, site.line)
    if not removed:
        return False
    roots = _roots(site, path)
    if reading.module.resolve(site.call.func) == ARCHIVER:
        # It writes beside the folder of that name, and returns the path.
        roots = roots - {ast.unparse(path)} | names_of(site)
    return bool(removed & roots)


def _roots(site: Site, path: ast.expr) -> set[str]:
    """Return, as written, the path and what it is made of: removing the folder removes the file."""
    found: set[str] = set()
    pending: list[ast.expr] = [path]
    while pending and len(found) < STEPS:
        node = pending.pop()
        shown = ast.unparse(node)
        if shown in found:
            continue
        found.add(shown)
        if isinstance(node, ast.Name):
            pending += site.scope.bindings.get(node.id, ())
        elif isinstance(node, ast.BinOp):
            pending.append(node.left)
        elif isinstance(node, ast.Call):
            pending += node.args[:1]
            if isinstance(node.func, ast.Attribute):
                pending.append(node.func.value)
        elif isinstance(node, ast.Attribute):
            pending.append(node.value)
    return found
