"""A script that installs the project may write settings that the repository does not have."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import found

SETTINGS = """\
INSTALLED_APPS = ["shop"]
MIDDLEWARE = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db"}}
try:
    from shop.overrides import *
except ImportError:
    pass
"""
WRITES = """\
#!/bin/sh
cat > /srv/shop/overrides.py << EOF
DEBUG = False

DATABASES = {
    "default": {"ENGINE": "django.db.backends.mysql"},
}
EOF
exec gunicorn shop.wsgi
"""
FIRST = WRITES.replace("cat > /srv/shop/overrides.py << EOF", "cat <<-'EOF' >shop/overrides.py")


def slugs(folder: Path, name: str, script: str, settings: str = SETTINGS) -> set[str]:
    files = {"shop/settings.py": settings, "shop/__init__.py": "", name: script}
    return {each["slug"] for each in found(folder, files)["findings"]}


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("entrypoint.sh", WRITES),
        ("docker/docker-entrypoint", WRITES),
        ("docs/install.sh", WRITES),
        ("install.sh", FIRST),
    ],
)
def test_what_a_script_writes_is_not_what_the_repository_says(
    tmp_path: Path, name: str, script: str
) -> None:
    assert "db-sqlite" not in slugs(tmp_path, name, script)


@pytest.mark.parametrize(
    ("name", "script"),
    [
        # Another file, other settings, nothing that is run, or somebody else's.
        ("install.sh", WRITES.replace("overrides", "other")),
        ("install.sh", WRITES.replace("DATABASES", "CACHES")),
        ("install.sh", WRITES.replace("cat >", "# cat >")),
        ("install.sh", WRITES.replace("\nEOF\n", "\n")),
        ("install.md", WRITES),
        ("ci/install.sh", WRITES),
        ("install-dev.sh", WRITES),
    ],
)
def test_what_no_script_writes_is_as_it_stands(tmp_path: Path, name: str, script: str) -> None:
    assert "db-sqlite" in slugs(tmp_path, name, script)


def test_a_module_that_is_here_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/overrides.py").write_text("ALLOWED_HOSTS = []\n")
    assert "db-sqlite" in slugs(tmp_path, "install.sh", WRITES)
