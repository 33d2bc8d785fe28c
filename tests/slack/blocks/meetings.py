"""Agendas, actions and what messages led to, in every state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

from bot.core.messages.kinds import MEASURED, MUTABLE
from bot.core.reports.noise import NoiseReport, Share, Silenced
from bot.core.review.action_changes import History, RecordedChange
from bot.core.review.actions import Action
from bot.core.review.meeting import Agenda, Standing
from bot.core.views.disputes import OpenDispute
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import noise
from bot.slack.blocks.review import actions as act
from bot.slack.blocks.review import meeting
from storage.models import ActionChange, ActionItem
from storage.vocabulary import ActionStep, EventType, Status
from tests.slack.blocks.samples import HOSTILE, INFO, NOW, happened, member, view


def action(what: str = "資料を送る", name: str = "佐藤 葵", *, done: bool = False, overdue: bool = False) -> Action:
    item = ActionItem(id=7, workspace_id="T1", what=what, owner="U1", due_on="2026-11-24", by="U2", at=NOW)
    item = item.model_copy(update={"done_by": "U1", "done_at": NOW}) if done else item
    return Action(item, name, name, name if done else None, overdue, put_off=int(overdue))


def step(kind: ActionStep, number: int = 1, **values: Any) -> ActionChange:
    values = {"what": "資料", "owner": "U1", "due_on": "2026-11-24", **values}
    return ActionChange(id=number, workspace_id="T1", action_id=7, step=kind, by="U2", at=NOW, **values)


RECORDED = step(ActionStep.RECORDED)
STEPS = (
    RECORDED,
    step(ActionStep.CHANGED, 2, owner="U2"),
    step(ActionStep.CHANGED, 3, owner="U9", due_on="2026-12-01", what=HOSTILE),
    step(ActionStep.DONE, 4),
    step(ActionStep.REOPENED, 5),
)


def changed(name: str, t: Translator) -> Iterator[tuple[str, Message]]:
    for shown, now in product((action(name, name), action(name, name, done=True)), STEPS[1:]):
        for reader in ("U1", "U2"):
            change = RecordedChange(now, RECORDED, name)
            yield f"action {shown.done_by} {now.id} {reader} {name[:5]}", act.changed(shown, change, reader, t)


AGENDA = Agenda(NOW + timedelta(hours=1), NOW - timedelta(days=7), (), (), (), (), None)
NASTY = INFO.model_copy(update={"ja": HOSTILE, "en": HOSTILE})


def messages(t: Translator) -> Iterator[tuple[str, Message]]:
    hostile = action(HOSTILE, HOSTILE, overdue=True)
    yield "agenda of nothing", meeting.agenda(AGENDA, t)
    yield "agenda, held", meeting.agenda(replace(AGENDA, held_by=HOSTILE), t)
    late = tuple(view(status, owner=HOSTILE, company=HOSTILE, person=HOSTILE) for status in Status) * 20
    disputed = happened(EventType.DISPUTED, HOSTILE, None, None, HOSTILE)
    unsettled = tuple(OpenDispute(replace(lead, reason=reason), disputed) for lead in late for reason in (None, NASTY))
    full = replace(
        AGENDA, breaches=late, disputes=unsettled, lost_reasons=((NASTY, 3),) * 40, actions=(hostile, action()) * 60
    )
    yield "agenda, full", meeting.agenda(full, t)
    for shown in (action(), hostile, action(done=True), action(HOSTILE, HOSTILE, done=True)):
        yield f"action {shown.item.what[:9]} {shown.done_by}", act.due(shown, t, "U1", date(2026, 11, 24))
    yield "action, moved", act.due(hostile, t, "U1", date(2026, 11, 23))
    yield "action, handed over", act.due(hostile, t, "U2", date(2026, 11, 24))
    for name in ("佐藤 葵", HOSTILE):
        yield from changed(name, t)


def views(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, shown in (("none", ()), ("many", (action(HOSTILE, HOSTILE, overdue=True),) * 200)):
        for next_at, last in ((None, None), (NOW, date(2026, 11, 17)), (NOW, date(2026, 11, 24))):
            now = Standing(
                next_at,
                "C9",
                last,
                date(2026, 11, 24),
                shown,
                (action(HOSTILE, HOSTILE, done=True),) * 5,
                begins_later=False,
            )
            yield f"meeting {name} {next_at} {last}", meeting.page(now, t)
    shares = tuple(Share(kind, 1000 - at, 3 * at) for at, kind in enumerate(MEASURED))
    muted = tuple(Silenced(kind, HOSTILE, NOW) for kind in MUTABLE)
    yield "noise", noise.page(NoiseReport(NOW, NOW, 20, shares, ()), t)
    yield "noise, muted", noise.page(NoiseReport(NOW, NOW, 20, shares, muted), t)
    yield "noise, none", noise.page(NoiseReport(NOW, NOW, 20, (), ()), t)
    people = [member(HOSTILE, f"U{i}") for i in range(120)]
    yield "action form", act.record_form(people, "U119", t, from_page=True)
    yield "action form, alone", act.record_form([member()], "U9", t, from_page=False)
    known = History(action(HOSTILE, HOSTILE).item, STEPS * 5, {"U1": HOSTILE, "U2": HOSTILE})
    yield "action change form", act.change_form(people, known, t, from_page=True)
    yield (
        "action change form, alone",
        act.change_form(people[:1], replace(known, changes=STEPS[:1]), t, from_page=False),
    )
