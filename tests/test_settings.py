from __future__ import annotations

import base64
import errno
from pathlib import Path

import pytest

from bot import machine_language, settings
from bot.settings import Settings, SettingsError
from storage.vocabulary import Locale

BOT, APP = "xoxb-1-abc", "xapp-1-abc"
WEBHOOK = "whsec_" + base64.b64encode(b"x" * 24).decode()


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return settings.load(env_file=None)


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **variables)
    return str(caught.value).splitlines()


def test_nothing_set_means_the_playground_on_a_local_sqlite_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read = load(monkeypatch)
    assert (read.mode, read.host, read.port) == ("playground", "127.0.0.1", 3000)
    assert (read.slack_api_url, read.database_url) == ("https://slack.com/api/", "sqlite:///data/mql-bot.db")
    assert (read.log_level, read.log_format) == ("INFO", "console")


def test_an_app_token_means_socket_mode_and_a_signing_secret_http(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, SLACK_BOT_TOKEN=BOT, SLACK_SIGNING_SECRET="s").mode == "http"
    assert load(monkeypatch, SLACK_APP_TOKEN=APP).mode == "socket"


def test_an_empty_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    read = load(monkeypatch, SLACK_BOT_TOKEN="", PORT="", WEBHOOK_SECRET="", DATABASE_URL="", LOG_LEVEL="")
    assert (read.slack_bot_token, read.port, read.webhook_secret) == (None, 3000, None)


def test_keys_and_the_public_address_are_read_as_they_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    read = load(monkeypatch, ENCRYPTION_KEYS=f" {key} ,{key}", PUBLIC_URL="https://mql.example.com/")
    assert (read.encryption_keys, read.public_url) == ((key, key), "https://mql.example.com")
    assert key not in repr(read)


def test_a_token_without_a_way_for_slack_to_reach_us_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = problems(monkeypatch, SLACK_BOT_TOKEN=BOT)
    assert "SLACK_APP_TOKEN" in line
    assert "SLACK_SIGNING_SECRET" in line


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-a-user-token"),
        ("SLACK_BOT_TOKEN", "xoxb-two words"),
        ("SLACK_APP_TOKEN", "xoxb-1"),
        ("SLACK_API_URL", "slack.com/api"),
        ("SLACK_API_URL", "ftp://slack.com/api"),
        ("SLACK_API_URL", "http://localhost:port/"),
        ("DATABASE_URL", "mysql://localhost/mql"),
        ("DATABASE_URL", "data/mql.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql+asyncpg://localhost/mql"),
        ("DATABASE_URL", "postgresql://host:port/mql"),
        ("PUBLIC_URL", "mql.example.com"),
        ("PUBLIC_URL", "ftp://mql.example.com"),
        ("PUBLIC_URL", "https://mql.example.com/?a=1"),
        ("PUBLIC_URL", "https://user@mql.example.com"),
        ("ENCRYPTION_KEYS", "short"),
        ("ENCRYPTION_KEYS", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=,short"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "3000.5"),
        ("PORT", "９９９９"),
        ("METRICS_PORT", "0"),
        ("METRICS_PORT", "many"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "0123456789 abcdef"),
        ("WEBHOOK_SECRET", "secret"),
        ("WEBHOOK_SECRET", "whsec_"),
        ("WEBHOOK_SECRET", "whsec_" + base64.b64encode(b"x" * 23).decode()),
        ("WEBHOOK_SECRET", "whsec_" + base64.b64encode(b"x" * 65).decode()),
        ("WEBHOOK_SECRET", WEBHOOK.removeprefix("whsec_")),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
@pytest.mark.parametrize("language", ["en_US.UTF-8", "ja_JP.UTF-8"])
def test_a_malformed_value_is_named_in_one_line_with_the_cure_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, language: str
) -> None:
    (line,) = problems(monkeypatch, LANG=language, **{variable: value})
    assert line.startswith(variable)
    assert ("ください" in line or "です" in line or "作れます" in line) == language.startswith("ja")
    if value.startswith(("xox", "whsec_e", "eHh")):
        assert value not in line


def test_every_problem_is_named_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(monkeypatch, SLACK_BOT_TOKEN="x", PORT="x", LOG_FORMAT="x")
    assert [line.split()[0] for line in lines] == ["SLACK_BOT_TOKEN", "PORT", "LOG_FORMAT"]


