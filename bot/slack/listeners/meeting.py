"""The meeting of marketing and sales: recording actions, marking them as done, and that it was held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from slack_bolt import Ack, App

from bot.core.base import wall_clock
from bot.core.base.results import Refusal, Refused
from bot.core.review import action_changes, actions, meeting
from bot.core.review.action_changes import Wanted
from bot.i18n import Translator
from bot.slack.blocks import actions as action_blocks
from bot.slack.blocks import ids, modals
from bot.slack.blocks import meeting as meeting_blocks
from bot.slack.blocks.kit import View
from bot.slack.blocks.text import line
from bot.slack.caller import Caller, configured, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_form, open_or_explain, show_instead
from bot.slack.listeners.forms import Errors, Form, Invalid, page_of, sent
from bot.slack.replies import explain, reply
from storage import members
from storage.models import ActionItem, Member, Workspace
from storage.vocabulary import ReceiptKind

FARTHEST = timedelta(days=366)
Act = Callable[[sa.Connection, AppContext, Caller, Workspace, str], None]


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the forms."""
    app.action(ids.RECORD_ACTION)(_opening(context))
    app.action(ids.ACTION_DONE)(_acting(context, _done))
    app.action(ids.ACTION_REOPEN)(_acting(context, _reopened))
    app.action(ids.ACTION_CHANGE)(_changing(context))
    app.action(ids.MEETING_HELD)(_acting(context, _held))
    app.view(ids.MEETING_PAGE)(sent(context, _asked))
    app.view(ids.ACTION_FORM)(sent(context, _recorded))
    app.view(ids.ACTION_CHANGE_FORM)(sent(context, _changed))


def page_view(tx: sa.Connection, workspace: Workspace, t: Translator, now: datetime) -> View:
    """What `/mql meeting` shows."""
    return meeting_blocks.page(meeting.standing(tx, workspace, now), t)


