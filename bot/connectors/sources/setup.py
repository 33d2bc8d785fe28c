"""A source is set up, gets new secrets, and is taken away."""

from __future__ import annotations

import base64
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from bot.connectors.sources.credentials import BEARER, digest
from bot.connectors.sources.vault import Vault
from bot.core.base import audit
from bot.core.base.audit import Author
from storage import person_keys, sources
from storage.models import LeadSource
from storage.vocabulary import AuditKind, Proof, SecretUse, SourceKind

RANDOM_BYTES = 32
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""What a source may be called: it is a part of its address, and stands before the ids of its leads."""
LONGEST_NUMBERED = 36
"""So many letters of a name leave room for a number behind it."""
HEADER = re.compile(r"[a-z0-9-]{1,64}")


@dataclass(frozen=True)
class Setup:
    """Which proofs the tools of a kind can give, and how they are set up."""

    proofs: tuple[Proof, ...]
    """The first is taken unless another is asked for."""
    header: str = BEARER
    """Name of the secret header, in lower case, unless another is asked for."""
    signs_with_ours: bool = True
    """Whether we make the key of the signature; else the tool shows one that is to be entered here."""


ORGANIZATION = "00D"
"""How the id of an organisation of Salesforce begins."""
_OWN_HEADER = "x-mql-key"
SETUPS: Mapping[SourceKind, Setup] = {
    SourceKind.MAPPING: Setup((Proof.ADDRESS, Proof.HEADER)),
    SourceKind.GENERIC: Setup((Proof.SIGNED,)),
    SourceKind.HUBSPOT: Setup((Proof.HEADER, Proof.SIGNED, Proof.ADDRESS), _OWN_HEADER, signs_with_ours=False),
    SourceKind.SALESFORCE: Setup((Proof.HEADER, Proof.SIGNED, Proof.ADDRESS)),
    SourceKind.MARKETO: Setup((Proof.HEADER, Proof.ADDRESS), _OWN_HEADER),
    SourceKind.KINTONE: Setup((Proof.ADDRESS,)),
    SourceKind.SATORI: Setup((Proof.HEADER, Proof.ADDRESS), _OWN_HEADER),
    SourceKind.BOWNOW: Setup((Proof.ADDRESS,)),
    SourceKind.TYPEFORM: Setup((Proof.SIGNED, Proof.ADDRESS)),
    SourceKind.TALLY: Setup((Proof.SIGNED, Proof.HEADER, Proof.ADDRESS), _OWN_HEADER),
    SourceKind.CALENDLY: Setup((Proof.SIGNED, Proof.ADDRESS)),
    SourceKind.GOOGLE_ADS: Setup((Proof.SIGNED,)),
    SourceKind.FORMRUN: Setup((Proof.ADDRESS,)),
    SourceKind.MOVABLETYPE: Setup((Proof.ADDRESS,)),
    SourceKind.CALCOM: Setup((Proof.SIGNED, Proof.ADDRESS)),
    SourceKind.WEBFLOW: Setup((Proof.ADDRESS, Proof.SIGNED), signs_with_ours=False),
    SourceKind.FIGURES: Setup((Proof.ADDRESS, Proof.HEADER)),
    SourceKind.ZOOM: Setup((Proof.SIGNED,), signs_with_ours=False),
}


def new_token() -> str:
    """Return an unguessable text for an address or a header."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def new_signing_key(kind: SourceKind) -> str:
    """Return a key to sign with, in the form that senders of the kind expect."""
    if kind == SourceKind.GENERIC:
        return "whsec_" + base64.b64encode(secrets.token_bytes(RANDOM_BYTES)).decode()
    return new_token()


