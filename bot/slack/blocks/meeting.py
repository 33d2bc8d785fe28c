"""The meeting of marketing and sales: its agenda, the actions that were agreed upon, and the forms for both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.core.review.actions import Action
from bot.core.review.meeting import Agenda, Standing
from bot.core.views.disputes import OpenDispute
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks import ids
from bot.slack.blocks.actions import (
    change_button,
    done_button,
    finished,
    plain_who_and_when,
    reopen_button,
    who_and_when,
)
from bot.slack.blocks.forms import LINE, modal
from bot.slack.blocks.kit import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    header,
    lines,
    message,
    section,
)
from bot.slack.blocks.phrases import deadline, link, owner_name, place
from bot.slack.blocks.text import bare_name, line, md

BREACHES_SHOWN = 8
DISPUTES_SHOWN = 5
REASONS_SHOWN = 3
ACTIONS_SHOWN = 10
ACTIONS_ON_PAGE = 30
ACTIONS_IN_DIGEST = 5


def agenda(told: Agenda, t: Translator) -> Message:
    """The agenda in the meeting's Slack channel, with the buttons for what is agreed upon."""
    at = t.moment(told.starts_at)
    counts = {"late": len(told.breaches), "open": len(told.actions)}
    head = t.md("meeting.head", since=t.moment(told.since), **counts)
    blocks: list[Block] = [header(t("meeting.agenda", at=at)), section(head)]
    blocks += _listed("meeting.breaches", [_breach(one, t) for one in told.breaches], BREACHES_SHOWN, t)
    blocks += _listed("meeting.disputes", [_dispute(one, t) for one in told.disputes], DISPUTES_SHOWN, t)
    reasons = [
        t.md("meeting.reason", reason=line(why.label(t.locale), 60), count=count) for why, count in told.lost_reasons
    ]
    blocks += _listed("meeting.reasons", reasons, REASONS_SHOWN, t)
    blocks += [divider(), *_to_do(told.actions, ACTIONS_SHOWN, t)]
    blocks += actions([_record(t), *([] if told.held_by else [_held(t.local_date(told.starts_at), t)])])
    if told.held_by:
        blocks.append(context(t.md("meeting.held_by", by=bare_name(told.held_by))))
    return message(t.md("meeting.notification", at=at), blocks)


def in_text(open_ones: Sequence[Action], t: Translator) -> list[str]:
    """The open actions as lines of plain text, overdue first."""
    return [f"{line(one.item.what, LINE)} ({plain_who_and_when(one, t)})" for one in open_ones]


def in_digest(open_ones: Sequence[Action], t: Translator) -> list[Block]:
    """The open actions as a section of the digest, overdue first; nothing where there is none."""
    told = [Mrkdwn(f"{md(one.item.what, LINE)} {who_and_when(one, t)}") for one in open_ones]
    return _listed("meeting.actions", told, ACTIONS_IN_DIGEST, t)


def page(now: Standing, t: Translator) -> View:
    """When the next meeting is, when the last one was, and what is open."""
    if now.next_at is None:
        planned = t.md("meeting.not_planned")
    else:
        planned = t.md("meeting.next", at=t.moment(now.next_at), where=place(now.slack_channel or ""))
    last = t.md("meeting.last", day=t.day(now.last_held)) if now.last_held else t.md("meeting.never")
    blocks: list[Block] = [section(lines([planned, last]))]
    if now.last_held != now.today and not now.begins_later:
        blocks += actions([_held(now.today, t)])
    blocks += [divider(), *_to_do(now.actions, ACTIONS_ON_PAGE, t, changeable=True)]
    if now.done:
        blocks += [divider(), section(Mrkdwn(f"*{t.md('meeting.done')}*"))]
        blocks += [section(finished(one, t), reopen_button(one, t)) for one in now.done]
    return modal(t("meeting.title"), blocks, t, submit=t("button.action_record"), callback_id=ids.MEETING_PAGE)


def _listed(key: str, told: Sequence[Mrkdwn], most: int, t: Translator) -> list[Block]:
    """A titled list of the first few; nothing where there is none."""
    if not told:
        return []
    left = len(told) - most
    more = t.md("list.more", count=left) if left > 0 else None
    bullets = [Mrkdwn(f"• {one}") for one in told[:most]]
    return [section(lines([Mrkdwn(f"*{t.md(key, count=len(told))}*"), *bullets, more]))]


def _breach(view: MqlView, t: Translator) -> Mrkdwn:
    due = t.moment(view.response.due_at)
    who = t("card.owner_name", name=owner_name(view, t)) if view.mql.owner else t("status.unassigned")
    open_still = deadline(view) is not None and view.response.stopped_at is None
    key = "meeting.breach_open" if open_still else "meeting.breach_answered"
    return t.md(key, whom=link(view, t), who=who, due=due)


def _dispute(one: OpenDispute, t: Translator) -> Mrkdwn:
    view, day = one.view, t.day(t.local_date(one.told.event.at))
    why, actor = line(one.told.event.reason, 100), bare_name(one.told.actor) or t("lead.owner")
    reason = line(view.reason.label(t.locale), 60) if view.reason else t("status.disqualified")
    return t.md("meeting.dispute", whom=link(view, t), reason=reason, day=day, actor=actor, why=why)


def _to_do(open_ones: Sequence[Action], most: int, t: Translator, *, changeable: bool = False) -> list[Block]:
    """The open actions, each with its buttons."""
    if not open_ones:
        return [section(t.md("meeting.no_actions"))]
    blocks: list[Block] = [section(Mrkdwn(f"*{t.md('meeting.actions', count=len(open_ones))}*"))]
    blocks += [block for one in open_ones[:most] for block in _row(one, t, changeable)]
    left = len(open_ones) - most
    return [*blocks, context(t.md("list.more", count=left))] if left > 0 else blocks


def _row(one: Action, t: Translator, changeable: bool) -> list[Block]:
    said = lines([Mrkdwn(f"*{md(one.item.what, LINE)}*"), who_and_when(one, t)])
    if not changeable:
        return [section(said, done_button(one, t))]
    return [section(said), *actions([done_button(one, t), change_button(one, t)])]


def _record(t: Translator) -> Element:
    return button(t("button.action_record"), ids.RECORD_ACTION, 0, primary=True)


def _held(day: date, t: Translator) -> Element:
    return button(t("button.meeting_held"), ids.MEETING_HELD, f"{day:%Y%m%d}")
