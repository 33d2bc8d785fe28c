"""What people write to the bot, in its direct message or by mentioning it: answered with the buttons that do it.

Nothing but an absence with its days is carried out by words alone: who writes that they have accepted gets the button.
"""

from __future__ import annotations

import re
from typing import Any

from bot.core.base import day_words
from bot.core.base.permissions import Permission
from bot.core.messages import notifications
from bot.core.routing import absences
from bot.slack.blocks import absences as absence_blocks
from bot.slack.blocks.reply_keys import Reply
from bot.slack.caller import Caller, first_time
from bot.slack.context import AppContext
from bot.slack.listeners.absence import local_now
from bot.slack.listeners.pipeline import Interaction
from bot.slack.listeners.words import meant, plain
from storage import mqls
from storage.models import Mql
from storage.vocabulary import ReceiptKind, Status

SHOWN = 5
MOST_WORDS = 200
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_SAYS_AWAY = (
    r"休み(?:ます|です)?|休暇|不在(?:です|にします)?|有休|\b(?:i am|i'm|i will be|i'll be)?\s*(?:away|off|out)\b"
)
_AWAY = re.compile(rf"{_SAYS_AWAY}|午[前後]休")
_AROUND_AWAY = re.compile(rf"{_SAYS_AWAY}|します|です|いただきます|を|は")
_BACK = re.compile(r"戻りました|復帰|出社しました|\b(?:i am|i'm)?\s*back\b")
_ACCEPT = re.compile(r"受領|引き受け|担当します|対応します|\baccept")
_OUTCOME = re.compile(r"結果|報告|商談|失注|対象外|連絡しました|\b(?:outcome|feedback|contacted|qualified)")
_HELP = re.compile(r"ヘルプ|使い方|教えて|\bhelp\b|^\?*$")
_LIST = re.compile(r"一覧|リスト|\blist\b|\bmine\b")
_NUMBER = re.compile(r"#?(\d{1,9})(?:番)?")
Answer = tuple[Reply, dict[str, str | int], list[Mql]]


def is_talk(event: dict[str, Any]) -> bool:
    """Return whether a message was written to the bot in its direct message, by a person."""
    return event.get("channel_type") == "im" and not event.get("subtype") and not event.get("bot_id")


def answer(context: AppContext, workspace_id: str, event: dict[str, Any]) -> None:
    """Answer what a person has written, once: in the direct message itself, or where they mentioned the bot so that
    only they see it."""
    if event.get("bot_id") or not event.get("user"):
        return
    in_channel = event["type"] == "app_mention"
    key = f"talk:{event['channel']}:{event['ts']}"
    caller = Caller(workspace_id, event["user"], event["channel"] if in_channel else None, key)
    with context.database.transaction() as tx:
        written = Interaction(tx, context, caller, context.now())
        if (
            not written.configured
            or not written.may(Permission.USE)
            or not first_time(tx, context, caller, ReceiptKind.EVENT)
        ):
            return
        words = " ".join(plain(_MENTION.sub(" ", event.get("text") or "")).split())[:MOST_WORDS]
        reply, named, shown = _answer(written, words)
        ids = tuple(subject.id for subject in shown[:SHOWN])
        notifications.explain_privately(
            tx,
            workspace_id,
            key,
            caller.channel_id,
            caller.user_id,
            written.now,
            f"reply.{reply}",
            named,
            shown=ids,
            menu=not ids,
        )
    context.wake()


def _answer(written: Interaction, words: str) -> Answer:
    if _BACK.search(words) and written.may(Permission.OWN_ABSENCE):
        was_away = absences.come_back(written.tx, written.workspace.id, written.by, written.now)
        return (Reply.TALK_BACK if was_away else Reply.NOT_AWAY), {}, []
    if _AWAY.search(words) and written.may(Permission.OWN_ABSENCE):
        return _away(written, words)
    mine = mqls.work_of(written.tx, written.workspace.id, written.by)
    numbered = _NUMBER.search(words)
    about = mqls.by_number(written.tx, written.workspace.id, int(numbered[1])) if numbered else None
    if about is not None and about.import_id is None:
        return Reply.TALK_FOUND, {"count": 1}, [about]
    if _ACCEPT.search(words):
        return _of(Reply.TALK_ACCEPT, [subject for subject in mine if subject.status == Status.ASSIGNED])
    if _OUTCOME.search(words):
        return _of(Reply.TALK_OUTCOME, mine)
    if _LIST.search(words) or meant(words) == "list":
        return _of(Reply.TALK_MINE, mine)
    matching = [] if _HELP.search(words) else mqls.search(written.tx, written.workspace.id, words, SHOWN)
    return (Reply.TALK_FOUND, {"count": len(matching)}, matching) if matching else (Reply.TALK_HELP, {}, [])


def _of(reply: Reply, subjects: list[Mql]) -> Answer:
    return (reply, {"count": len(subjects)}, subjects) if subjects else (Reply.TALK_NOTHING_OPEN, {}, [])


def _away(written: Interaction, words: str) -> Answer:
    """Set the days that were written; where there are none to read, the button opens the form."""
    bare = " ".join(_AROUND_AWAY.sub(" ", words).split())
    days = day_words.parse(bare, local_now(written)) if bare else None
    if days is None:
        return Reply.TALK_AWAY_WHEN, {}, []
    begins, ends = days.span(written.workspace.timezone)
    row = absences.announce(
        written.tx, written.workspace.id, written.by, written.now, ends, since=begins, by=written.by
    )
    if row is None:
        return Reply.TALK_AWAY_WHEN, {}, []
    return Reply.TALK_AWAY, {"days": absence_blocks.when(row, written.t)}, []
