"""What is installed without a checkout: the wheel holds everything that a process reads, and runs by itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from tests.cli.kit import answering
from tests.conftest import OURS
from tests.installation import free_port
from tests.patience import LONGEST

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "storage", "playground")


def test_the_wheel_holds_every_file_of_the_packages_and_the_manifest() -> None:
    builder = WheelBuilder(str(ROOT))
    packed = {file.distribution_path for file in builder.recurse_included_files()}
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file())
    needed = {file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts}
    assert packed == needed | {"bot/manifest.yml"}


class Installed(NamedTuple):
    """A virtual environment that has nothing but the wheel and what it depends on."""

    program: Path
    folder: Path
    """An empty one, to run it in."""

    def run(self, *arguments: str, **variables: str) -> str:
        """Return what a command prints. It must end well."""
        return _run(str(self.program), *arguments, folder=self.folder, **variables)


def _environment(**variables: str) -> dict[str, str]:
    ours = (*OURS, "PYTHON", "VIRTUAL_ENV", "PYTEST")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | variables


def _run(*command: str, folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command, check=False, cwd=folder, env=_environment(**variables), capture_output=True, text=True, timeout=LONGEST
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), folder=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"), folder=tmp_path)
    pip = (str(tmp_path / "venv/bin/python"), "-m", "pip", "-qq", "--disable-pip-version-check")
    _run(*pip, "install", "--require-hashes", "-r", str(ROOT / "requirements.lock"), folder=tmp_path)
    _run(*pip, "install", "--no-deps", str(wheel), folder=tmp_path)
    _run(*pip, "check", folder=tmp_path)
    (tmp_path / "empty").mkdir()
    return Installed(tmp_path / "venv/bin/mql-bot", tmp_path / "empty")


@pytest.mark.thorough
def test_the_wheel_runs_in_an_environment_of_its_own(installed: Installed) -> None:
    assert re.fullmatch(r"mql-bot \d+\.\d+\.\d+\n", installed.run("--version"))
    assert "Set up:" in installed.run("--help")
    assert "導入:" in installed.run("--help", LANG="ja_JP.UTF-8")
    assert yaml.safe_load(installed.run("manifest", "--socket"))["settings"]["socket_mode_enabled"] is True
    migrations = list((ROOT / "storage/migrations/versions").glob("[0-9]*.py"))
    first = installed.run("migrate")
    assert str(len(migrations)) in first
    assert installed.run("migrate") != first
    port = free_port()
    command = [str(installed.program), "run"]
    environment = _environment(PORT=str(port))
    with subprocess.Popen(command, cwd=installed.folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            match = re.search(r"http://[^\s/]+", process.stdout.readline())
            assert match is not None
            _expect_a_whole_page(match.group())
            assert answering(f"http://127.0.0.1:{port}/healthz")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=LONGEST) == 0
        finally:
            process.kill()


def _expect_a_whole_page(address: str) -> None:
    assert answering(address)
    with urlopen(address, timeout=LONGEST) as page:
        parts = re.findall(r'(?:src|href)="(/[\w./-]+)"', page.read().decode())
    assert len(parts) > 5
    for part in parts:
        with urlopen(address + part, timeout=LONGEST) as answer:
            assert answer.status == 200
