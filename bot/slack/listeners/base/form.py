"""Forms that people send, on the one way through a listener (see `pipeline`). Each is answered at once: it is closed,
replaced by another view, or shows every error on its field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from slack_bolt import Ack

from bot.core.base.results import ACCEPT_FIRST, ActionResult, Refusal, Refused
from bot.i18n import Translator
from bot.slack.blocks.base import forms
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.base.text import bare_name
from bot.slack.blocks.mql import replies
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from bot.slack.home_drawing import publish_home
from bot.slack.listeners.base.pipeline import Admission, Body, Interaction, Listener, anybody, core_decides
from bot.slack.replies import words_of
from storage import receipts
from storage.vocabulary import ReceiptKind

Errors = dict[str, str]
Values = dict[str, str | None]


class Invalid(Exception):
    """The form cannot be taken as it is. `errors` is a sentence for each block id that is wrong."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Form(Interaction):
    """A sent form, inside the transaction that takes it."""

    view: View
    asked: Any = None
    """What Slack answered before the transaction began, where the form needs it."""

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What the form keeps with it."""
        kept: dict[str, Any] = json.loads(self.view["private_metadata"] or "{}")
        return kept

    @cached_property
    def values(self) -> Values:
        """What was entered, by block id, trimmed; None where a field was left empty. Ticks stand with commas."""
        fields: dict[str, dict[str, dict[str, Any]]] = self.view["state"]["values"]
        return {block: _value(next(iter(elements.values()))) for block, elements in fields.items() if elements}

    @property
    def mql_id(self) -> int:
        """The MQL that the form is about. Raises KeyError for a form that is about none."""
        return int(self.metadata["mql"])


Take = Callable[[Form], View | Refused | Reply | None]


def sending(
    context: AppContext,
    take: Take,
    admits: Admission = anybody,
    *,
    title: str = "notice.title",
    grown: Callable[[Form], View | None] | None = None,
    asking: Callable[[AppContext, Caller, View], Any] | None = None,
    following: Callable[[AppContext, Caller, View], View] | None = None,
) -> Listener:
    """Return the listener that takes a form once and answers a repeat as before: by closing it. `title`: of the page
    for whoever is not admitted. `grown`: the form as it is to be after what was chosen in it, where a choice changes
    its fields: somebody may send it before Slack has shown them. `asking`: what is asked of Slack first, because no
    transaction may wait for the network; it may raise Invalid. `following`: the page that is shown once all is kept, of
    that which `take` returned; it has two seconds."""

    def listener(ack: Ack, body: Body) -> None:
        caller = Caller.of(body)
        try:
            asked = asking(context, caller, body["view"]) if asking is not None else None
            with context.database.transaction() as tx:
                form = Form(tx, context, caller, context.now(), body["view"], asked)
                if not (admits is core_decides or form.configured) or not _first_time(form):
                    ack()
                    return
                refusal = admits(form)
                taken = refusal or take(form)
                page = _page(taken, form, title if refusal else "notice.title")
        except Invalid as invalid:
            # The receipt was rolled back too: the form is still open, and may be sent again.
            view = _grown(context, caller, body["view"], invalid.errors, grown)
            if view is not None:
                ack(response_action="update", view=view)
            else:
                ack(response_action="errors", errors=_shown(body["view"], invalid.errors))
            return
        if following is not None and isinstance(taken, dict):
            page = following(context, caller, taken)
        if page is None:
            ack()
        else:
            ack(response_action="update", view=page)
        context.wake()
        if form.metadata.get("home"):
            publish_home(context, caller.workspace_id, caller.user_id)

    return listener


def _grown(
    context: AppContext,
    caller: Caller,
    view: View,
    errors: Errors,
    grown: Callable[[Form], View | None] | None,
) -> View | None:
    """Return the form with the fields that are missing, and with what was entered; None where it would not help."""
    missing = errors.keys() - set(_inputs(view))
    if not missing or grown is None:
        return None
    with context.database.snapshot() as tx:
        whole = grown(Form(tx, context, caller, context.now(), view))
    return filled_in(whole, view["state"]["values"]) if whole and missing <= set(_inputs(whole)) else None


def _shown(view: View, errors: Errors) -> Errors:
    """Return the errors on fields that there are: Slack shows one on any other as trouble in connecting."""
    inputs = _inputs(view)
    lost = [error for block, error in errors.items() if block not in inputs]
    if not inputs or not lost:
        return errors
    shown = {block: error for block, error in errors.items() if block in inputs}
    return {**shown, inputs[0]: " ".join([*filter(None, [shown.get(inputs[0])]), *lost])}


def _inputs(view: View) -> list[str]:
    """Return the ids of the fields of a form, in their order."""
    return [block["block_id"] for block in view.get("blocks", ()) if block["type"] == "input"]


def filled_in(view: View, entered: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> View:
    """Return a form with what was entered into the same fields of another one."""
    blocks = []
    for block in view["blocks"]:
        element = block.get("element", {})
        value = entered.get(block.get("block_id"), {}).get(element.get("action_id"), {})
        kept = {_INITIAL[name]: given for name, given in value.items() if name in _INITIAL and given}
        blocks.append({**block, "element": {**element, **kept}} if kept else block)
    return {**view, "blocks": blocks}


# What was entered, as Slack names it in a form that is sent, and in one that is opened.
_INITIAL = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_date": "initial_date",
}


def refusal_page(answer: Refused | Reply, t: Translator, title: str = "notice.title") -> View:
    """Return the page that explains a refusal in the place of a form."""
    key, words = (answer.reason, words_of(answer)) if isinstance(answer, Refused) else (answer, {})
    return forms.notice(title, replies.private(key, t, **words).text, t)


def field_error(form: Form, outcome: ActionResult | None) -> str | None:
    """Return the error to show where an act was refused because the MQL is to be accepted first, or because somebody
    else has it by now; None for any other. What was typed stays."""
    if not isinstance(outcome, Refused) or outcome.reason not in (*ACCEPT_FIRST, Refusal.OWNER_CHANGED):
        return None
    return form.t(f"error.{outcome.reason}", rep=bare_name(outcome.by))


def _first_time(form: Form) -> bool:
    # A form has no trigger id that stays the same: the version of the view that was sent does.
    key = f"{form.view['id']}:{form.view['hash']}"
    return receipts.first_time(form.tx, form.caller.workspace_id, ReceiptKind.VIEW, key, form.now, {})


def _page(answer: View | Refused | Reply | None, form: Form, title: str = "notice.title") -> View | None:
    return refusal_page(answer, form.t, title) if isinstance(answer, Refused | Reply) else answer


def _value(element: dict[str, Any]) -> str | None:
    option = element.get("selected_option") or {}
    ticked = ",".join(chosen["value"] for chosen in element.get("selected_options") or ())
    picked = element.get("selected_conversation") or ",".join(element.get("selected_users") or ())
    entered = element.get("value") or option.get("value") or element.get("selected_date") or ticked or picked
    return str(entered).strip() or None if entered is not None else None
