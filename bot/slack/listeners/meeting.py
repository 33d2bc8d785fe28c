"""The meeting of marketing and sales: recording actions, marking them as done, and that it was held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from slack_bolt import Ack, App

from bot.core import actions, meeting
from bot.i18n import Translator
from bot.slack.blocks import ids, modals
from bot.slack.blocks import meeting as meeting_blocks
from bot.slack.blocks.kit import View
from bot.slack.blocks.text import line
from bot.slack.listeners.forms import Errors, Form, Invalid, sent
from bot.slack.office import Caller, Office, configured, first_time, open_form, reply, show_instead
from storage import reps
from storage.models import Member, Workspace
from storage.vocabulary import ReceiptKind

FARTHEST = timedelta(days=366)
Act = Callable[[sa.Connection, Office, Caller, Workspace, str], None]


def register(app: App, office: Office) -> None:
    """Connect the buttons and the forms."""
    app.action(ids.RECORD_ACTION)(_opening(office))
    app.action(ids.ACTION_DONE)(_acting(office, _done))
    app.action(ids.MEETING_HELD)(_acting(office, _held))
    app.view(ids.MEETING_PAGE)(sent(office, _asked))
    app.view(ids.ACTION_FORM)(sent(office, _recorded))


def page_view(tx: sa.Connection, workspace: Workspace, t: Translator, now: datetime) -> View:
    """What `/mql meeting` shows."""
    return meeting_blocks.page(meeting.standing(tx, workspace, now), t)


def _opening(office: Office) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, form = Caller.of(body), None
        with office.database.transaction() as tx:
            ready = configured(tx, caller)
            if ready and _on_roster(tx, caller.workspace_id, caller.user_id):
                roster = reps.roster(tx, caller.workspace_id)
                form = meeting_blocks.form(roster, caller.user_id, ready[1], from_page=False)
            elif first_time(tx, office, caller, ReceiptKind.ACTION):
                reply(tx, office, caller, "not_on_roster")
        office.wake()
        if form is not None:
            open_form(office, caller, form)

    return listener


def _acting(office: Office, act: Act) -> Callable[..., None]:
    """A button that acts at once. In a form the form shows what came of it; anywhere else a private word does."""

    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value, page = Caller.of(body), body["actions"][0]["value"], None
        with office.database.transaction() as tx:
            ready = configured(tx, caller)
            if ready is None or not first_time(tx, office, caller, ReceiptKind.ACTION):
                return
            if _on_roster(tx, caller.workspace_id, caller.user_id):
                act(tx, office, caller, ready[0], value)
                page = page_view(tx, *ready, office.now()) if body.get("view") else None
            else:
                reply(tx, office, caller, "not_on_roster")
        office.wake()
        if page is not None:
            show_instead(office, body, page)

    return listener


def _done(tx: sa.Connection, office: Office, caller: Caller, workspace: Workspace, value: str) -> None:
    now, action_id = office.now(), int(value)
    done = actions.finish(tx, workspace, action_id, caller.user_id, now)
    found = actions.find(tx, workspace, action_id, now)
    if done:
        meeting.refresh(tx, workspace, f"done:{action_id}", now)
    if found is None:
        reply(tx, office, caller, "action_gone")
    elif caller.channel_id is not None and not (done and caller.channel_id.startswith("D")):
        # The message to its owner says so itself.
        key = "action_done" if done else "action_done_already"
        reply(tx, office, caller, key, what=line(found.item.what), by=found.done_by or "")


def _held(tx: sa.Connection, office: Office, caller: Caller, workspace: Workspace, value: str) -> None:
    day, now = date.fromisoformat(value), office.now()
    if not meeting.hold(tx, workspace, day, caller.user_id, now) and caller.channel_id is not None:
        future = day > actions.today(workspace, now)
        reply(tx, office, caller, "meeting_future" if future else "meeting_held_already")


def _asked(form: Form) -> dict[str, Any] | None:
    return _refused(form) or meeting_blocks.form(
        reps.roster(form.tx, form.workspace.id), form.by, form.t, from_page=True
    )


def _recorded(form: Form) -> dict[str, Any] | None:
    """Keep an action; where the form was asked for on the page, the page shows it."""
    if refused := _refused(form):
        return refused
    what, owner, until, errors = *(form.values.get(name) for name in _FIELDS), Errors()
    day, today = date.fromisoformat(until) if until else None, form.t.local_date(form.now)
    if not what:
        errors[ids.ACTION_WHAT] = form.t("error.action_what")
    if not owner or not _on_roster(form.tx, form.workspace.id, owner):
        errors[ids.ACTION_OWNER] = form.t("error.action_owner")
    if day is None or not today <= day <= today + FARTHEST:
        errors[ids.ACTION_UNTIL] = form.t("error.action_until")
    if errors or not what or not owner or day is None:
        raise Invalid(errors)
    action_id = actions.record(form.tx, form.workspace, what, owner, day, form.by, form.now)
    meeting.refresh(form.tx, form.workspace, f"recorded:{action_id}", form.now)
    return page_view(form.tx, form.workspace, form.t, form.now) if form.metadata.get("page") else None


_FIELDS = (ids.ACTION_WHAT, ids.ACTION_OWNER, ids.ACTION_UNTIL)


def _refused(form: Form) -> dict[str, Any] | None:
    if _on_roster(form.tx, form.workspace.id, form.by):
        return None
    return modals.notice("meeting.title", form.t.md("reply.not_on_roster"), form.t)


def _on_roster(tx: sa.Connection, workspace_id: str, user_id: str) -> Member | None:
    member = reps.get(tx, workspace_id, user_id)
    return member if member is not None and member.active else None
