"""Merging two MQLs of one lead, and taking that back: commands, buttons and the form."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Refusal, Refused
from bot.core.base.typed import narrow
from bot.core.mql import merge
from bot.core.views import mql
from bot.core.views.mql import MqlView
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Message, View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import merge as merge_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.command import Answer, CommandContext, numbered, with_number
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, core_decides, opening
from bot.slack.listeners.mql.form_data import view_or_refusal
from bot.slack.replies import words_of
from storage import mqls
from storage.models import Mql

OFFERED = 100


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.MERGE)(opening(context, _form))
    app.action(ids.UNDO_MERGE)(acting(context, _undo, core_decides))
    app.view(ids.MERGE_FORM)(sending(context, _take, grown=_with_found))


def typed(command: CommandContext) -> Answer:
    """Merge the MQL of the first number into that of the second."""
    subject = numbered(command)
    if isinstance(subject, Message):
        return subject
    into = with_number(command, command.words[1]) if len(command.words) > 1 else command.say(Reply.MERGE_TWO_NUMBERS)
    if isinstance(into, Message):
        return into
    given = (command.tx, command.workspace.id, subject.id, into.id, command.by, command.now)
    done = merge.merge(*given) if command.first_time else _as_before(subject, into)
    return _answered(command, done, subject, into)


def typed_undo(command: CommandContext) -> Answer:
    """Take the merge of an MQL back."""
    subject = numbered(command)
    if isinstance(subject, Message):
        return subject
    if not command.first_time and subject.merged_into_id is None:
        return command.say(Reply.MERGE_UNDONE, number=subject.number)
    done = merge.undo(command.tx, command.workspace.id, subject.id, command.by, command.now)
    if isinstance(done, Refused):
        return command.say(done.reason, **words_of(done))
    return command.say(Reply.MERGE_UNDONE, number=subject.number)


def _as_before(subject: Mql, into: Mql) -> Refused | None:
    """Return what this very command came to when it was delivered first."""
    return None if subject.merged_into_id == into.id else Refused(Refusal.NOT_FOUND, number=subject.number)


def _answered(command: CommandContext, done: ActionResult | None, subject: Mql, into: Mql) -> Message:
    if isinstance(done, Refused):
        return command.say(done.reason, **words_of(done))
    return command.say(Reply.MERGE_DONE, number=subject.number, into=into.number, days=merge.UNDO_WITHIN.days)


def _form(press: Press) -> View | Refused:
    view = view_or_refusal(press, press.row_id)
    if isinstance(view, Refused):
        return view
    if merge.offered(press.tx, press.member, view.mql, press.now) != "merge":
        return Refused(Refusal.MERGE_NOT_ALLOWED, number=view.mql.number)
    return merge_blocks.form(view, _others(press, view), press.t)


def _others(press: Press, view: MqlView) -> list[MqlView]:
    likely = merge.candidates(press.tx, view.mql, OFFERED)
    return mql.mql_views(press.tx, press.workspace, likely)


def _undo(press: Press) -> Reply | Refused | None:
    done = merge.undo(press.tx, press.caller.workspace_id, press.row_id, press.by, press.now)
    if isinstance(done, Refused):
        return done
    press.reply(Reply.MERGE_UNDONE, number=done.mql.number)
    return None


def _take(form: Form) -> View | Refused | Reply | None:
    other = _chosen(form)
    done = merge.either(form.tx, form.workspace.id, form.mql_id, other.id, form.by, form.now)
    if isinstance(done, Refused) and done.reason != Refusal.MERGE_NOT_ALLOWED:
        raise Invalid({ids.MERGE_NUMBER: form.t(f"reply.{done.reason}", **words_of(done))})
    return done if isinstance(done, Refused) else None


def _chosen(form: Form) -> Mql:
    """Return the MQL that was chosen, or whose number was typed. Raises Invalid where it is none, or not one; where a
    text was typed, for the form that offers what it has found."""
    listed, typed = form.values.get(ids.MERGE_WITH), form.values.get(ids.MERGE_NUMBER)
    word = narrow(typed or "").lstrip("#")
    if typed and not word.isdecimal():
        return _of_id(form, form.values.get(merge_blocks.found_id(typed)) or _offered(form, typed))
    if bool(listed) == bool(typed):
        raise Invalid({ids.MERGE_NUMBER: form.t("error.merge_one")})
    if listed:
        return _of_id(form, listed)
    other = mqls.by_number(form.tx, form.workspace.id, int(word)) if len(word) <= len("999999999") else None
    if other is None:
        raise Invalid({ids.MERGE_NUMBER: form.t("error.merge_number")})
    return other


def _of_id(form: Form, mql_id: str) -> Mql:
    other = mqls.get(form.tx, form.workspace.id, int(mql_id))
    if other is None:
        raise Invalid({ids.MERGE_NUMBER: form.t("error.merge_number")})
    return other


def _offered(form: Form, sought: str) -> str:
    """Offer what was found: the form grows by a field that has to be chosen from. Always raises Invalid."""
    field = merge_blocks.found_id(sought) if _found(form, sought) else ids.MERGE_NUMBER
    shown = any(block.get("block_id") == field for block in form.view["blocks"])
    words = "error.merge_choose" if field != ids.MERGE_NUMBER and shown else "error.merge_nothing"
    raise Invalid({field: form.t(words)})


def _found(form: Form, sought: str) -> list[Mql]:
    subject = mqls.get(form.tx, form.workspace.id, form.mql_id)
    return merge.found(form.tx, subject, sought, OFFERED) if subject and form.may(Permission.MERGE) else []


def _with_found(form: Form) -> View | None:
    """Return the form with what the typed text has found."""
    sought = form.values.get(ids.MERGE_NUMBER)
    subject = mqls.get(form.tx, form.workspace.id, form.mql_id)
    if not sought or subject is None:
        return None
    view, *others = mql.mql_views(form.tx, form.workspace, [subject, *_found(form, sought)])
    return merge_blocks.form(view, others, form.t, sought)