def test_secrets_are_not_shown_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    password = "postgresql://bot:opensesame@db/mql"
    shown = repr(
        load(
            monkeypatch,
            SLACK_BOT_TOKEN=BOT,
            SLACK_APP_TOKEN=APP,
            SLACK_SIGNING_SECRET="hush",
            WEBHOOK_SECRET=WEBHOOK,
            METRICS_TOKEN="0123456789abcdef",
            DATABASE_URL=password,
        )
    )
    for secret in (BOT, APP, "hush", WEBHOOK, "0123456789abcdef", "opensesame"):
        assert secret not in shown


@pytest.mark.parametrize("given", ["http://localhost:9000/api", "http://localhost:9000/api//"])
def test_the_api_address_always_ends_in_one_slash(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    assert load(monkeypatch, SLACK_API_URL=given).slack_api_url == "http://localhost:9000/api/"


@pytest.mark.parametrize("given", ["postgres://u:p@h:5432/d", "postgresql://u:p@h:5432/d"])
def test_postgresql_is_reached_by_psycopg(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    assert load(monkeypatch, DATABASE_URL=given).database_url == "postgresql+psycopg://u:p@h:5432/d"


def test_a_dot_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=4000\nLOG_FORMAT=json\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("PORT", "5000")
    read = settings.load(env_file=file)
    assert (read.port, read.log_format) == (5000, "json")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, Locale.EN),
        ({"LANG": "ja_JP.UTF-8"}, Locale.JA),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, Locale.EN),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "ja"}, Locale.JA),
    ],
)
def test_the_language_of_the_machine_is_japanese_or_else_english(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: Locale
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert machine_language.machine_locale() == expected


@pytest.fixture(params=["en_US.UTF-8", "ja_JP.UTF-8"])
def env_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANG", request.param)
    return tmp_path / ".env"


def complaint_about(file: Path, cure: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(file)
    (line,) = str(caught.value).splitlines()
    assert str(file) in line
    assert cure in line


def test_an_environment_file_that_may_not_be_read_is_named_with_the_cure(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("PORT=4000\n")

    def forbidden(file: object, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    # Root may read everything, so the test cannot simply take the permission away.
    monkeypatch.setattr("builtins.open", forbidden)
    complaint_about(env_file, "chmod 600")


def test_an_environment_file_that_is_a_folder_is_named_with_the_cure(env_file: Path) -> None:
    env_file.mkdir()
    complaint_about(env_file, ".env.example")


def test_an_environment_file_that_the_disk_does_not_give_is_named(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("PORT=4000\n")

    def broken(file: object, *_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(file))

    monkeypatch.setattr("builtins.open", broken)
    complaint_about(env_file, ".env.example")


def test_an_environment_file_that_is_not_utf8_is_named_with_the_cure(env_file: Path) -> None:
    env_file.write_bytes("# 設定\nPORT=4000\n".encode("cp932"))
    complaint_about(env_file, "UTF-8")


def test_an_environment_file_is_read(env_file: Path) -> None:
    env_file.write_text("# 設定\nPORT=4000\n", encoding="utf-8")
    assert settings.load(env_file).port == 4000


def test_the_secret_of_what_we_send_is_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    read = load(monkeypatch, OUTBOUND_WEBHOOK_SECRET=WEBHOOK)
    assert read.outbound_webhook_secret is not None
    assert read.outbound_webhook_secret.get_secret_value() == WEBHOOK
    assert read.webhook_secret is None
    (line,) = problems(monkeypatch, OUTBOUND_WEBHOOK_SECRET="whsec_short")
    assert line.startswith("OUTBOUND_WEBHOOK_SECRET")


def test_hosts_are_listed_without_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).outbound_allowed_hosts == frozenset()
    read = load(monkeypatch, OUTBOUND_ALLOWED_HOSTS=" CRM.intra, 10.0.0.7,,::1 ")
    assert read.outbound_allowed_hosts == {"crm.intra", "10.0.0.7", "::1"}
    for wrong in ("https://crm.intra", "crm.intra:8080", "crm.intra/hooks", "crm intra", "*"):
        (line,) = problems(monkeypatch, OUTBOUND_ALLOWED_HOSTS=wrong)
        assert "OUTBOUND_ALLOWED_HOSTS" in line
