"""The audit log: a page of entries with what they are filtered by, and an entry in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.core.agreement.definition import Side
from bot.core.base.audit import CALENDAR
from bot.core.crm.taking import NAMES
from bot.core.teamfile.changes import shown
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import modal
from bot.slack.blocks.base.kit import Block, Element, View, actions, button, context, lines, option, section, select
from bot.slack.blocks.base.phrases import sender_name
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.settings import file_words
from storage.audits import Filter
from storage.models import Audit
from storage.vocabulary import AuditKind, CrmKind, Door, Locale, MessageKind, Proof, SourceKind

ON_PAGE = 10
VALUE = 120
"""Characters of a value that are shown; the command line has all."""
EVERY = ""
SUBJECT_ITSELF = ("value", "roles")
"""What changed where nothing but the subject did: it needs no name."""
FIELDS = (
    *(
        "account",
        "active",
        "count",
        "deal",
        "erased",
        "header",
        "intake",
        "kind",
        "locale",
        "manager",
        "messages",
        "months",
    ),
    *("mql", "mqls", "muted", "name", "never", "new", "opportunity", "proof", "receipts", "revenue", "side", "stored"),
    *("layout", "webhook", "what", "why", "win"),
)
"""What has a name in the catalogues; anything else is called as the team file calls it."""
IN_MONEY, SHARES = ("revenue", "deal"), ("win", "opportunity", "mql")
OF_MEMBERS = (AuditKind.MEMBER, AuditKind.ROLE, AuditKind.TURNS_PAUSED, AuditKind.TURNS_RESUMED)
"""Their subject is a Slack user id."""
OF_CRM = (AuditKind.CRM_CONNECTED, AuditKind.CRM_MAPPED, AuditKind.CRM_REMOVED)
"""Their subject is a kind of CRM."""
OF_DEFINITION = (AuditKind.DEFINITION_PROPOSED, AuditKind.DEFINITION_SIGNED, AuditKind.DEFINITION_CLOSED)
"""Their subject is the number of a version."""
OF_TEAM_FILE = (AuditKind.SETTING, AuditKind.POLICY)
"""Their subject is a key of the team file."""
Names = Mapping[str, str]
"""Of people and of apps that post in the intake channel, by Slack id."""


class Page(NamedTuple):
    """Which entries are looked at. Its text is the value of every button and choice of the page."""

    wanted: Filter
    skipped: int = 0

    def __str__(self) -> str:
        return f"{self.wanted.kind or EVERY}:{self.wanted.by or EVERY}:{self.skipped}"

    @classmethod
    def read(cls, text: str) -> Page:
        """Return the page of a text. Raises ValueError for any other text."""
        kind, by, skipped = text.split(":")
        return cls(Filter(AuditKind(kind) if kind else None, by or None), max(int(skipped), 0))


def page(entries: Sequence[Audit], count: int, at: Page, people: Sequence[str], names: Names, t: Translator) -> View:
    """Return a page. `count`: of all entries that are meant; `people`: the user ids of whoever has one."""
    blocks: list[Block] = [*actions([_kinds(at, t), _people(at, people, names, t)])]
    blocks += [section(_entry(entry, names, t)) for entry in entries]
    if not entries:
        blocks.append(section(t.md("audit.none")))
    else:
        first = at.skipped + 1
        numbers = {"first": t.number(first), "last": t.number(at.skipped + len(entries)), "count": t.number(count)}
        blocks.append(context(t.md("audit.shown", **numbers)))
    return modal(t("audit.title"), [*blocks, *actions(_turning(at, count, t))], t)


def sentence(entry: Audit, names: Names, t: Translator) -> str:
    """Return an entry in one line: when, who and by which way, what of what, before and after."""
    change = "; ".join(_changes(entry, names, t))
    what = f"{t(f'audit.kind.{entry.kind}')} {_subject(entry, names, t)}".strip()
    return " | ".join(filter(None, (t.moment(entry.at), _who(entry, names, t), what, change)))


def _entry(entry: Audit, names: Names, t: Translator) -> Mrkdwn:
    kind, subject = t(f"audit.kind.{entry.kind}"), _subject(entry, names, t)
    head = f"*{escape(kind)}*" + (f"  {escape(subject)}" if subject else "")
    changes = [f"{escape(change)}" for change in _changes(entry, names, t)]
    return lines([head, *changes, f"_{escape(f'{t.moment(entry.at)} · {_who(entry, names, t)}')}_"])


def _subject(entry: Audit, names: Names, t: Translator) -> str:
    subject = entry.subject or ""
    if entry.kind == AuditKind.SENDER_RULE:
        return sender_name(subject, names, t)
    if entry.kind in OF_MEMBERS:
        return bare_name(names.get(subject)) or line(subject)
    if entry.kind == AuditKind.MUTE and subject in {*MessageKind}:
        return t(f"kind.{subject}")
    if entry.kind == AuditKind.EXPORT and subject == Door.TEAM_FILE:
        return t(f"audit.door.{Door.TEAM_FILE}")
    if entry.kind in OF_CRM and subject in {*CrmKind}:
        return NAMES[CrmKind(subject)]
    if entry.kind in OF_DEFINITION:
        return t("audit.definition_version", number=line(subject))
    if entry.kind in OF_TEAM_FILE:
        return line(file_words.named(t, file_words.path_of(entry.kind, subject)), VALUE)
    return t("audit.calendar") if subject == CALENDAR else line(subject, VALUE)


def _who(entry: Audit, names: Names, t: Translator) -> str:
    door = t(f"audit.door.{entry.door}")
    if entry.door == Door.BOT:
        return door
    who = bare_name(names.get(entry.by)) or entry.by if entry.by else line(entry.machine_user)
    return t("audit.who", who=who or t("audit.nobody"), door=door)


def _changes(entry: Audit, names: Names, t: Translator) -> list[str]:
    before, after = entry.before or {}, entry.after or {}
    changes = []
    for name in dict.fromkeys((*before, *after)):
        old, new = (_value(entry, name, values.get(name), names, t) for values in (before, after))
        change = t("audit.change", old=old, new=new) if name in before else new
        label = t(f"audit.field.{name}") if name in FIELDS else line(name, VALUE)
        changes.append(change if name in SUBJECT_ITSELF else t("audit.named", name=label, change=change))
    return changes


def _value(entry: Audit, name: str, value: Any, names: Names, t: Translator) -> str:
    if entry.kind == AuditKind.POLICY and name == "value":
        return line(file_words.text(t, file_words.path_of(entry.kind, entry.subject or ""), value), VALUE)
    if name == "roles" and value:
        return t.listed([t(f"audit.role.{role}") for role in value])
    if name == "manager" and value:
        return bare_name(names.get(value)) or str(value)
    if isinstance(value, bool):
        return t("audit.yes" if value else "audit.no")
    if name in IN_MONEY and isinstance(value, int):
        return t.money(value)
    if name in SHARES and isinstance(value, int | float):
        return f"{t.number(round(value * 100, 2))}%"
    return _word(name, value, t) or line(shown(value), VALUE)


def _word(name: str, value: Any, t: Translator) -> str | None:
    """Return the name of a value that is one of few words; None for any other."""
    if name == "proof" and value in {*Proof}:
        return t(f"source.proof.{value}")
    if name == "kind" and value in {*CrmKind}:
        return NAMES[CrmKind(value)]
    if name == "kind" and value in {*SourceKind}:
        return t(f"source.kind.{value}")
    if name == "locale" and value in {*Locale}:
        return t(f"setup.language.{value}")
    if name == "side" and value in {*Side}:
        return t(f"audit.side.{value}")
    return None


def _kinds(at: Page, t: Translator) -> Element:
    kinds = [option(t(f"audit.kind.{kind}"), str(Page(at.wanted._replace(kind=kind)))) for kind in AuditKind]
    every = option(t("audit.every_kind"), str(Page(at.wanted._replace(kind=None))))
    return select(ids.AUDIT_KIND, [every, *kinds], t("audit.kind"), str(Page(at.wanted)))


def _people(at: Page, people: Sequence[str], names: Names, t: Translator) -> Element:
    choices = [
        option(bare_name(names.get(user)) or user, str(Page(at.wanted._replace(by=user)))) for user in people[:99]
    ]
    everybody = option(t("audit.everybody"), str(Page(at.wanted._replace(by=None))))
    return select(ids.AUDIT_WHO, [everybody, *choices], t("audit.person"), str(Page(at.wanted)))


def _turning(at: Page, count: int, t: Translator) -> list[Element]:
    newer = Page(at.wanted, max(at.skipped - ON_PAGE, 0))
    older = Page(at.wanted, at.skipped + ON_PAGE)
    buttons = [button(t("button.audit_newer"), ids.AUDIT_NEWER, newer)] if at.skipped else []
    return [*buttons, button(t("button.audit_older"), ids.AUDIT_OLDER, older)] if older.skipped < count else buttons