@dataclass(frozen=True)
class Wanted:
    """How a source is to be set up."""

    name: str
    kind: SourceKind
    proof: Proof
    header: str | None = None
    """Name of the secret header, where that is the proof."""
    defaults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: LeadSource) -> Wanted:
        """Return how a source was set up."""
        return cls(source.name, source.kind, source.proof, source.header, source.defaults)

    @property
    def needs_their_key(self) -> bool:
        """Whether the tool makes the key with which it signs."""
        return self.proof == Proof.SIGNED and not SETUPS[self.kind].signs_with_ours

    def path(self, issued: Issued) -> str:
        """Return the path of its address."""
        return "/".join(filter(None, ("/hooks", self.name, issued.token)))


@dataclass(frozen=True)
class Issued:
    """Secrets that were just made. They are shown once, and stored so that nobody can read them."""

    token: str | None = None
    """Last part of the address."""
    header: str | None = None
    """Value of the secret header."""
    signing_key: str | None = None
    """Key of the signature, where it is one of ours."""


class BadName(ValueError):
    """The name cannot stand in an address."""


class NameInUse(ValueError):
    """Another source has the name. `free`: one like it that nobody has."""

    def __init__(self, name: str, free: str) -> None:
        super().__init__(name)
        self.free = free


class NoOrganization(ValueError):
    """It is no id of an organisation of Salesforce, or the source is none that could name one."""


class KeyNeeded(ValueError):
    """The tool of this kind makes the key of its signature; it is to be entered."""


def add(
    tx: sa.Connection,
    vault: Vault,
    workspace_id: str,
    wanted: Wanted,
    now: datetime,
    signing_key: str | None = None,
    *,
    author: Author = audit.BOT,
) -> Issued:
    """Set up a source. Raises BadName, NameInUse, KeyNeeded and NoKey."""
    if not NAME.fullmatch(wanted.name):
        raise BadName(wanted.name)
    if sources.named(tx, workspace_id, wanted.name):
        raise NameInUse(wanted.name, free_name(tx, workspace_id, wanted.name))
    kind, proof = wanted.kind, wanted.proof
    source_id = sources.add(
        tx, workspace_id, wanted.name, kind, proof, now, header=wanted.header, defaults=wanted.defaults
    )
    issued = _issue(tx, vault, (workspace_id, source_id), wanted, now, signing_key)
    about = {"kind": kind.value, "proof": proof.value, "header": wanted.header, **wanted.defaults}
    set_up = {name: value for name, value in about.items() if value is not None}
    audit.record(tx, workspace_id, AuditKind.SOURCE_ADDED, author, now, wanted.name, after=set_up)
    audit.record(tx, workspace_id, AuditKind.SECRET_ADDED, author, now, wanted.name)
    return issued


def free_name(tx: sa.Connection, workspace_id: str, name: str) -> str:
    """Return a name if no source has it, else one like it with the first number that is free."""
    used = {each.name for each in sources.every(tx, workspace_id)}
    numbered = (f"{name[:LONGEST_NUMBERED]}-{number}" for number in range(2, len(used) + 3))
    return next(each for each in (name, *numbered) if each not in used)


def rotate(
    tx: sa.Connection,
    vault: Vault,
    source: LeadSource,
    now: datetime,
    signing_key: str | None = None,
    *,
    author: Author = audit.BOT,
) -> Issued:
    """Make new secrets. The ones before hold beside them until `end_rotation`, or the next rotation. Raises KeyNeeded
    and NoKey."""
    mine = (source.workspace_id, source.id)
    audit.record(tx, source.workspace_id, AuditKind.SECRET_ROTATED, author, now, source.name)
    return _issue(tx, vault, mine, Wanted.of(source), now, signing_key)


def end_rotation(tx: sa.Connection, source: LeadSource, now: datetime, *, author: Author = audit.BOT) -> int:
    """Forget all but the newest secret of each use; returns how many that were."""
    count = sources.end_rotation(tx, source.workspace_id, source.id)
    if count:
        audit.record(tx, source.workspace_id, AuditKind.SECRET_REMOVED, author, now, source.name)
    return count


