from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.patience import LONGEST

ROOT = Path(__file__).parent.parent
FROM_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PYTHON"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    return folder


def python(folder: Path, script: str) -> Path:
    file = folder.parent / "python"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def run(command: list[str], folder: Path, user: str | None = None) -> subprocess.CompletedProcess[str]:
    # As from a shell: `make test`, which may run us, would make this make a part of itself and change what it prints.
    shell = {name: value for name, value in os.environ.items() if name not in FROM_MAKE}
    return subprocess.run(
        command, check=False, cwd=folder, user=user, env=shell, capture_output=True, text=True, timeout=LONGEST
    )


def complaint(folder: Path, *arguments: str) -> str:
    done = run(["make", "run", *arguments], folder)
    assert done.returncode != 0
    line, from_make = done.stderr.splitlines()
    assert from_make.startswith("make: ***")
    return line


def test_a_python_that_is_too_old_is_named_with_the_cure(clone: Path) -> None:
    old = python(clone, '[ "$1" = --version ] && echo "Python 3.9.2" || exit 1')
    line = complaint(clone, f"PYTHON={old}")
    assert "3.11" in line
    assert "Python 3.9.2" in line
    assert "python.org" in line


def test_a_python_that_is_not_there_is_named_with_the_cure(clone: Path) -> None:
    assert "/nowhere/python is missing" in complaint(clone, "PYTHON=/nowhere/python")


def test_a_missing_venv_module_is_named_with_the_cure(clone: Path) -> None:
    bare = python(clone, 'case "$2" in *ensurepip*) exit 1;; esac\nexec python3 "$@"')
    line = complaint(clone, f"PYTHON={bare}")
    assert "venv" in line
    assert "apt install python3" in line


def test_a_folder_without_write_permission_is_named_with_the_cure() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "Makefile", folder)
        folder.chmod(0o555)
        # Root may write everywhere, so it asks as somebody who may not.
        done = run(["make", "run"], folder, user="nobody" if os.geteuid() == 0 else None)
        assert "No permission to write" in done.stderr.splitlines()[0]
        folder.chmod(0o755)
