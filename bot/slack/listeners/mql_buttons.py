"""Buttons and menus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from slack_bolt import Ack, App

from bot.core.base import team
from bot.core.base.results import ActionResult, Refusal, Refused
from bot.core.mql import intake, response
from bot.core.views import mql
from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks import ids, modals, own_week
from bot.slack.blocks.kit import View
from bot.slack.caller import Caller, configured, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_form, open_or_explain, show_instead
from bot.slack.listeners.events import home_again, publish_home
from bot.slack.listeners.form_data import feedback_view, refusal_page, report_or_refusal, show_view, view_or_refusal
from bot.slack.replies import explain, reply
from storage import members, undelivered, unreadables
from storage.vocabulary import Disposition, ReceiptKind, Role, UnreadableState

Act = Callable[[sa.Connection, str, int, str, datetime], ActionResult]
# Buttons that act at once.
ACTS: dict[str, Act] = {
    ids.ACCEPT: response.accept,
    ids.TAKE_OVER: response.take_over,
    ids.CONTACTED: response.contacted,
    ids.REMIND: response.remind,
    ids.RESUME: response.resume,
}
# Forms that need the MQL and nothing else.
PLAIN_FORMS: dict[str, Callable[[MqlView, Translator], View]] = {
    ids.HOW: modals.how,
    ids.OPTION_CONTACTED: modals.how,
    ids.OPTION_PAUSE: modals.pause,
}
Body = dict[str, Any]

log = structlog.get_logger(__name__)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons."""
    for action_id, act in ACTS.items():
        app.action(action_id)(_acting(context, action_id, act))
    for action_id in (ids.HOW, ids.REPORT, ids.REASSIGN, ids.SHOW, ids.MORE):
        app.action(action_id)(_opening(context))
    app.action(ids.OPEN_IN_CRM)(lambda ack: ack())
    app.action(ids.ENTER_UNREADABLE)(_entering(context))
    app.action(ids.DISMISS_UNREADABLE)(_dismissing(context))
    for action_id in (ids.RESEND, ids.RESEND_ALL):
        app.action(action_id)(_resending(context))
    app.action(ids.OWN_WEEK)(_choosing_own_week(context))
    app.action(ids.PICK_MQL)(_picking(context))
    app.action(ids.DISPOSITION)(_choosing(context))


def _acting(context: AppContext, action_id: str, act: Act) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        ack()
        caller, mql_id = Caller.of(body), int(body["actions"][0]["value"])
        with context.database.transaction() as tx:
            if first_time(tx, context, caller, ReceiptKind.ACTION):
                outcome = act(tx, caller.workspace_id, mql_id, caller.user_id, context.now())
                if isinstance(outcome, Refused):
                    explain(tx, context, caller, outcome)
                elif action_id == ids.REMIND:
                    owner = members.get(tx, caller.workspace_id, outcome.mql.owner or "")
                    reply(tx, context, caller, "reminded", rep=owner.name if owner else "")
        context.wake()
        home_again(context, body)

    return listener


