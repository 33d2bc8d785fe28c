"""The meeting of marketing and sales: its agenda, the actions that were agreed upon, and the forms for both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from bot.core.review.actions import Action
from bot.core.review.meeting import Agenda, Standing
from bot.core.views.disputes import OpenDispute
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import LINE, modal
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    first_of,
    header,
    lines,
    message,
    section,
)
from bot.slack.blocks.base.phrases import link, owner_called, paused, place
from bot.slack.blocks.base.text import bare_name, line, md
from bot.slack.blocks.review.actions import (
    change_button,
    done_button,
    finished,
    plain_who_and_when,
    reopen_button,
    who_and_when,
)

BREACHES_SHOWN = 8
DISPUTES_SHOWN = 5
REASONS_SHOWN = 3
ACTIONS_SHOWN = 10
ACTIONS_ON_PAGE = 30
ACTIONS_IN_DIGEST = 5


def agenda(content: Agenda, t: Translator) -> Message:
    """Return the agenda in the meeting's Slack channel, with the buttons for what is agreed upon."""
    at = t.moment(content.starts_at)
    counts = {"late": len(content.breaches), "open": len(content.actions)}
    head = t.md("meeting.head", since=t.moment(content.since), **counts)
    blocks: list[Block] = [header(t("meeting.agenda", at=at)), section(head)]
    blocks += _listed("meeting.breaches", [_breach(item, t) for item in content.breaches], BREACHES_SHOWN, t)
    blocks += _listed("meeting.disputes", [_dispute(item, t) for item in content.disputes], DISPUTES_SHOWN, t)
    reasons = [
        t.md("meeting.reason", reason=line(why.label(t.locale), 60), count=count) for why, count in content.lost_reasons
    ]
    blocks += _listed("meeting.reasons", reasons, REASONS_SHOWN, t)
    blocks += [divider(), *_to_do(content.actions, ACTIONS_SHOWN, t)]
    blocks += actions([_record(t), *([] if content.held_by else [_held(t.local_date(content.starts_at), t)])])
    if content.held_by:
        blocks.append(context(t.md("meeting.held_by", by=bare_name(content.held_by))))
    return message(t.md("meeting.notification", at=at), blocks)


def in_text(open_ones: Sequence[Action], t: Translator) -> list[str]:
    """Return the open actions as lines of plain text, overdue first."""
    return [f"{line(action.item.what, LINE)} ({plain_who_and_when(action, t)})" for action in open_ones]


def in_digest(open_ones: Sequence[Action], t: Translator) -> list[Block]:
    """Return the open actions as a section of the digest, overdue first; nothing where there is none."""
    items = [Mrkdwn(f"{md(action.item.what, LINE)} ({who_and_when(action, t)})") for action in open_ones]
    return _listed("meeting.actions", items, ACTIONS_IN_DIGEST, t)


def page(now: Standing, t: Translator) -> View:
    """Return when the next meeting is, when the last one was, and what is open."""
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
        blocks += [section(finished(action, t), reopen_button(action, t)) for action in now.done]
    return modal(t("meeting.title"), blocks, t, submit=t("button.action_record"), callback_id=ids.MEETING_PAGE)


def _listed(key: str, items: Sequence[Mrkdwn], most: int, t: Translator) -> list[Block]:
    """Return a titled list of the first few; nothing where there is none."""
    if not items:
        return []
    left = len(items) - most
    more = t.md("list.more", count=left) if left > 0 else None
    bullets = [Mrkdwn(f"• {item}") for item in items[:most]]
    return [section(lines([Mrkdwn(f"*{t.md(key, count=len(items))}*"), *bullets, more]))]


def _breach(view: MqlView, t: Translator) -> Mrkdwn:
    due = t.moment(view.response.due_at)
    who = t("card.owner_name", name=owner_called(view, t)) if view.mql.owner else t("status.unassigned")
    key = "meeting.breach_open" if view.response.stopped_at is None else "meeting.breach_answered"
    return lines([t.md(key, whom=link(view, t), who=who, due=due), paused(view, t)])


def _dispute(dispute: OpenDispute, t: Translator) -> Mrkdwn:
    view, day = dispute.view, t.day(t.local_date(dispute.opened.event.at))
    why, actor = line(dispute.opened.event.reason, 100), bare_name(dispute.opened.actor) or t("lead.owner")
    reason = line(view.reason.label(t.locale), 60) if view.reason else t("status.disqualified")
    return t.md("meeting.dispute", whom=link(view, t), reason=reason, day=day, actor=actor, why=why)


def _to_do(open_ones: Sequence[Action], most: int, t: Translator, *, changeable: bool = False) -> list[Block]:
    """Return the open actions, each with its buttons."""
    if not open_ones:
        return [section(t.md("meeting.no_actions"))]
    title = section(Mrkdwn(f"*{t.md('meeting.actions', count=len(open_ones))}*"))
    return [title, *first_of(open_ones, most, partial(_row, t=t, changeable=changeable), t)]


def _row(action: Action, t: Translator, changeable: bool) -> list[Block]:
    text = lines([Mrkdwn(f"*{md(action.item.what, LINE)}*"), who_and_when(action, t)])
    if not changeable:
        return [section(text, done_button(action, t))]
    return [section(text), *actions([done_button(action, t), change_button(action, t)])]


def _record(t: Translator) -> Element:
    return button(t("button.action_record"), ids.RECORD_ACTION, 0, primary=True)


def _held(day: date, t: Translator) -> Element:
    return button(t("button.meeting_held"), ids.MEETING_HELD, f"{day:%Y%m%d}")
