"""What only the person who pressed or typed something sees: an explanation, a list, the help."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import Block, Message, actions, context, first_of, lines, message, section, sentence
from bot.slack.blocks.base.phrases import (
    cover_called,
    deadline,
    due_text,
    link,
    numbered,
    owner_called,
    status,
    why_paused,
)
from bot.slack.blocks.base.reply_keys import Reply, ReplyKey
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.mql import buttons

LISTED = 40
NAMES = ("by", "rep")
DAYS = ("until",)


def private(key: ReplyKey, t: Translator, **values: object) -> Message:
    """Return a private sentence. Moments, dates, lengths of time and names are worded for the reader."""
    return stored(f"reply.{key.value}", t, **values)


def stored(key: str, t: Translator, **values: object) -> Message:
    """Return the private sentence whose catalogue key stands in an outbox row."""
    return sentence(t.md(key, **{name: _worded(name, value, t) for name, value in values.items()}))


def accept_first(reply: Message, views: Sequence[MqlView], t: Translator) -> Message:
    """Return a sentence why no outcome can be reported, and a button to accept each of these MQLs. Several are named
    beside their button, the first of them where they are many."""
    if len(views) == 1:
        return message(reply.text, [*reply.blocks, *actions([buttons.accept(views[0], t)])])

    def named(view: MqlView) -> list[Block]:
        return [section(Mrkdwn(f"*{link(view, t)}*"), buttons.accept(view, t))]

    return message(reply.text, [*reply.blocks, *first_of(views, LISTED, named, t, beside=reply.blocks)])


def _worded(name: str, value: object, t: Translator) -> object:
    if isinstance(value, datetime):
        return t.full_day(value) if name in DAYS else t.moment(value)
    if isinstance(value, date):
        return t.day(value)
    if isinstance(value, timedelta):
        return t.duration(value)
    if isinstance(value, str) and not isinstance(value, Mrkdwn):
        return bare_name(value) if name in NAMES else line(value)
    return value


def help_text(commands: Sequence[tuple[str, str]], t: Translator) -> Message:
    """Return every command in one line each. `commands`: an example, and the key of what it does."""
    intro = t.md("help.intro")
    rows = lines(Mrkdwn(f"`{example}` {t.md(key)}") for example, key in commands)
    return message(intro, [section(intro), section(rows), context(t.md("help.buttons"))])


def mql_list(views: Sequence[MqlView], t: Translator, now: datetime | None = None) -> Message:
    """Return the reader's open MQLs, in the order given."""
    if not views:
        return private(Reply.NO_OPEN_MQLS, t)
    intro = t.md("list.intro", count=len(views))
    text = Mrkdwn(t.flow(intro, escape(t.listed([numbered(view.mql, t) for view in views[:3]]))))
    above = [section(intro)]
    return message(text, [*above, *first_of(views, LISTED, lambda view: [row(view, t, now)], t, beside=above)])


def row(view: MqlView, t: Translator, now: datetime | None = None, *, owner: bool = False) -> Block:
    """One MQL in a few short lines, with a button to the rest."""
    due = deadline(view)
    who = t.md("card.owner_name", name=owner_called(view, t)) if owner and view.mql.owner else None
    if view.cover is not None:
        who = t.md("card.owner_and_cover", name=owner_called(view, t), cover=cover_called(view, t))
    when = Mrkdwn(f"{'⏳ ' if due.soon(now) else ''}{escape(due_text(due, t))}") if due else None
    last = when or why_paused(view, t)
    text = lines([Mrkdwn(f"*{link(view, t)}*"), status(view, t, now), who, last, _kept(view, t)])
    return section(text, buttons.show(view, t))


def _kept(view: MqlView, t: Translator) -> Mrkdwn | None:
    if view.kept is None:
        return None
    return t.md("home.kept", rep=bare_name(view.kept.rep), at=t.moment(view.kept.back_at))
