"""What `doctor` says of the tools that send to addresses of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from bot.connectors.sources.vault import NoKey, Vault
from bot.i18n import Translator
from bot.settings import Settings
from storage import sources
from storage.models import LeadSource
from storage.vocabulary import DeliveryState


class SourceFinding(NamedTuple):
    """One line. `ok` is None for what may well be so but is worth knowing."""

    ok: bool | None
    text: str


def findings(tx: sa.Connection, workspace_id: str, settings: Settings, t: Translator) -> Iterator[SourceFinding]:
    """Yield how each source of a workspace stands, and what all of them lack."""
    known = sources.every(tx, workspace_id)
    if known and settings.public_url is None:
        yield SourceFinding(False, t("doctor.source.no_public_url"))
    if not _readable(tx, known, Vault(settings.encryption_keys)):
        yield SourceFinding(False, t("doctor.source.no_key"))
    for source in known:
        yield _of(source, t)


def _of(source: LeadSource, t: Translator) -> SourceFinding:
    words = {"name": source.name, "kind": t(f"source.kind.{source.kind}")}
    if refused := _refused_since(source):
        at, why = refused
        text = t("doctor.source.refused", **words, at=t.moment(at), why=t(f"source.why.{why}"))
        return SourceFinding(False, text)
    if source.last_at is None:
        return SourceFinding(None, t("doctor.source.never", **words))
    if source.last_state == DeliveryState.UNREADABLE:
        return SourceFinding(False, t("doctor.source.unreadable", **words, at=t.moment(source.last_at)))
    if source.last_state == DeliveryState.WAITING:
        return SourceFinding(None, t("doctor.source.waiting", **words))
    return SourceFinding(True, t("doctor.source.well", **words, at=t.moment(source.last_at)))


def _refused_since(source: LeadSource) -> tuple[datetime, str] | None:
    """Return the newest refusal where nothing authentic has come since."""
    if not source.refusals:
        return None
    newest = source.refusals[-1]
    at = datetime.fromisoformat(newest["at"])
    return None if source.last_at is not None and source.last_at > at else (at, newest["why"])


def _readable(tx: sa.Connection, known: list[LeadSource], vault: Vault) -> bool:
    try:
        for source in known:
            for secret in sources.secrets(tx, source.workspace_id, source.id):
                if secret.sealed is not None:
                    vault.unseal(secret.sealed)
    except NoKey:
        return False
    return True