def remove(tx: sa.Connection, source: LeadSource, now: datetime, *, author: Author = audit.BOT) -> None:
    """Take a source out of use and forget its secrets."""
    sources.remove(tx, source.workspace_id, source.id)
    audit.record(tx, source.workspace_id, AuditKind.SOURCE_REMOVED, author, now, source.name)


def _issue(
    tx: sa.Connection, vault: Vault, mine: tuple[str, int], wanted: Wanted, now: datetime, signing_key: str | None
) -> Issued:
    """Make the secrets that a source's proof needs. `mine`: its workspace and its id."""
    issued = Issued()
    if wanted.proof == Proof.ADDRESS:
        issued = Issued(token=new_token())
        sources.add_secret(tx, *mine, SecretUse.ADDRESS, now, digest=digest(str(issued.token)))
    elif wanted.proof == Proof.HEADER:
        issued = Issued(header=new_token())
        sources.add_secret(tx, *mine, SecretUse.HEADER, now, digest=digest(str(issued.header)))
    elif SETUPS[wanted.kind].signs_with_ours:
        signing_key = new_signing_key(wanted.kind)
        issued = Issued(signing_key=signing_key)
    elif not signing_key:
        raise KeyNeeded(wanted.kind)
    if signing_key:
        sources.add_secret(tx, *mine, SecretUse.SIGNATURE, now, sealed=vault.seal(signing_key))
    return issued


def may_name_organization(source: LeadSource) -> bool:
    """Return whether outbound messages of one organisation alone can be taken: by a source of Salesforce that is not
    signed, for an outbound message cannot be."""
    return source.kind == SourceKind.SALESFORCE and source.proof != Proof.SIGNED


def organization(tx: sa.Connection, vault: Vault, source: LeadSource) -> str | None:
    """Return the 18 letters of the organisation whose messages alone are taken; None: of any. Raises NoKey."""
    if not may_name_organization(source):
        return None
    sealed = [each.sealed for each in sources.secrets(tx, source.workspace_id, source.id) if each.sealed]
    return vault.unseal(sealed[-1]) if sealed else None


def forget_organization(tx: sa.Connection, source: LeadSource, now: datetime, *, author: Author = audit.BOT) -> None:
    """Take what any organisation sends, again."""
    if may_name_organization(source):
        sources.keep_newest(tx, source.workspace_id, source.id, SecretUse.SIGNATURE, 0)
        audit.record(tx, source.workspace_id, AuditKind.SECRET_REMOVED, author, now, source.name)


def set_organization(
    tx: sa.Connection, vault: Vault, source: LeadSource, given: str, now: datetime, *, author: Author = audit.BOT
) -> str:
    """Take only what names this organisation of Salesforce, beside the address or the header. Returns its 18 letters.
    Raises NoOrganization and NoKey."""
    known = person_keys.salesforce_id(given.strip())
    if known is None or not may_name_organization(source):
        raise NoOrganization(given)
    if not known.startswith(ORGANIZATION):
        raise NoOrganization(given)
    mine = (source.workspace_id, source.id)
    sources.add_secret(tx, *mine, SecretUse.SIGNATURE, now, sealed=vault.seal(known))
    sources.keep_newest(tx, *mine, SecretUse.SIGNATURE, 1)
    audit.record(tx, source.workspace_id, AuditKind.SECRET_ADDED, author, now, source.name)
    return known


def reencrypt(tx: sa.Connection, vault: Vault, now: datetime, *, author: Author = audit.BOT) -> int:
    """Encrypt every stored secret with the first of the keys; returns how many. Raises NoKey."""
    sealed = sources.sealed_secrets(tx)
    for secret in sealed:
        sources.seal_again(tx, secret, vault.seal_again(str(secret.sealed)))
    for workspace_id, count in Counter(secret.workspace_id for secret in sealed).items():
        audit.record(tx, workspace_id, AuditKind.SECRETS_ENCRYPTED, author, now, after={"count": count})
    return len(sealed)
