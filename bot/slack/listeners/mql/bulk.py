"""One act on several MQLs: from a list in a message, and from the App Home."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused
from bot.core.mql import bulk
from bot.core.views import board, listed
from bot.core.views.mql import MqlView
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import bulk as blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, allowing, opening
from storage import homes, members

leaders = allowing(Permission.LEAD, refusal=Refused(Refusal.NOT_ALLOWED))


def register(app: App, context: AppContext) -> None:
    """Connect the buttons, the menu and the forms."""
    app.action(ids.REASSIGN_SEVERAL)(opening(context, _reassign_form, leaders))
    app.action(ids.REMIND_SEVERAL)(opening(context, _remind_form, leaders))
    app.action(ids.REMIND_ALL)(acting(context, _remind_all, leaders))
    app.view(ids.REASSIGN_SEVERAL_FORM)(sending(context, _reassign, leaders))
    app.view(ids.REMIND_SEVERAL_FORM)(sending(context, _remind, leaders))


def _listed(press: Press) -> list[MqlView]:
    """Return the MQLs of the list in which the button stands: of the message, or of the App Home as it is filtered."""
    roster = members.roster(press.tx, press.workspace.id)
    if not press.in_home:
        return listed.of_team(press.tx, press.workspace, press.row_id, roster)
    chosen = homes.chosen(press.tx, press.workspace.id, press.by)
    return board.open_mqls(press.tx, press.workspace, board.Filter.of(chosen), press.now, bulk.MOST)


def _reassign_form(press: Press) -> View:
    roster, home = members.roster(press.tx, press.workspace.id), press.in_home
    return blocks.reassign(_listed(press), roster, press.t, press.now, ticked=not home, home=home)


def _remind_form(press: Press) -> View:
    return blocks.remind([view for view in _listed(press) if board.may_be_reminded(view)], press.t)


def _remind_all(press: Press) -> Reply | None:
    ids_of_list = [view.mql.id for view in _listed(press) if board.may_be_reminded(view)]
    asked = bulk.remind(press.tx, press.workspace.id, ids_of_list, press.by, press.now)
    if not asked.done:
        return Reply.REMINDED_NOBODY
    if left := len(ids_of_list) - len(asked.done):
        press.reply(Reply.REMINDED_SOME, count=len(asked.done), left=left)
    else:
        press.reply(Reply.REMINDED_SEVERAL, count=len(asked.done))
    return None


def _reassign(form: Form) -> View:
    to, reason = form.values.get(ids.NEW_OWNER), form.values.get(ids.COMMENT)
    if not to:
        raise Invalid({ids.NEW_OWNER: form.t("error.choose_owner")})
    taker = None if to == blocks.BY_TURN else to
    done = bulk.reassign(form.tx, form.workspace.id, _picked(form), form.by, taker, reason, form.now)
    return blocks.done("reassign", done, form.t)


def _remind(form: Form) -> View:
    return blocks.done("remind", bulk.remind(form.tx, form.workspace.id, _picked(form), form.by, form.now), form.t)


def _picked(form: Form) -> list[int]:
    ticked = {name: value for name, value in form.values.items() if name.startswith(f"{ids.PICKED}:")}
    picked = [int(mql_id) for value in ticked.values() if value for mql_id in value.split(",")]
    if not picked:
        raise Invalid({next(iter(ticked), ids.NEW_OWNER): form.t("bulk.pick_one")})
    return picked
