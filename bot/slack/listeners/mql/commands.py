"""/mql list, /mql search, /mql show and /mql withdraw."""

from __future__ import annotations

import unicodedata

from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Refusal, Refused
from bot.core.mql import withdrawal
from bot.core.reports import weekly
from bot.core.views import home, mql
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.mql import replies
from bot.slack.blocks.reports import digest
from bot.slack.blocks.views import menu as menu_blocks
from bot.slack.listeners.base.command import Answer, CommandContext, is_name, numbered, somebody
from bot.slack.listeners.base.words import plain
from bot.slack.listeners.mql.form_data import show_view
from bot.slack.listeners.views.menu import sees_everybody
from storage import mqls
from storage.models import UNDECIDED, Mql
from storage.vocabulary import ClockKind

LONGEST_REASON = 3000
OVERDUE = {"overdue": ("waiting", ClockKind.RESPONSE), "outcomes": ("open_debt", ClockKind.FEEDBACK)}
ALL = ("all", "全部", "全件", "すべて", "みんな", "everybody")
_LISTS = {"期限超過": "overdue", "超過": "overdue", "late": "overdue", "未報告": "outcomes", "結果": "outcomes"}


def listed(command: CommandContext) -> Answer:
    """Return the caller's open MQLs; after "overdue" or "outcomes" what is overdue of everybody's, after "all" all that
    are open, and after @somebody theirs."""
    if command.words:
        typed = command.words[0]
        kind = OVERDUE.get(_LISTS.get(plain(typed), plain(typed)))
        if kind:
            return _overdue(command, *kind)
        return _of_others(command, typed)
    mine = home.open_of(command.tx, command.workspace, command.by)
    return replies.mql_list(mine, command.t, command.now)


def _of_others(command: CommandContext, typed: str) -> Answer:
    who = None if plain(typed) in ALL else somebody(command, typed)
    if isinstance(who, Message):
        return who if is_name(typed) else Reply.LIST_WORD
    if not command.may(Permission.SEE_EVERYBODY, whose=who.user_id if who else None):
        return Reply.LIST_NOT_ALLOWED
    if who is None:
        subjects = mqls.with_status(command.tx, command.workspace.id, *UNDECIDED)
        heading = command.t.md("list.all", count=len(subjects))
    else:
        subjects = mqls.work_of(command.tx, command.workspace.id, who.user_id)
        heading = command.t.md("list.of", count=len(subjects), rep=bare_name(who.name))
    views = mql.mql_views(command.tx, command.workspace, subjects)
    return menu_blocks.listed(heading, sorted(views, key=home.urgency), command.t, command.now)


def _is_seen(sign: str) -> bool:
    """Return whether a character shows: zero-width and control characters, which come along by copying, do not."""
    return unicodedata.category(sign) not in ("Cc", "Cf", "Zs", "Zl", "Zp")


def search(command: CommandContext) -> Answer:
    """Return the MQLs whose company, person or address holds what was typed, or whose number it is."""
    words = " ".join(command.words)
    if not any(map(_is_seen, words)):
        return Reply.SEARCH_WORDS
    searched = mqls.search(command.tx, command.workspace.id, words, replies.LISTED)
    number = words.lstrip("#")
    wanted = int(number) if number.isdecimal() and len(number) <= 9 else None
    named = mqls.by_number(command.tx, command.workspace.id, wanted) if wanted is not None else None
    matching = searched.mqls
    if named is not None and named.import_id is None:
        matching = [named, *(subject for subject in matching if subject.id != named.id)]
    among = {} if searched.in_all else {"newest": f"{mqls.SEARCHED:,}"}
    if not matching:
        return command.say(Reply.SEARCH_NOTHING_AMONG if among else Reply.SEARCH_NOTHING, words=words, **among)
    views = mql.mql_views(command.tx, command.workspace, matching)
    key = "list.found_among" if among else "list.found"
    heading = command.t.md(key, count=len(views), words=line(words, 60), **among)
    return menu_blocks.listed(heading, views, command.t, command.now)


def _overdue(command: CommandContext, key: str, kind: ClockKind) -> Answer:
    if refusal := sees_everybody(command):
        return refusal
    overdue = weekly.overdue(command.tx, command.workspace, kind, command.now, replies.LISTED)
    return digest.overdue_list(key, overdue, command.t, command.now)


def show(command: CommandContext) -> Answer:
    """Return the page of one MQL."""
    subject = numbered(command)
    if isinstance(subject, Message):
        return subject
    (view,) = mql.mql_views(command.tx, command.workspace, [subject])
    return show_view(command, view)


def withdraw(command: CommandContext) -> Answer:
    """Take back what was a test or a mistake; what is typed after the number is the reason."""
    subject = numbered(command)
    if isinstance(subject, Message):
        return subject
    outcome = _withdraw(command, subject) if command.first_time else _as_before(command, subject)
    key = outcome.reason if isinstance(outcome, Refused) else Reply.WITHDRAW_DONE
    return command.say(key, number=subject.number)


def _withdraw(command: CommandContext, subject: Mql) -> ActionResult:
    reason = " ".join(command.words[1:])[:LONGEST_REASON] or None
    return withdrawal.withdraw(command.tx, command.workspace.id, subject.id, command.by, reason, command.now)


def _as_before(command: CommandContext, subject: Mql) -> Refused | None:
    refusal = withdrawal.refusal(command.member, subject)
    # It was this very command that withdrew it.
    return None if refusal is not None and refusal.reason == Refusal.WITHDRAWN else refusal
