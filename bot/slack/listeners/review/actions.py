"""Actions of the meeting: recording, changing, closing and opening them again."""

from __future__ import annotations

from datetime import date, timedelta

from slack_bolt import App

from bot.core.base.results import Refusal, Refused
from bot.core.review import action_changes, actions, meeting
from bot.core.review.action_changes import Wanted
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.base.text import line
from bot.slack.blocks.review import actions as action_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Errors, Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, opening, roster
from bot.slack.listeners.review.meeting import page_view
from storage import members
from storage.models import ActionItem

FARTHEST = timedelta(days=366)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the forms."""
    app.action(ids.RECORD_ACTION)(opening(context, _record_form))
    app.action(ids.ACTION_DONE)(acting(context, _finish, page=page_view))
    app.action(ids.ACTION_REOPEN)(acting(context, _reopen, page=page_view))
    app.action(ids.ACTION_CHANGE)(opening(context, _change_form))
    app.view(ids.MEETING_PAGE)(sending(context, _record_form_on_page, roster, title="meeting.title"))
    app.view(ids.ACTION_FORM)(sending(context, _take_new, roster, title="meeting.title"))
    app.view(ids.ACTION_CHANGE_FORM)(sending(context, _take_change, roster, title="meeting.title"))


def _record_form(press: Press) -> View:
    people = members.roster(press.tx, press.workspace.id)
    return action_blocks.record_form(people, press.by, press.t, from_page=False)


def _record_form_on_page(form: Form) -> View:
    people = members.roster(form.tx, form.workspace.id)
    return action_blocks.record_form(people, form.by, form.t, from_page=True)


def _finish(press: Press) -> Refused | None:
    done = actions.finish(press.tx, press.workspace, press.row_id, press.by, press.now)
    action = actions.find(press.tx, press.workspace, press.row_id, press.now)
    channel = press.caller.channel_id
    if done:
        meeting.refresh(press.tx, press.workspace, f"done:{press.row_id}", press.now)
    if action is None:
        return Refused(Refusal.ACTION_GONE)
    if channel is not None and not (done and channel.startswith("D")):
        # The page shows it where there is one, and so does the message to the action's owner.
        key = Reply.ACTION_DONE if done else Reply.ACTION_DONE_ALREADY
        press.reply(key, what=line(action.item.what), by=action.done_by or "")
    return None


def _reopen(press: Press) -> Refused | None:
    change = action_changes.reopen(press.tx, press.workspace, press.row_id, press.by, press.now)
    if isinstance(change, Refused):
        return change
    meeting.refresh(press.tx, press.workspace, f"action:{change}", press.now)
    return None


def _change_form(press: Press) -> View | Refused:
    history = action_changes.history(press.tx, press.workspace.id, press.row_id)
    if history is None:
        return Refused(Refusal.ACTION_GONE)
    if history.item.done_at is not None:
        by = history.item.done_by or ""
        return Refused(Refusal.ACTION_IS_DONE, by=history.names.get(by, by))
    people = members.roster(press.tx, press.workspace.id)
    return action_blocks.change_form(people, history, press.t, from_page=press.in_form)


def _take_new(form: Form) -> View | None:
    """Keep an action; where the form was asked for on the page, the page shows it."""
    wanted = _wanted(form)
    action_id = actions.record(form.tx, form.workspace, wanted.what, wanted.owner, wanted.due_on, form.by, form.now)
    meeting.refresh(form.tx, form.workspace, f"recorded:{action_id}", form.now)
    return page_view(form) if form.metadata.get("page") else None


def _take_change(form: Form) -> View | Refused | None:
    """Change an action; where the form was asked for on the page, the page shows it."""
    action_id, seen = int(form.metadata["action"]), int(form.metadata["seen"])
    history = action_changes.history(form.tx, form.workspace.id, action_id)
    wanted = _wanted(form, history.item if history else None)
    change = action_changes.change(form.tx, form.workspace, action_id, seen, wanted, form.by, form.now)
    if isinstance(change, Refused):
        return change
    if change is not None:
        meeting.refresh(form.tx, form.workspace, f"action:{change}", form.now)
    return page_view(form) if form.metadata.get("page") else None


def _wanted(form: Form, known: ActionItem | None = None) -> Wanted:
    """Return what was filled in. An action that is `known` may keep a day that is over, and an owner who has left."""
    what, owner, until, errors = *(form.values.get(name) for name in _FIELDS), Errors()
    day, today = date.fromisoformat(until) if until else None, form.t.local_date(form.now)
    kept_owner, kept_day = (known.owner, known.due_on) if known else (None, None)
    if not what:
        errors[ids.ACTION_WHAT] = form.t("error.action_what")
    if not owner or (owner != kept_owner and not _on_roster(form, owner)):
        errors[ids.ACTION_OWNER] = form.t("error.action_owner")
    if day is None or (until != kept_day and not today <= day <= today + FARTHEST):
        errors[ids.ACTION_UNTIL] = form.t("error.action_until")
    if errors or not what or not owner or day is None:
        raise Invalid(errors)
    return Wanted(what, owner, day)


_FIELDS = (ids.ACTION_WHAT, ids.ACTION_OWNER, ids.ACTION_UNTIL)


def _on_roster(form: Form, user_id: str) -> bool:
    member = members.get(form.tx, form.workspace.id, user_id)
    return member is not None and member.active
