"""One way through a listener. Every button, menu, form and command takes the same steps in the same order:

1. Read who acts, and where. Nothing is stored yet, and a body of another form was refused before any listener ran.
2. Acknowledge. Slack waits three seconds, and the acknowledgement needs nothing from the database. A form and a command
   acknowledge with their answer instead, because Slack takes it only there.
3. Begin a transaction: all that follows up to step 8 is kept or rolled back together.
4. Is the workspace configured? First of all checks, because no other row of the workspace can exist before. Only an
   act of which core decides does not ask: core finds no row to lock, and says so.
5. First time? The receipt is written in the same transaction as the act: were it written in an earlier one, a crash
   between the two would lose the act; in a later one, a press that is delivered twice at once would act twice. It
   stands before the question of permission, so that a refusal is explained once as well. A button that only shows
   something has no receipt: it changes nothing, and Slack opens one view for each press.
6. Admitted? `Admission` says who may do it at all. For acts on an MQL `core_decides`, with the MQL locked, and writes
   the refused attempt into its log.
7. Act. The act returns a view to show, a refusal, a reply, or nothing. A refusal and a reply become outbox rows of the
   same transaction, so that nobody is told of what was rolled back.
8. Commit. Delivery must not be woken before: it would find no row.
9. Wake delivery.
10. Show the view; or draw the App Home again, where the button stands in it or the form was opened from it. Calls to
    Slack come last, because no transaction may wait for the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from slack_bolt import Ack

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Refusal, Refused
from bot.core.messages.notifications import Below
from bot.i18n import Translator
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply, ReplyKey
from bot.slack.caller import Caller, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_form, replace_view
from bot.slack.home_drawing import publish_home
from bot.slack.replies import explain, reply
from bot.slack.setup import translator
from storage import members, setups
from storage.models import Member, Mql, Workspace
from storage.vocabulary import ReceiptKind

Body = dict[str, Any]
Listener = Callable[[Ack, Body], None]


@dataclass(frozen=True)
class Interaction:
    """What somebody does in Slack, inside the transaction that deals with it."""

    tx: sa.Connection
    context: AppContext
    caller: Caller
    now: datetime

    @property
    def by(self) -> str:
        """The Slack id of whoever acts."""
        return self.caller.user_id

    @cached_property
    def _known(self) -> members.Caller | None:
        return members.caller(self.tx, self.caller.workspace_id, self.by)

    @property
    def configured(self) -> bool:
        """Whether somebody has configured the workspace. Nothing below can be had where nobody has."""
        return self._known is not None and self._known.workspace.policy_id is not None

    @property
    def workspace(self) -> Workspace:
        """Where it is done. Raises LookupError for a workspace that nobody has configured."""
        if self._known is None:
            raise LookupError(f"workspace {self.caller.workspace_id} is not configured")
        return self._known.workspace

    @property
    def member(self) -> Member | None:
        """Whoever acts, as the roster has them; None where they were never on it."""
        return self._known.member if self._known else None

    @cached_property
    def t(self) -> Translator:
        """The words of whoever acts; where nobody has configured the workspace, those of its set-up."""
        if self._known is None:
            return translator(setups.get(self.tx, self.caller.workspace_id))
        timezone = team.reader_timezone(self.member, self.workspace.timezone)
        return Translator(team.reader_locale(self.member, self.workspace.locale), timezone, self.by)

    @cached_property
    def team_t(self) -> Translator:
        """The words of the workspace, for what everybody reads later."""
        return Translator(self.workspace.locale, self.workspace.timezone)

    def may(self, act: Permission, mql: Mql | None = None, *, whose: str | None = None) -> bool:
        """Return whether whoever acts may do it: see `permissions.may`."""
        return permissions.may(self.member, act, mql, whose=whose)


@dataclass(frozen=True)
class Press(Interaction):
    """A pressed button, or a choice in a menu."""

    body: Body

    @property
    def action_id(self) -> str:
        """Which button or menu it is."""
        return str(self.body["actions"][0]["action_id"])

    @property
    def value(self) -> str:
        """The value of the button, or of the chosen option."""
        return _value(self.body)

    @property
    def row_id(self) -> int:
        """The value, where it is the id of a row; of a choice in a menu of what can be done, what stands behind its
        name."""
        return int(self.value.rpartition(":")[2])

    @property
    def in_home(self) -> bool:
        """Whether it was pressed in the App Home."""
        return _in_home(self.body)

    @property
    def in_form(self) -> bool:
        """Whether it was pressed in an open form."""
        return _in_form(self.body)

    def reply(self, key: ReplyKey, below: Below | None = None, **words: str | int) -> None:
        """Tell the caller something privately; `below`: what can be pressed there."""
        reply(self.tx, self.context, self.caller, key, below, **words)


Answer = View | Refused | Reply | None
Act = Callable[[Press], Answer]
Admission = Callable[[Interaction], Refused | Reply | None]


def refused(outcome: ActionResult | None) -> Refused | None:
    """Return the refusal, or None where the act was carried out."""
    return outcome if isinstance(outcome, Refused) else None


def anybody(_: Interaction) -> None:
    """Admit everybody."""


def core_decides(_: Interaction) -> None:
    """Admit everybody to an act on a row that core locks first. Core reads the workspace and the roster after that, so
    nothing is read before."""


def roster(interaction: Interaction) -> Refused | None:
    """Admit active members of the roster."""
    return None if interaction.may(Permission.USE) else Refused(Refusal.NOT_ON_ROSTER)


def allowing(act: Permission, refusal: Reply | Refused) -> Admission:
    """Admit whoever may do an act (`core.base.permissions`), and answer everybody else with `refusal`."""

    def admission(interaction: Interaction) -> Reply | Refused | None:
        return None if interaction.may(act) else refusal

    return admission


def acting(
    context: AppContext, act: Act, admits: Admission = roster, *, page: Callable[[Press], View] | None = None
) -> Listener:
    """Return the listener of a button that changes something. `page`: what the form in which it was pressed shows then,
    also beside a refusal, unless the answer is a view itself."""

    def listener(ack: Ack, body: Body) -> None:
        caller = Caller.of(body)
        ack()
        with context.database.transaction() as tx:
            press = Press(tx, context, caller, context.now(), body)
            if not _configured(press, admits) or not first_time(tx, context, caller, ReceiptKind.ACTION):
                return
            refusal = admits(press)
            answer = refusal or act(press)
            _explain(tx, context, caller, answer, body)
            shown = page if press.in_form and not refusal and not isinstance(answer, dict) else None
            view = shown(press) if shown else answer
        context.wake()
        if isinstance(view, dict):
            _show(context, caller, body, view)
        elif _in_home(body):
            publish_home(context, caller.workspace_id, caller.user_id)

    return listener


def opening(
    context: AppContext, form: Act, admits: Admission = roster, *, filled: Callable[[Press], View] | None = None
) -> Listener:
    """Return the listener of a button that opens a form, or shows it in the place of the open one.

    It only reads, so it neither waits for whoever writes nor holds them up. `filled`: what replaces the form where
    counting may take longer than the three seconds in which a form has to be opened."""

    def listener(ack: Ack, body: Body) -> None:
        caller = Caller.of(body)
        ack()
        answer = _read(context, caller, body, form, admits)
        if isinstance(answer, dict):
            opened = _show(context, caller, body, answer)
            if opened is not None and filled is not None:
                _fill(context, caller, {**body, "view": opened}, filled)
        elif answer is not None:
            _explain_once(context, caller, answer, body)

    return listener


def turning(context: AppContext, page: Act, admits: Admission = roster) -> Listener:
    """Return the listener of a button or a menu that stands in forms only, and shows another page in their place."""

    def listener(ack: Ack, body: Body) -> None:
        caller = Caller.of(body)
        ack()
        answer = _read(context, caller, body, page, admits)
        if isinstance(answer, dict):
            if _in_form(body):
                replace_view(context, body, answer)
        elif answer is not None:
            _explain_once(context, caller, answer, body)

    return listener


def _show(context: AppContext, caller: Caller, body: Body, view: View) -> View | None:
    """Show a view in the place of the form in which the button stands; elsewhere open it. Return what was opened."""
    if _in_form(body):
        replace_view(context, body, view)
        return None
    return open_form(context, caller, view)


def _configured(press: Press, admits: Admission) -> bool:
    return admits is core_decides or press.configured


def _read(context: AppContext, caller: Caller, body: Body, form: Act, admits: Admission) -> Answer:
    with context.database.snapshot() as tx:
        press = Press(tx, context, caller, context.now(), body)
        return (admits(press) or form(press)) if _configured(press, admits) else None


def _fill(context: AppContext, caller: Caller, body: Body, filled: Callable[[Press], View]) -> None:
    with context.database.snapshot() as tx:
        view = filled(Press(tx, context, caller, context.now(), body))
    replace_view(context, body, view)


def _explain_once(context: AppContext, caller: Caller, answer: Refused | Reply, body: Body) -> None:
    with context.database.transaction() as tx:
        if first_time(tx, context, caller, ReceiptKind.ACTION):
            _explain(tx, context, caller, answer, body)
    context.wake()


def _explain(tx: sa.Connection, context: AppContext, caller: Caller, answer: Answer, body: Body) -> None:
    if isinstance(answer, Refused):
        explain(tx, context, caller, answer, f"{body['actions'][0]['action_id']}:{_value(body)}")
    elif isinstance(answer, Reply):
        reply(tx, context, caller, answer)


def _value(body: Body) -> str:
    action = body["actions"][0]
    if "selected_option" in action:
        return str(action["selected_option"]["value"])
    return str(action["selected_user"] if "selected_user" in action else action["value"])


def _in_home(body: Body) -> bool:
    return (body.get("view") or {}).get("type") == "home"


def _in_form(body: Body) -> bool:
    return (body.get("view") or {}).get("type") == "modal"