def _opening(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        ack()
        caller, pressed = Caller.of(body), body["actions"][0]
        what, mql_id = _chosen(pressed)
        with context.database.snapshot() as tx:
            shown = _form(tx, context, caller, what, mql_id)
        open_or_explain(context, caller, shown)

    return listener


def _chosen(pressed: dict[str, Any]) -> tuple[str, int]:
    """What was pressed, and for which MQL: a button, or an option of the menu."""
    if pressed["action_id"] != ids.MORE:
        return pressed["action_id"], int(pressed["value"])
    option, _, mql_id = pressed["selected_option"]["value"].partition(":")
    return option, int(mql_id)


def _form(tx: sa.Connection, context: AppContext, caller: Caller, what: str, mql_id: int) -> dict[str, Any] | Refused:
    if what == ids.REPORT:
        found = report_or_refusal(tx, caller, mql_id)
    else:
        found = view_or_refusal(tx, caller, mql_id, may_read=what in (ids.SHOW, ids.OPTION_WHY))
    if isinstance(found, Refused):
        return found
    workspace, t, view = found
    if what in (ids.REASSIGN, ids.OPTION_REASSIGN):
        if view.mql.disposed:
            return Refused(Refusal.DISPOSED_ALREADY, number=view.mql.number)
        return modals.reassign(view, members.roster(tx, workspace.id), t, context.now())
    if what == ids.OPTION_DECLINE:
        mine = view.mql.owner == caller.user_id
        return modals.decline(view, t) if mine else Refused(Refusal.NOT_OWNER, number=view.mql.number)
    if what in PLAIN_FORMS:
        return PLAIN_FORMS[what](view, t)
    if what == ids.OPTION_WHY:
        decided = mql.decision(tx, workspace.id, mql_id)
        return modals.why(view, decided, t) if decided else Refused(Refusal.NOT_FOUND, number=view.mql.number)
    if what == ids.SHOW:
        return show_view(tx, workspace, view, t, context.now())
    return feedback_view(tx, workspace, view, t)


def _entering(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        ack()
        caller, entry_id = Caller.of(body), int(body["actions"][0]["value"])
        with context.database.transaction() as tx:
            t = _may_deal_with(tx, context, caller, entry_id)
        context.wake()
        if t is not None:
            open_form(context, caller, modals.new_mql(t, unreadable_id=entry_id))

    return listener


def _dismissing(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        ack()
        caller, entry_id = Caller.of(body), int(body["actions"][0]["value"])
        with context.database.transaction() as tx:
            if first_time(tx, context, caller, ReceiptKind.ACTION) and _may_deal_with(tx, context, caller, entry_id):
                intake.close_unreadable(tx, caller.workspace_id, entry_id, caller.user_id, context.now(), None)
        context.wake()

    return listener


def _may_deal_with(tx: sa.Connection, context: AppContext, caller: Caller, entry_id: int) -> Translator | None:
    """The caller's words, where they see to the intake and the entry still waits; else they are told why not."""
    ready = configured(tx, caller)
    member = members.get(tx, caller.workspace_id, caller.user_id)
    entry = unreadables.get(tx, caller.workspace_id, entry_id)
    if ready is None:
        reply(tx, context, caller, "not_configured")
    elif member is None or not member.active:
        reply(tx, context, caller, "not_on_roster")
    elif not member.has(*team.LEADERS, Role.MARKETER):
        reply(tx, context, caller, "intake_not_allowed")
    elif entry is None or entry.state != UnreadableState.OPEN:
        reply(tx, context, caller, "unreadable_done")
    else:
        return ready[1]
    return None


def _resending(context: AppContext) -> Callable[..., None]:
    """Another try for one message that Slack refused, or for all. The App Home then shows what is left."""

    def listener(ack: Ack, body: Body) -> None:
        ack()
        caller, pressed = Caller.of(body), body["actions"][0]
        message_id = int(pressed["value"]) if pressed["action_id"] == ids.RESEND else None
        with context.database.transaction() as tx:
            if first_time(tx, context, caller, ReceiptKind.ACTION):
                _resend(tx, context, caller, message_id)
        context.wake()
        publish_home(context, caller.workspace_id, caller.user_id)

    return listener


def _resend(tx: sa.Connection, context: AppContext, caller: Caller, message_id: int | None) -> None:
    member = members.get(tx, caller.workspace_id, caller.user_id)
    if member is None or not member.active or not member.has(Role.ADMIN):
        reply(tx, context, caller, "resend_not_allowed")
    elif count := undelivered.revive(tx, caller.workspace_id, context.now(), message_id):
        log.info("resent", workspace=caller.workspace_id, count=count)
        reply(tx, context, caller, "resent", count=count)
    else:
        reply(tx, context, caller, "resend_nothing")


def _choosing_own_week(context: AppContext) -> Callable[..., None]:
    """A rep starts or stops their own week; who presses Stop in an old message hears that it
    has been stopped."""

    def listener(ack: Ack, body: Body) -> None:
        ack()
        caller, wants = Caller.of(body), body["actions"][0]["value"] == own_week.ON
        with context.database.transaction() as tx:
            if first_time(tx, context, caller, ReceiptKind.ACTION):
                reply(tx, context, caller, _choose_own_week(tx, caller, wants=wants))
        context.wake()
        if caller.channel_id is None:
            publish_home(context, caller.workspace_id, caller.user_id)

    return listener


def _choose_own_week(tx: sa.Connection, caller: Caller, *, wants: bool) -> str:
    """Start or stop it; returns the key of the answer."""
    ready, member = configured(tx, caller), members.get(tx, caller.workspace_id, caller.user_id)
    gets_it = ready is not None and member is not None and team.gets_own_week(member, ready[0])
    if not team.choose_own_week(tx, caller.workspace_id, caller.user_id, wants=wants):
        return "own_week_only_reps"
    if wants:
        return "own_week_on"
    return "own_week_off" if gets_it else "own_week_off_already"


def _picking(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        ack()
        caller, mql_id = Caller.of(body), int(body["actions"][0]["selected_option"]["value"])
        with context.database.snapshot() as tx:
            shown = _report(tx, caller, mql_id)
        if shown is not None:
            show_instead(context, body, shown)

    return listener


def _report(tx: sa.Connection, caller: Caller, mql_id: int) -> View | None:
    """The feedback form, or the page that says why there is none; None where nobody has configured the workspace."""
    ready, found = configured(tx, caller), report_or_refusal(tx, caller, mql_id)
    if isinstance(found, Refused):
        return refusal_page(found, ready[1]) if ready else None
    workspace, t, view = found
    return feedback_view(tx, workspace, view, t)


def _choosing(context: AppContext) -> Callable[..., None]:
    """The fields of the chosen outcome. Whether it can be reported is said when the form is sent."""

    def listener(ack: Ack, body: Body) -> None:
        ack()
        chosen = Disposition(body["actions"][0]["selected_option"]["value"])
        with context.database.snapshot() as tx:
            found = view_or_refusal(tx, Caller.of(body), ids.mql_of(body["view"]))
            if isinstance(found, Refused):
                return
            workspace, t, view = found
            shown = feedback_view(tx, workspace, view, t, chosen)
        show_instead(context, body, shown)

    return listener
