"""What people write to the bot, in its direct message or by mentioning it: answered with the buttons that do it.

Nothing but one's own absence with its days is carried out by words alone: who writes that they have accepted gets the
button, and so does a leader who writes that somebody else is away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.base import day_words, permissions
from bot.core.base.day_words import Days
from bot.core.base.permissions import Permission
from bot.core.messages import notifications
from bot.core.messages.notifications import Below
from bot.core.routing import absences
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.routing import absences as absence_blocks
from bot.slack.caller import Caller, first_time
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Interaction
from bot.slack.listeners.base.typed import nearest, people_in, without_name
from bot.slack.listeners.base.words import meant, plain
from bot.slack.listeners.routing.absences import local_now, span_of
from storage import members, mqls
from storage.models import Member, Mql
from storage.vocabulary import ReceiptKind, Status

SHOWN = 5
MOST_WORDS = 200
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_SAYS_AWAY = (
    r"お?休み(?:ます|です)?|休暇|不在(?:です|にします)?|有休|\b(?:i am|i'm|i will be|i'll be)?\s*(?:away|off|out)\b"
)
_AWAY = re.compile(rf"{_SAYS_AWAY}|午[前後]休")
_AROUND_AWAY = re.compile(rf"{_SAYS_AWAY}|します|です|いただきます|を|は")
_BACK = re.compile(r"戻りました|復帰|出社しました|\b(?:i am|i'm)?\s*back\b")
_ACCEPT = re.compile(r"受領|引き受け|担当します|対応します|\baccept")
_OUTCOME = re.compile(r"結果|報告|商談|失注|対象外|連絡しました|\b(?:outcome|feedback|contacted|qualified)")
_HELP = re.compile(r"ヘルプ|使い方|教えて|\bhelp\b|^\?*$")
_LIST = re.compile(r"一覧|リスト|\blist\b|\bmine\b")
_NUMBER = re.compile(r"#?(\d{1,9})(?:番)?")
_TITLED = re.compile(r"(\S{1,20}?)(?:さん|くん|君|様)(?:は|が|も|の|、|\s|明|今|来|本|午|休|\d|$)")
_TEAM = re.compile(r"チーム|部下|メンバー.*(?:状況|一覧)|\bteam\b", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What is answered: a sentence, and what stands below it."""

    reply: Reply
    words: Mapping[str, str | int] = field(default_factory=dict)
    subjects: Sequence[Mql] = ()
    below: Below = field(default_factory=lambda: Below(menu=True))
    """Where no MQLs are shown."""


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
        given = _answer(written, (event.get("text") or "")[:MOST_WORDS])
        shown = tuple(subject.id for subject in given.subjects[:SHOWN])
        below = Below(mqls=shown) if shown else given.below
        words, sentence = dict(given.words), f"reply.{given.reply}"
        notifications.explain_privately(
            tx, workspace_id, key, caller.channel_id, caller.user_id, written.now, sentence, words, **below
        )
    context.wake()


def _answer(written: Interaction, text: str) -> Answer:
    words = " ".join(plain(_MENTION.sub(" ", text)).split())
    if _BACK.search(words) and written.may(Permission.OWN_ABSENCE):
        was_away = absences.come_back(written.tx, written.workspace.id, written.by, written.now)
        return Answer(Reply.TALK_BACK if was_away else Reply.NOT_AWAY)
    if _AWAY.search(words) and (about := _absence(written, text, words)) is not None:
        return about
    if _TEAM.search(words) or meant(words) == "team":
        if not written.may(Permission.SEE_EVERYBODY):
            return Answer(Reply.LIST_NOT_ALLOWED)
        return Answer(Reply.TALK_TEAM, below=Below(board=True))
    mine = mqls.work_of(written.tx, written.workspace.id, written.by)
    numbered = _NUMBER.search(words)
    about_number = mqls.by_number(written.tx, written.workspace.id, int(numbered[1])) if numbered else None
    if about_number is not None and about_number.import_id is None:
        return Answer(Reply.TALK_FOUND, {"count": 1}, [about_number])
    if _ACCEPT.search(words):
        return _of(Reply.TALK_ACCEPT, [subject for subject in mine if subject.status == Status.ASSIGNED])
    if _OUTCOME.search(words):
        return _of(Reply.TALK_OUTCOME, mine)
    if _LIST.search(words) or meant(words) == "list":
        return _of(Reply.TALK_MINE, mine)
    matching = [] if _HELP.search(words) else mqls.search(written.tx, written.workspace.id, words, SHOWN).mqls
    return Answer(Reply.TALK_FOUND, {"count": len(matching)}, matching) if matching else Answer(Reply.TALK_HELP)


