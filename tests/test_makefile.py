from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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


def complaint(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["make", "run", *arguments], cwd=folder, capture_output=True, text=True, timeout=30)
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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_named_with_the_cure(clone: Path) -> None:
    clone.chmod(0o555)
    assert "No permission to write" in complaint(clone)
