"""One message about several MQLs: by whom it concerns, with their deadlines and what can be done about each. A row is
struck through once nothing more is asked of the reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from bot.core.messages import kinds
from bot.core.messages.kinds import Group
from bot.core.views.listed import ListedRow
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    actions,
    button,
    first_of,
    lines,
    message,
    option,
    overflow,
    section,
)
from bot.slack.blocks.base.phrases import called, deadline, due_text, link, numbered, owner_called, paused
from bot.slack.blocks.base.text import bare_name
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.answered import struck
from storage.vocabulary import ClockState, EventType, MessageKind, Status

BLOCKS_SHOWN = 46  # of the 50 of a message; the rest is for what stands above and below the rows
NAMED = 3
REPS_NAMED = 5
WHY_SHOWN = 60
ABOUT_FEEDBACK = (MessageKind.FEEDBACK_REMINDER, MessageKind.FEEDBACK_AGAIN)


def listed(rows: Sequence[ListedRow], message_id: int, t: Translator, now: datetime, *, by_day: bool) -> Message:
    """Return the message. `message_id`: its row in the outbox, by which its buttons name it; `by_day`: its rows came at
    once; else they waited for the end of the quiet hours."""
    waiting = [row for row in rows if not row.over]
    head = _headline(waiting, len(rows), t, by_day=by_day)
    above = [section(head), *actions(_for_all(waiting, message_id, t))]
    shown = _that_fit([_with_title(section_rows, t, now) for section_rows in _sections(rows)])
    blocks = first_of(shown, len(shown), lambda row: row, t, count=len(rows), more="listed.more", beside=above)
    first = t.listed([numbered(row.view.mql, t) for row in waiting[:NAMED]])
    return message(Mrkdwn(t.flow(head, escape(first))) if first else head, [*above, *blocks])


def _headline(waiting: Sequence[ListedRow], count: int, t: Translator, *, by_day: bool) -> Mrkdwn:
    if not waiting:
        return t.md("listed.all_done", count=count)
    if not by_day:
        return t.md("direct.held", count=len(waiting))
    groups = {kinds.KINDS[row.kind].group for row in waiting}
    if groups == {None}:
        return t.md("listed.assignments", count=len(waiting))
    if groups == {Group.TEAM}:
        reps = Counter(_rep(row, t) or t("status.unassigned") for row in waiting)
        parts = [t("listed.part", who=rep, count=number) for rep, number in reps.most_common(REPS_NAMED)]
        return t.md("listed.team", count=len(waiting), parts=t("people.between").join(parts))
    return t.md("listed.offers" if groups == {Group.OFFERS} else "direct.together", count=len(waiting))


def _for_all(waiting: Sequence[ListedRow], message_id: int, t: Translator) -> list[Element]:
    """Return what can be done about several rows at once."""
    of_team = [row for row in waiting if kinds.KINDS[row.kind].group is Group.TEAM]
    shown = []
    if len(of_team) > 1:
        shown.append(button(t("button.reassign_several"), ids.REASSIGN_SEVERAL, message_id, primary=True))
    if any(buttons.remind(row.view, t) for row in of_team):
        shown.append(button(t("button.remind_all"), ids.REMIND_ALL, message_id))
    if sum(row.kind in ABOUT_FEEDBACK and row.view.mql.awaits_outcome for row in waiting) > 1:
        shown.append(button(t("button.several"), ids.SEVERAL, 0))
    return shown


def _sections(rows: Sequence[ListedRow]) -> Iterable[list[ListedRow]]:
    """Return the rows by what they tell and whom they concern: in each, and among each other, what asks for something
    comes first."""
    sections: dict[object, list[ListedRow]] = {}
    for row in rows:
        sections.setdefault((row.kind, _nudged_by(row), row.entry.before if _of_team(row) else None), []).append(row)
    return sections.values()


def _of_team(row: ListedRow) -> bool:
    return kinds.KINDS[row.kind].group is Group.TEAM


def _nudged_by(row: ListedRow) -> str | None:
    return row.entry.actor if row.kind == MessageKind.REMINDER else None


def _with_title(rows: Sequence[ListedRow], t: Translator, now: datetime) -> Iterator[list[Block]]:
    count, first = sum(not row.over for row in rows), rows[0]
    title = t("listed.nudge", by=bare_name(by), count=count) if (by := _nudged_by(first)) else ""
    title = title or t(f"direct.held_{first.kind}", count=count)
    if _of_team(first):
        title = t("listed.of_rep", who=_rep(first, t) or t("status.unassigned"), title=title)
    above = [section(Mrkdwn(f"*{escape(title)}*"))] if count else []
    for place, row in enumerate(rows):
        yield [*([] if place else above), _row(row, t, now)]


def _rep(row: ListedRow, t: Translator) -> str:
    """Return whose MQL it was at the event, as a person is called; empty where nobody had it."""
    if row.entry.event.type != EventType.ESCALATED:
        return owner_called(row.view, t)
    name = bare_name(row.entry.before)
    return called(row.entry.event.before, name, t) if name else ""


def _that_fit(sections: Iterable[Iterable[list[Block]]]) -> list[list[Block]]:
    shown, left = [], BLOCKS_SHOWN
    for row in (row for rows in sections for row in rows):
        left -= len(row)
        if left < 0:
            break
        shown.append(row)
    return shown


def _row(row: ListedRow, t: Translator, now: datetime) -> Block:
    if row.over:
        return section(struck(row.view, t, row.had))
    due = deadline(row.view)
    mark = "" if due is None else "🔴 " if due.passed(now) else "⏳ " if due.soon(now) else ""
    when = Mrkdwn(f"{mark}{escape(due_text(due, t))}") if due is not None else paused(row.view, t, WHY_SHOWN)
    return section(lines([Mrkdwn(f"*{link(row.view, t)}*"), when]), _act(row, t))


def _act(row: ListedRow, t: Translator) -> Element:
    """Return the one thing to do about a row; for leaders the menu of what they can do."""
    step = _STEPS.get(row.kind)
    if step is not None:
        return step(row, t)
    return menu(row.view, t)


def menu(view: MqlView, t: Translator) -> Element:
    """Return what a leader can do about an MQL of somebody else."""
    offered = {
        ids.OPTION_REASSIGN: True,
        ids.OPTION_TAKE_OVER: view.response.stopped_at is None,
        ids.OPTION_REMIND: view.mql.owner is not None and view.response.state == ClockState.RUNNING,
        ids.OPTION_RESUME: view.paused,
        ids.OPTION_SHOW: True,
    }
    names = {ids.OPTION_REASSIGN: "assign"} if view.mql.owner is None else {}
    shown = [name for name, makes_sense in offered.items() if makes_sense]
    return overflow(ids.ROW, [option(t(f"button.{names.get(name, name)}"), f"{name}:{view.mql.id}") for name in shown])


def next_step(view: MqlView, t: Translator) -> Element:
    """Return the owner's next step, or the way to everything about the MQL where there is none."""
    if view.mql.status == Status.ASSIGNED:
        return buttons.accept(view, t)
    if view.mql.status == Status.ACCEPTED and view.response.stopped_at is None:
        return buttons.contacted(view, t, primary=True)
    return buttons.report(view, t, primary=True) if view.mql.awaits_outcome else buttons.show(view, t)


def _report(row: ListedRow, t: Translator) -> Element:
    return buttons.correct(row.view, t) if row.view.mql.disposed else buttons.report(row.view, t)


_STEPS: dict[MessageKind, Callable[[ListedRow, Translator], Element]] = {
    MessageKind.ASSIGNMENT: lambda row, t: next_step(row.view, t),
    MessageKind.REMINDER: lambda row, t: next_step(row.view, t),
    MessageKind.PAUSE_OVER: lambda row, t: next_step(row.view, t),
    MessageKind.FEEDBACK_REMINDER: _report,
    MessageKind.FEEDBACK_AGAIN: _report,
    MessageKind.OFFER: lambda row, t: buttons.take(row.view, t),
}
