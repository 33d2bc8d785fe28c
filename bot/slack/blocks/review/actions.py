"""One action of the review meeting: how it is told, the buttons beside it, and the forms to record and change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.core.review.action_changes import History, RecordedChange
from bot.core.review.actions import Action
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import LINE, field, modal, text_input
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    lines,
    message,
    option,
    section,
    select,
)
from bot.slack.blocks.base.phrases import called
from bot.slack.blocks.base.text import bare_name, line, md
from storage.models import ActionChange, Member
from storage.vocabulary import ActionStep

STEPS_SHOWN = 8


def due(action: Action, t: Translator, owner: str, due_on: date) -> Message:
    """To the `owner` of then, on the day `due_on` that it was due on then."""
    if action.item.done_at is not None:
        return _done(action, t)
    if action.item.owner != owner:
        return _handed_over(action, t)
    moved = action.due_on != due_on
    sentence = t.md("action.moved" if moved else "action.due", day=t.day(action.due_on))
    return _told(action, sentence, t)


def changed(action: Action, record: RecordedChange, reader: str, t: Translator) -> Message:
    """To the owner, or to whoever was the owner: what somebody else has changed."""
    if action.item.done_at is not None:
        return _done(action, t)
    if action.item.owner != reader:
        return _handed_over(action, t)
    actor, now, before = bare_name(record.by), record.change, record.before
    if now.step == ActionStep.REOPENED:
        return _told(action, t.md("action.reopened", actor=actor), t)
    if now.owner != before.owner:
        return _told(action, t.md("action.yours", actor=actor), t)
    days = {"old": t.day(date.fromisoformat(before.due_on)), "new": t.day(date.fromisoformat(now.due_on))}
    return _told(action, t.md("action.put_to", actor=actor, **days), t)


def _told(action: Action, sentence: Mrkdwn, t: Translator) -> Message:
    what = md(action.item.what, LINE)
    recorded = t.md("action.recorded", day=t.day(t.local_date(action.item.at)), by=bare_name(action.by))
    blocks = [
        section(lines([sentence, Mrkdwn(f"*{what}*"), who_and_when(action, t)])),
        *actions([done_button(action, t, primary=True), change_button(action, t)]),
        context(recorded),
    ]
    return message(Mrkdwn(t.flow(sentence, what)), blocks)


def _done(action: Action, t: Translator) -> Message:
    sentence = finished(action, t)
    return message(sentence, [section(sentence), *actions([reopen_button(action, t)])])


def _handed_over(action: Action, t: Translator) -> Message:
    sentence = t.md("action.handed_over", what=md(action.item.what, LINE), owner=bare_name(action.owner))
    return message(sentence, [section(sentence)])


def finished(action: Action, t: Translator) -> Mrkdwn:
    """Say that it is done, and by whom."""
    return t.md("action.done", what=md(action.item.what, LINE), by=bare_name(action.done_by))


def who_and_when(action: Action, t: Translator) -> Mrkdwn:
    """Return who does it until when, in mrkdwn."""
    return escape(plain_who_and_when(action, t))


def plain_who_and_when(action: Action, t: Translator) -> str:
    """Return who does it until when, and how often that was put off."""
    key = "action.who_late" if action.overdue else "action.who"
    sentence = t(key, owner=called(action.item.owner, bare_name(action.owner), t), day=t.day(action.due_on))
    return t("action.put_off", said=sentence, count=action.put_off) if action.put_off else sentence


def done_button(action: Action, t: Translator, *, primary: bool = False) -> Element:
    """Return the button that marks it as done."""
    return _button("action_done", ids.ACTION_DONE, action, t, primary=primary)


def change_button(action: Action, t: Translator) -> Element:
    """Return the button that opens the form to change it."""
    return _button("action_change", ids.ACTION_CHANGE, action, t)


def reopen_button(action: Action, t: Translator) -> Element:
    """Return the button that opens it again."""
    return _button("action_reopen", ids.ACTION_REOPEN, action, t)


def _button(key: str, action_id: str, action: Action, t: Translator, *, primary: bool = False) -> Element:
    text = t(f"button.{key}")
    return button(text, action_id, action.item.id, primary=primary, say=f"{text} {line(action.item.what)}")


def record_form(roster: Sequence[Member], reader: str, t: Translator, *, from_page: bool) -> View:
    """Return what is to be done, by whom, until when. `reader` is offered as its owner."""
    blocks = _fields(roster, reader, t)
    kept = {"page": 1} if from_page else {}
    return modal(t("action.title"), blocks, t, submit=t("action.submit"), callback_id=ids.ACTION_FORM, **kept)


def change_form(roster: Sequence[Member], known: History, t: Translator, *, from_page: bool) -> View:
    """Return the same for an action that is on record, with what was done to it so far."""
    item = known.item
    blocks = [*_fields(roster, item.owner, t, item.what, item.due_on), context(lines(_steps(known, t)))]
    kept = {"action": item.id, "seen": known.changes[-1].id} | ({"page": 1} if from_page else {})
    title, submit = t("action.change_title"), t("action.change_submit")
    return modal(title, blocks, t, submit=submit, callback_id=ids.ACTION_CHANGE_FORM, **kept)


def _fields(
    roster: Sequence[Member], owner: str, t: Translator, what: str | None = None, until: str | None = None
) -> list[Block]:
    people = sorted(
        (member for member in roster if member.active and not member.deactivated),
        key=lambda member: member.user_id != owner,
    )
    options = [option(bare_name(member.name, 60) or member.user_id, member.user_id) for member in people]
    day: Element = {"type": "datepicker", "action_id": ids.ACTION_UNTIL} | ({"initial_date": until} if until else {})
    return [
        field(ids.ACTION_WHAT, t("action.what"), text_input(ids.ACTION_WHAT, what)),
        field(ids.ACTION_OWNER, t("action.owner"), select(ids.ACTION_OWNER, options, t("form.choose"), owner)),
        field(ids.ACTION_UNTIL, t("action.until"), day, hint=t("action.until_hint")),
    ]


def _steps(known: History, t: Translator) -> list[Mrkdwn]:
    """Return who did what and when, the last few, the oldest first."""
    pairs = list(zip((known.changes[0], *known.changes), known.changes, strict=False))
    left = len(pairs) - STEPS_SHOWN
    more = [t.md("action.steps_more", count=left)] if left > 0 else []
    return [*more, *(_step(known, before, change, t) for before, change in pairs[-STEPS_SHOWN:])]


def _step(known: History, before: ActionChange, change: ActionChange, t: Translator) -> Mrkdwn:
    by = bare_name(known.names.get(change.by)) or change.by
    words = {"day": t.day(t.local_date(change.at)), "by": by}
    if change.step != ActionStep.CHANGED:
        return t.md(f"action.step.{change.step}", **words)
    differences = []
    if change.owner != before.owner:
        old, new = (bare_name(known.names.get(user)) or user for user in (before.owner, change.owner))
        differences.append(t("action.step.owner", old=old, new=new))
    if change.due_on != before.due_on:
        old, new = (t.day(date.fromisoformat(day)) for day in (before.due_on, change.due_on))
        differences.append(t("action.step.due_on", old=old, new=new))
    if change.what != before.what:
        differences.append(t("action.step.what", old=line(before.what, 60)))
    return t.md("action.step.changed", **words, changes=t.listed(differences))
