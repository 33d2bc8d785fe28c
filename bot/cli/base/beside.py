"""Commands beside a playground: what runs in the same folder is what they are about, with its clock and its Slack."""

from __future__ import annotations

import base64
import json
import os
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.core.base import wall_clock
from bot.settings import Settings
from storage import process_lock
from storage.database import Database

FILE = Path("data/playground.db")
SESSION = Path("data/playground.json")
FOLDER = FILE.parent
ENCRYPTION_KEY = base64.urlsafe_b64encode(b"only for the local playground!!!").decode()


@dataclass(frozen=True)
class Session:
    """How a command reaches the playground that runs. Its secrets are made anew at each start and open nothing else."""

    page: str
    public_url: str
    api_url: str
    bot_token: str
    signing_secret: str
    ahead: float = 0.0
    """Seconds by which its clock is ahead of this machine's; below 0: behind."""

    def note(self) -> None:
        """Tell commands where the playground is, and what its clock shows now."""
        ahead = (wall_clock.utcnow() - datetime.now(UTC)).total_seconds()
        content = json.dumps(asdict(self) | {"ahead": ahead})
        new = SESSION.with_suffix(".new")
        with open(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
        new.replace(SESSION)  # a command reads the one before or this one, never a half


def forget() -> None:
    """Tell commands that the playground has ended."""
    SESSION.unlink(missing_ok=True)


def find(settings: Settings) -> Session | None:
    """Return the playground that runs in this folder, unless something real is set up."""
    if settings.mode != "playground" or "database_url" in settings.model_fields_set or not FILE.exists():
        return None
    try:
        session = Session(**json.loads(SESSION.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    with closing(Database(f"sqlite:///{FILE}")) as database:
        return session if process_lock.is_bot_running(database) else None


def join(settings: Settings, session: Session) -> Settings:
    """Return the settings with which a command works on the playground, and set the clock of this process by its."""
    wall_clock.set_to(datetime.fromtimestamp(datetime.now(UTC).timestamp() + session.ahead, UTC))
    here = urlsplit(session.page).hostname or settings.host  # where its CRMs are, too
    access: dict[str, object] = {
        "database_url": f"sqlite:///{FILE}",
        "public_url": session.public_url,
        "encryption_keys": (ENCRYPTION_KEY,),
        "slack_bot_token": SecretStr(session.bot_token),
        "slack_signing_secret": SecretStr(session.signing_secret),
        "slack_api_url": session.api_url,
        "outbound_allowed_hosts": settings.outbound_allowed_hosts | {here},
    }
    return settings.model_copy(update=access)