def _opening(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, form = Caller.of(body), None
        with context.database.transaction() as tx:
            ready = configured(tx, caller)
            if ready and _on_roster(tx, caller.workspace_id, caller.user_id):
                roster = members.roster(tx, caller.workspace_id)
                form = action_blocks.record_form(roster, caller.user_id, ready[1], from_page=False)
            elif first_time(tx, context, caller, ReceiptKind.ACTION):
                reply(tx, context, caller, "not_on_roster")
        context.wake()
        if form is not None:
            open_form(context, caller, form)

    return listener


def _acting(context: AppContext, act: Act) -> Callable[..., None]:
    """A button that acts at once. In a form the form shows what came of it; anywhere else a private word does."""

    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value, page = Caller.of(body), body["actions"][0]["value"], None
        with context.database.transaction() as tx:
            ready = configured(tx, caller)
            if ready is None or not first_time(tx, context, caller, ReceiptKind.ACTION):
                return
            if _on_roster(tx, caller.workspace_id, caller.user_id):
                act(tx, context, caller, ready[0], value)
                page = page_view(tx, *ready, context.now()) if body.get("view") else None
            else:
                reply(tx, context, caller, "not_on_roster")
        context.wake()
        if page is not None:
            show_instead(context, body, page)

    return listener


def _done(tx: sa.Connection, context: AppContext, caller: Caller, workspace: Workspace, value: str) -> None:
    now, action_id = context.now(), int(value)
    done = actions.finish(tx, workspace, action_id, caller.user_id, now)
    found = actions.find(tx, workspace, action_id, now)
    if done:
        meeting.refresh(tx, workspace, f"done:{action_id}", now)
    if found is None:
        reply(tx, context, caller, "action_gone")
    elif caller.channel_id is not None and not (done and caller.channel_id.startswith("D")):
        # The message to its owner says so itself.
        key = "action_done" if done else "action_done_already"
        reply(tx, context, caller, key, what=line(found.item.what), by=found.done_by or "")


def _reopened(tx: sa.Connection, context: AppContext, caller: Caller, workspace: Workspace, value: str) -> None:
    done = action_changes.reopen(tx, workspace, int(value), caller.user_id, context.now())
    if isinstance(done, Refused):
        explain(tx, context, caller, done)
    else:
        meeting.refresh(tx, workspace, f"action:{done}", context.now())


def _changing(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, action_id = Caller.of(body), int(body["actions"][0]["value"])
        shown: View | Refused = Refused(Refusal.NOT_ON_ROSTER)
        with context.database.snapshot() as tx:
            ready = configured(tx, caller)
            if ready is None:
                return
            if _on_roster(tx, caller.workspace_id, caller.user_id):
                shown = _change_form(tx, ready[1], caller.workspace_id, action_id, from_page=bool(body.get("view")))
        if isinstance(shown, Refused) or not body.get("view"):
            open_or_explain(context, caller, shown)
        else:
            show_instead(context, body, shown)

    return listener


def _change_form(
    tx: sa.Connection, t: Translator, workspace_id: str, action_id: int, *, from_page: bool
) -> View | Refused:
    known = action_changes.history(tx, workspace_id, action_id)
    if known is None:
        return Refused(Refusal.ACTION_GONE)
    if known.item.done_at is not None:
        by = known.item.done_by or ""
        return Refused(Refusal.ACTION_IS_DONE, by=known.names.get(by, by))
    return action_blocks.change_form(members.roster(tx, workspace_id), known, t, from_page=from_page)


def _held(tx: sa.Connection, context: AppContext, caller: Caller, workspace: Workspace, value: str) -> None:
    day, now = date.fromisoformat(value), context.now()
    if not meeting.hold(tx, workspace, day, caller.user_id, now) and caller.channel_id is not None:
        if day > wall_clock.day_in(workspace.timezone, now):
            reply(tx, context, caller, "meeting_future")
        elif meeting.begins_later(tx, workspace, day, now):
            reply(tx, context, caller, "meeting_begins_later", at=workspace.meeting_time or "")
        else:
            reply(tx, context, caller, "meeting_held_already")


def _asked(form: Form) -> dict[str, Any] | None:
    return _refused(form) or action_blocks.record_form(
        members.roster(form.tx, form.workspace.id), form.by, form.t, from_page=True
    )


def _recorded(form: Form) -> dict[str, Any] | None:
    """Keep an action; where the form was asked for on the page, the page shows it."""
    if refused := _refused(form):
        return refused
    wanted = _wanted(form)
    action_id = actions.record(form.tx, form.workspace, wanted.what, wanted.owner, wanted.due_on, form.by, form.now)
    meeting.refresh(form.tx, form.workspace, f"recorded:{action_id}", form.now)
    return page_view(form.tx, form.workspace, form.t, form.now) if form.metadata.get("page") else None


def _changed(form: Form) -> dict[str, Any] | None:
    """Change an action; where the form was asked for on the page, the page shows it."""
    if refused := _refused(form):
        return refused
    action_id, seen = int(form.metadata["action"]), int(form.metadata["seen"])
    known = action_changes.history(form.tx, form.workspace.id, action_id)
    wanted = _wanted(form, known.item if known else None)
    done = action_changes.change(form.tx, form.workspace, action_id, seen, wanted, form.by, form.now)
    if isinstance(done, Refused):
        return page_of(form, done)
    if done is not None:
        meeting.refresh(form.tx, form.workspace, f"action:{done}", form.now)
    return page_view(form.tx, form.workspace, form.t, form.now) if form.metadata.get("page") else None


def _wanted(form: Form, known: ActionItem | None = None) -> Wanted:
    """What was filled in. An action that is `known` may keep a day that is over, and an owner who has left."""
    what, owner, until, errors = *(form.values.get(name) for name in _FIELDS), Errors()
    day, today = date.fromisoformat(until) if until else None, form.t.local_date(form.now)
    kept_owner, kept_day = (known.owner, known.due_on) if known else (None, None)
    if not what:
        errors[ids.ACTION_WHAT] = form.t("error.action_what")
    if not owner or (owner != kept_owner and not _on_roster(form.tx, form.workspace.id, owner)):
        errors[ids.ACTION_OWNER] = form.t("error.action_owner")
    if day is None or (until != kept_day and not today <= day <= today + FARTHEST):
        errors[ids.ACTION_UNTIL] = form.t("error.action_until")
    if errors or not what or not owner or day is None:
        raise Invalid(errors)
    return Wanted(what, owner, day)


_FIELDS = (ids.ACTION_WHAT, ids.ACTION_OWNER, ids.ACTION_UNTIL)


def _refused(form: Form) -> dict[str, Any] | None:
    if _on_roster(form.tx, form.workspace.id, form.by):
        return None
    return modals.notice("meeting.title", form.t.md("reply.not_on_roster"), form.t)


def _on_roster(tx: sa.Connection, workspace_id: str, user_id: str) -> Member | None:
    member = members.get(tx, workspace_id, user_id)
    return member if member is not None and member.active else None
