"""Which calls write, read, make or remove files, and which argument of each is the path."""

from __future__ import annotations

# SURE: the argument must be a path even when nobody knows where it leads.
# METHOD: an object of any kind has such a method, so the path must be one beyond doubt.
# TAKEN: it is read, and removed by the same function. GONE: it is removed.
SURE, LIKELY, READ, DIRECTORY = "sure", "likely", "read", "directory"
METHOD, TAKEN, GONE = "method", "taken", "gone"
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
    "rasterio.open": LIKELY,
    "tarfile.open": LIKELY,
    "tarfile.TarFile": LIKELY,
    "zipfile.ZipFile": LIKELY,
    "pyzipper.AESZipFile": LIKELY,
}
# No call has as many arguments: it is given by name.
MANY = 99
# The position of the path that is written, by dotted name.
WRITERS = {
    "shutil.move": 1,
    "shutil.copy": 1,
    "shutil.copy2": 1,
    "shutil.copyfile": 1,
    "shutil.copytree": 1,
    "shutil.unpack_archive": 1,
    "shutil.make_archive": 0,
    "distutils.dir_util.copy_tree": 1,
    "distutils.file_util.copy_file": 1,
    "os.rename": 1,
    "os.renames": 1,
    "os.replace": 1,
    "os.symlink": 1,
    "os.link": 1,
    "urllib.request.urlretrieve": 1,
    "cairosvg.svg2pdf": MANY,
    "cairosvg.svg2png": MANY,
    "cairosvg.svg2ps": MANY,
    "cairosvg.svg2svg": MANY,
    "cv2.imwrite": 0,
    "ffmpeg.output": 1,
    "gdown.download": 1,
    "git.Repo.clone_from": 1,
    "git.Repo.init": 0,
    "imageio.imwrite": 0,
    "imageio.imsave": 0,
    "pdfkit.from_file": 1,
    "pdfkit.from_string": 1,
    "pdfkit.from_url": 1,
    "pygit2.clone_repository": 1,
    "pygit2.init_repository": 0,
    "wget.download": 1,
    "joblib.dump": 1,
    "onnx.save": 1,
    "torch.save": 1,
    "numpy.save": 0,
    "numpy.savetxt": 0,
    "numpy.savez": 0,
    "numpy.savez_compressed": 0,
    "reportlab.pdfgen.canvas.Canvas": 0,
    "reportlab.platypus.BaseDocTemplate": 0,
    "reportlab.platypus.SimpleDocTemplate": 0,
    "rrdtool.create": 0,
    "rrdtool.update": 0,
    "scipy.io.wavfile.write": 0,
    "skimage.io.imsave": 0,
    "soundfile.write": 0,
    "xlsxwriter.Workbook": 0,
}
ARCHIVER = "shutil.make_archive"
# What that path is called where it is given by name.
TARGETS = (
    *("base_name", "dst", "extract_dir", "file", "filename", "fname"),
    *("output_path", "path", "to_path", "write_to"),
)
# They look at the path that is their first argument.
LOOKERS = frozenset(
    [
        *("glob.glob", "glob.iglob", "os.access", "os.listdir", "os.path.exists", "os.walk"),
        *("os.path.getmtime", "os.path.getsize", "os.path.isdir", "os.path.isfile", "os.scandir"),
        "os.stat",
    ]
)
# They read the file, by the position of its path.
READERS = dict.fromkeys(LOOKERS, 0) | {
    "PIL.Image.open": 0,
    "cv2.imread": 0,
    "django.views.static.serve": 2,
    "django_downloadview.sendfile": 1,
    "django_sendfile.sendfile": 1,
    "joblib.load": 0,
    "magic.from_file": 0,
    "numpy.load": 0,
    "openpyxl.load_workbook": 0,
    "pandas.read_csv": 0,
    "pandas.read_excel": 0,
    "sendfile.sendfile": 1,
    "torch.load": 0,
    "xlrd.open_workbook": 0,
}
# They are opened to read as to write.
MAILBOXES = frozenset({"mailbox.MH", "mailbox.Maildir", "mailbox.mbox"})
# Of those that write, these read another.
SOURCES = frozenset(
    ["shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move"]
)
# Of those, these leave nothing at its place.
MOVERS = frozenset({"os.rename", "os.renames", "os.replace", "shutil.move"})
REMOVERS = frozenset({"os.remove", "os.unlink", "os.removedirs", "os.rmdir", "shutil.rmtree"})
LOOKING = frozenset({"exists", "glob", "is_dir", "is_file", "iterdir", "rglob"})
# Rows have a method of that name, too.
OF_ROWS = "exists"
# Methods of a path.
OF_PATHS = {
    "write_bytes": SURE,
    "write_text": SURE,
    "mkdir": DIRECTORY,
    "touch": DIRECTORY,
    "glob": READ,
    "is_dir": READ,
    "is_file": READ,
    "iterdir": READ,
    "read_bytes": READ,
    "read_text": READ,
    "rglob": READ,
    "unlink": GONE,
}
# Methods that write to the path they are given, by its position; other objects have such methods
# too.
METHODS = {
    "download_file": 2,
    "export": 0,
    "extractall": 0,
    "save": 0,
    "save_as": 0,
    "save_local": 0,
    "save_model": 0,
    "save_pretrained": 0,
    "save_screenshot": 0,
    "save_weights": 0,
    "savefig": 0,
    "screenshot": 0,
    "to_csv": 0,
    "to_disk": 0,
    "to_excel": 0,
    "to_feather": 0,
    "to_file": 0,
    "to_hdf": 0,
    "to_netcdf": 0,
    "to_parquet": 0,
    "to_pickle": 0,
    "write": 0,
    "write_csv": 0,
    "write_image": 0,
    "write_parquet": 0,
    "write_pdf": 0,
    "write_png": 0,
    "write_to_file": 0,
    "write_videofile": 0,
}
# What the path is called there where it is given by name.
CALLED = ("Filename", "filename", "path", "path_or_buf")
# With one argument they are a path's; text.replace() takes two, and a table's rename() names.
MOVES = ("rename", "replace")
# Those of os.open() that create or change a file.
FLAGS = ("O_CREAT", "O_RDWR", "O_WRONLY")
# What is looked up in it is saved under a name.
STORAGES = "django.core.files.storage.storages"
DIRECTORIES = frozenset({"os.makedirs", "os.mkdir"})
