"""The image and the compose file, as far as they can be read: they name what is there, and the settings as they are."""

from __future__ import annotations

import json
import re
import threading
import tomllib
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from tests.conventions.test_documents import SETTINGS, exists

ROOT = Path(__file__).parents[2]
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PINNED = re.compile(r"[a-z-]+:\d+\.\d+[\w.-]*")
# Of Python, pip and the shell.
THEIRS = {"PATH", "PYTHONUNBUFFERED", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR"}


def steps(word: str, text: str = DOCKERFILE) -> list[str]:
    return re.findall(rf"^(?:{word}) (.+)$", text, re.MULTILINE)


def copied() -> list[str]:
    return [name for step in steps("COPY") if "--from" not in step for name in step.split()[:-1]]


def test_what_the_image_is_made_of_is_there_and_sent_to_the_builder() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    assert kept == set(copied())
    assert all((ROOT / name).exists() for name in copied())


def test_the_image_gets_every_file_that_the_wheel_is_built_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    read = {
        *wheel["packages"],
        *wheel["force-include"],
        project["project"]["readme"],
        *project["project"]["license-files"],
    }
    assert read <= set(copied())


def test_every_image_is_of_one_version_and_both_stages_are_of_the_same() -> None:
    stages = {step.split()[0] for step in steps("FROM")}
    images = stages | {COMPOSE["services"]["database"]["image"], COMPOSE["services"]["bot"]["image"]}
    assert len(stages) == 1
    assert all(PINNED.fullmatch(image) for image in images), images
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert COMPOSE["services"]["bot"]["image"] == f"mql-bot:{project['project']['version']}"


def test_the_bot_does_not_run_as_root() -> None:
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    (user,) = steps("USER", last)
    assert int(user) > 0
    assert f"--uid {user} " in last
    assert "\nRUN" not in last[last.index("\nUSER") :]


def test_the_variables_of_the_image_are_settings_and_its_port_is_theirs() -> None:
    given = dict(word.split("=", 1) for step in steps("ENV") for word in step.split())
    assert given.keys() - THEIRS <= set(SETTINGS)
    assert steps("EXPOSE") == [given["PORT"]] == [str(Settings.model_fields["port"].default)]
    assert Settings.model_validate({"host": given["HOST"], "log_format": given["LOG_FORMAT"]}).log_format == "json"


def test_the_commands_of_the_image_and_of_the_compose_file_exist() -> None:
    assert [json.loads(step) for step in steps("ENTRYPOINT")] == [["mql-bot"]]
    (command,) = (json.loads(step) for step in steps("CMD"))
    assert exists(command)
    assert exists(COMPOSE["services"]["bot"]["command"])


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_the_health_check_asks_a_page_of_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = (step.partition("CMD ")[2] for step in steps("HEALTHCHECK"))
    python, flag, code = json.loads(check)
    assert (python, flag) == ("python", "-c")
    assert '"/healthz"' in (ROOT / "bot/monitoring.py").read_text(encoding="utf-8")
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        monkeypatch.setenv("PORT", str(server.server_port))
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        exec(code)
        answering.join()
    with pytest.raises(OSError, match="refused"):
        exec(code)


def test_the_compose_file_gives_the_bot_settings_and_a_database_that_is_there() -> None:
    bot, database = COMPOSE["services"]["bot"], COMPOSE["services"]["database"]
    given = {name: str(value).replace("${POSTGRES_PASSWORD}", "s3cret") for name, value in bot["environment"].items()}
    assert given.keys() <= set(SETTINGS)
    settings = Settings.model_validate({name.lower(): value for name, value in given.items()})
    owner = database["environment"]
    place = f"postgresql+psycopg://{owner['POSTGRES_USER']}:s3cret@database/{owner['POSTGRES_DB']}"
    assert settings.database_url == place
    assert bot["depends_on"] == {"database": {"condition": "service_healthy"}}
    # Nothing but this machine reaches the port: what stands before it speaks TLS.
    assert bot["ports"] == [f"127.0.0.1:{settings.port}:{settings.port}"]
    named = {volume.partition(":")[0] for volume in database["volumes"]}
    assert named == COMPOSE["volumes"].keys()


@pytest.mark.parametrize("name", [".env", "data", "team.toml", ".git"])
def test_no_secret_gets_into_the_image(name: str) -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert not any(line.startswith("!") and fnmatch(name, line[1:]) for line in lines)
