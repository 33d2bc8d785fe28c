"""Buttons of an MQL that act at once, its page, and the menu that leads to its forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from slack_bolt import Ack, App

from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.mql import pauses as core_pauses
from bot.core.mql import response
from bot.core.routing import shares
from bot.core.views import mql
from bot.i18n import Mrkdwn
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.routing import assignment, turns
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Act, Answer, Body, Listener, Press, acting, core_decides, opening, refused
from bot.slack.listeners.mql import contact, handover, next_touch, pauses
from bot.slack.listeners.mql.form_data import details_page, show_view, view_or_refusal
from storage import members

CoreAct = Callable[[sa.Connection, str, int, str, datetime], ActionResult]
ACTS: dict[str, CoreAct] = {
    ids.ACCEPT: response.accept,
    ids.TAKE_OVER: response.take_over,
    ids.CONTACTED: response.contacted,
    ids.RESUME: core_pauses.resume,
}


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the menu."""
    for action_id, act in ACTS.items():
        app.action(action_id)(acting(context, _acting(act), core_decides, page=details_page))
    app.action(ids.REMIND)(acting(context, _remind, core_decides))
    app.action(ids.SHOW)(opening(context, _show))
    app.action(ids.MORE)(opening(context, _chosen))
    app.action(ids.ROW)(_of_row(context))
    app.action(ids.OPEN_IN_CRM)(_nothing)


def _of_row(context: AppContext) -> Listener:
    """Return the listener of the menu of a row: some of it acts at once, some opens a form."""
    acts: dict[str, Act] = {
        ids.OPTION_TAKE_OVER: _acting(response.take_over),
        ids.OPTION_REMIND: _remind,
        ids.OPTION_RESUME: _acting(core_pauses.resume),
    }
    opens: dict[str, Act] = {
        ids.OPTION_REASSIGN: lambda press: handover.reassign_form(press, press.row_id),
        ids.OPTION_SHOW: _show,
    }
    listeners = {name: acting(context, act, core_decides) for name, act in acts.items()}
    listeners |= {name: opening(context, form) for name, form in opens.items()}

    def listener(ack: Ack, body: Body) -> None:
        name, _, _ = str(body["actions"][0]["selected_option"]["value"]).partition(":")
        listeners.get(name, _nothing)(ack, body)

    return listener


def _acting(act: CoreAct) -> Act:
    def run(press: Press) -> Refused | None:
        outcome = act(press.tx, press.caller.workspace_id, press.row_id, press.by, press.now)
        if isinstance(outcome, Done):
            _tell_of_pause(press, outcome)
        return refused(outcome)

    return run


def _tell_of_pause(press: Press, done: Done) -> None:
    """Say that a pause goes on: whoever accepts may think that it is over."""
    until = None if done.runs else core_pauses.holds_until(press.tx, done.mql)
    if until is not None:
        press.reply(Reply.STILL_PAUSED, until=press.t.moment(until))


def _remind(press: Press) -> Refused | None:
    outcome = response.remind(press.tx, press.caller.workspace_id, press.row_id, press.by, press.now)
    if isinstance(outcome, Refused):
        return outcome
    owner = members.get(press.tx, press.caller.workspace_id, outcome.mql.owner or "")
    press.reply(Reply.REMINDED, rep=owner.name if owner else "")
    return None


def _nothing(ack: Ack, body: Body) -> None:  # noqa: ARG001 - Bolt hands over arguments by their names
    """Acknowledge the link to the CRM: the reader's own client opens it."""
    ack()


def _show(press: Press) -> View | Refused:
    view = view_or_refusal(press, press.row_id)
    return view if isinstance(view, Refused) else show_view(press, view)


def _chosen(press: Press) -> Answer:
    option, _, mql_id = press.value.partition(":")
    return OPTIONS[option](press, int(mql_id)) if option in OPTIONS else None


def _why(press: Press, mql_id: int) -> View | Refused:
    """Return the page that explains who got the MQL, and why."""
    view = view_or_refusal(press, mql_id)
    if isinstance(view, Refused):
        return view
    decision = mql.decision(press.tx, press.workspace.id, mql_id)
    if decision is None:
        return Refused(Refusal.NOT_FOUND, number=view.mql.number)
    return assignment.why(view, decision, press.t, _share(press, decision))


def _share(press: Press, decision: mql.Decision) -> Mrkdwn | None:
    """Return what whoever was chosen has had of the pool, beside what was meant."""
    pools = shares.shares(press.tx, press.workspace, press.now)
    pool = next((pool for pool in pools if pool.pool == decision.pool), None)
    own = next((share for share in pool.people if share.name == decision.chosen), None) if pool else None
    if own is None or pool is None or not own.due:
        return None
    return press.t.md("why.share", share=turns.share_line(own, pool, press.t))


OPTIONS: dict[str, Callable[[Press, int], View | Refused]] = {
    ids.OPTION_CONTACTED: contact.contact_form,
    ids.OPTION_REASSIGN: handover.reassign_form,
    ids.OPTION_DECLINE: handover.decline_form,
    ids.OPTION_PAUSE: pauses.pause_form,
    ids.OPTION_NEXT_TOUCH: next_touch.next_touch_form,
    ids.OPTION_WHY: _why,
}