def _of(reply: Reply, subjects: list[Mql]) -> Answer:
    return Answer(reply, {"count": len(subjects)}, subjects) if subjects else Answer(Reply.TALK_NOTHING_OPEN)


def _absence(written: Interaction, text: str, words: str) -> Answer | None:
    """Return what is answered to words about an absence: the writer's own, or that of somebody whom they name. None
    for whoever can neither be away nor lead."""
    roster = members.roster(written.tx, written.workspace.id)
    named = [member for member in people_in(roster, text) if member.user_id != written.by]
    if len(named) > 1:
        names = written.t.listed([member.name for member in named[:SHOWN]])
        return Answer(Reply.AWAY_WHO_SEVERAL, {"names": names})
    if named:
        return _of_somebody(written, named[0], text)
    if (stranger := _TITLED.search(words)) is not None:
        return _unknown(written, roster, stranger[1])
    if written.may(Permission.OWN_ABSENCE):
        return _own(written, words)
    return Answer(Reply.TALK_AWAY_WHO) if written.may(Permission.ABSENCE) else None


def _own(written: Interaction, words: str) -> Answer:
    """Set the days that were written; where there are none to read, the button opens the form."""
    days = _days(written, written.member, words)
    if days is None:
        return Answer(Reply.TALK_AWAY_WHEN)
    begins, ends = span_of(written, written.member, days)
    row = absences.announce(
        written.tx, written.workspace.id, written.by, written.now, ends, since=begins, by=written.by
    )
    if row is None:
        return Answer(Reply.TALK_AWAY_WHEN)
    return Answer(Reply.TALK_AWAY, {"days": absence_blocks.when(row, written.t)}, below=Below(absence=row.id))


def _of_somebody(written: Interaction, who: Member, text: str) -> Answer:
    """Ask a leader whether somebody is away on the days that they wrote: a name in a sentence may mean anything."""
    if not written.may(Permission.ABSENCE, whose=who.user_id):
        return Answer(Reply.AWAY_OTHERS_NOT_ALLOWED)
    if not permissions.may(who, Permission.OWN_ABSENCE):
        return Answer(Reply.ONLY_REPS)
    days = _days(written, who, " ".join(plain(_MENTION.sub(" ", without_name(who, text))).split()))
    if days is None:
        return Answer(Reply.TALK_AWAY_WHEN)
    words = {"rep": who.name, "days": absence_blocks.days(days, written.t)}
    return Answer(Reply.TALK_AWAY_CONFIRM, words, below=Below(proposed=absence_blocks.carried(who.user_id, days)))


def _unknown(written: Interaction, roster: Sequence[Member], name: str) -> Answer:
    close = nearest(roster, name)
    if close:
        return Answer(Reply.NAME_UNKNOWN_NEAR, {"typed": name, "names": written.t.listed(close)})
    return Answer(Reply.NAME_UNKNOWN, {"typed": name})


def _days(written: Interaction, who: Member | None, words: str) -> Days | None:
    bare = " ".join(_AROUND_AWAY.sub(" ", words).split())
    return day_words.parse(bare, local_now(written, who)) if bare else None
