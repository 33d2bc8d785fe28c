"""The environment, read once and checked. Nothing else in the project reads an environment variable, but for the
machine's language (bot/machine_language.py)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.i18n import Translator
from bot.machine_language import machine_locale
from bot.system_errors import reason_of

SLACK = "https://slack.com/api/"
SQLITE = "sqlite:///data/mql-bot.db"
SECRET_BYTES = range(24, 65)  # what the Standard Webhooks specification allows
SHORTEST_TOKEN = 16
ENCRYPTION_KEY_BYTES = 32
HOST = r"[a-z0-9.-]+|[0-9a-f:]*:[0-9a-f:.]*"  # a name or an address, without a port
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(Exception):
    """The environment cannot be used. The text has one line per problem and names the variable and the cure."""


def _wrong(key: str) -> PydanticCustomError:
    # The key of the catalogue is the error's type; no value is kept, because it may be a secret.
    return PydanticCustomError("wrong", "{key}", {"key": key})


def _starting_with(prefix: str, key: str) -> BeforeValidator:
    def check(value: object) -> object:
        text = _plain(value)
        if not text.startswith(prefix) or not text.isascii() or any(sign.isspace() for sign in text):
            raise _wrong(key)
        return text

    return BeforeValidator(check)


def _plain(value: object) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value).strip()


def _port(key: str) -> BeforeValidator:
    def check(value: object) -> int:
        text = _plain(value)
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 65535:
            raise _wrong(key)
        return int(text)

    return BeforeValidator(check)


def _metrics_token(value: object) -> str:
    text = _plain(value)
    if len(text) < SHORTEST_TOKEN or not text.isascii() or any(sign.isspace() for sign in text):
        raise _wrong("settings.metrics_token")
    return text


def _api_url(value: object) -> str:
    text = _plain(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise _wrong("settings.api_url")
    return text.rstrip("/") + "/"


def _public_url(value: object) -> str:
    text = _plain(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username:
        raise _wrong("settings.public_url")
    return text.rstrip("/")


def _encryption_keys(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, tuple) else _plain(value).split(",")
    keys = tuple(part.strip() for part in parts if part.strip())
    if not all(map(_is_encryption_key, keys)):
        raise _wrong("settings.encryption_keys")
    return keys


def _is_encryption_key(text: str) -> bool:
    """Return whether a text is what cryptography's Fernet takes for a key."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == ENCRYPTION_KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def database_address(given: str) -> str:
    """Return a database's address as SQLAlchemy takes it. Raises ValueError, without the address: a password may be
    in it."""
    text = given.strip()
    for prefix in ("postgres://", "postgresql://"):
        if text.startswith(prefix):
            text = "postgresql+psycopg://" + text.removeprefix(prefix)
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("not an address") from None
    file = url.drivername in ("sqlite", "sqlite+pysqlite") and url.database not in (None, "", ":memory:")
    if not file and url.drivername != "postgresql+psycopg":
        raise ValueError("neither SQLite nor PostgreSQL")
    return text


def _database_url(value: object) -> str:
    try:
        return database_address(_plain(value))
    except ValueError as error:
        raise _wrong("settings.database_url") from error


def _webhook_secret(key: str) -> BeforeValidator:
    return BeforeValidator(lambda value: _secret_of_webhooks(value, key))


def _secret_of_webhooks(value: object, key: str) -> str:
    text = _plain(value)
    try:
        decoded = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(key) from error
    if not text.startswith("whsec_") or len(decoded) not in SECRET_BYTES:
        raise _wrong(key)
    return text


def _hosts(value: object) -> frozenset[str]:
    hosts = frozenset(filter(None, (part.strip().lower() for part in _plain(value).split(","))))
    if not all(re.fullmatch(HOST, host) for host in hosts):
        raise _wrong("settings.outbound_allowed_hosts")
    return hosts


def _one_of(words: tuple[str, ...], key: str, fold: Callable[[str], str]) -> BeforeValidator:
    def check(value: object) -> str:
        text = fold(_plain(value))
        if text not in words:
            raise _wrong(key)
        return text

    return BeforeValidator(check)


class Settings(BaseSettings):
    """Secrets and addresses. An empty value counts as unset. Team, policy and channels are not here but in the
    database, because they belong to a workspace."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    slack_bot_token: Annotated[SecretStr | None, _starting_with("xoxb-", "settings.bot_token")] = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: Annotated[SecretStr | None, _starting_with("xapp-", "settings.app_token")] = None
    slack_api_url: Annotated[str, BeforeValidator(_api_url)] = SLACK
    database_url: Annotated[str, BeforeValidator(_database_url)] = Field(default=SQLITE, repr=False)
    host: str = "127.0.0.1"
    port: Annotated[int, _port("settings.port")] = 3000
    public_url: Annotated[str | None, BeforeValidator(_public_url)] = None
    encryption_keys: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_encryption_keys)] = Field(
        default=(), repr=False
    )
    webhook_secret: Annotated[SecretStr | None, _webhook_secret("settings.webhook_secret")] = None
    outbound_webhook_secret: Annotated[SecretStr | None, _webhook_secret("settings.outbound_webhook_secret")] = None
    outbound_allowed_hosts: Annotated[frozenset[str], NoDecode, BeforeValidator(_hosts)] = frozenset()
    hubspot_token: SecretStr | None = None
    metrics_token: Annotated[SecretStr | None, BeforeValidator(_metrics_token)] = None
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int | None, _port("settings.metrics_port")] = None
    log_level: Annotated[str, _one_of(LEVELS, "settings.log_level", str.upper)] = "INFO"
    log_format: Annotated[
        Literal["console", "json"], _one_of(("console", "json"), "settings.log_format", str.lower)
    ] = "console"

    @model_validator(mode="after")
    def _reachable_from_slack(self) -> Settings:
        if self.slack_bot_token and not (self.slack_app_token or self.slack_signing_secret):
            raise _wrong("settings.no_way_in")
        return self

    @property
    def mode(self) -> Literal["playground", "socket", "http"]:
        """Where Slack's requests come from: the local playground, a connection that we open, or signed HTTP."""
        if self.slack_bot_token is None:
            return "playground"
        return "socket" if self.slack_app_token else "http"


def load(env_file: Path | None = Path(".env")) -> Settings:
    """Return the settings of this process, from the environment and, under it, the `.env` file.

    Raises SettingsError with one line per problem, in the machine's language.
    """
    settings: Any = Settings
    t = Translator(machine_locale(), "UTC")
    try:
        # The library passes over a folder, as if nothing were set.
        if env_file is not None and env_file.is_dir():
            raise SettingsError(t("settings.env_folder", file=env_file))
        return settings(_env_file=env_file)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise SettingsError("\n".join(t(_key(problem)) for problem in error.errors(include_input=False))) from None
    except PermissionError:
        raise SettingsError(t("settings.env_forbidden", file=env_file)) from None
    except OSError as error:
        raise SettingsError(t("settings.env_unread", file=env_file, reason=reason_of(t, error))) from None
    except UnicodeDecodeError:
        raise SettingsError(t("settings.env_not_utf8", file=env_file)) from None


def _key(problem: Any) -> str:
    return str(problem.get("ctx", {}).get("key", "settings.unreadable"))
