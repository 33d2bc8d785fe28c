"""The queue: entering by hand, no lead, and what the reader learns of it."""

from __future__ import annotations

from slack_bolt import App

from bot.connectors import content
from bot.connectors.sources import rereading
from bot.core.base import team
from bot.core.base.audit import Author
from bot.core.base.permissions import Permission
from bot.core.base.results import Refused
from bot.core.mql import gate, intake, layouts, queue, senders
from bot.core.mql.lead import Lead
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import intake as intake_blocks
from bot.slack.blocks.mql import queue as queue_blocks
from bot.slack.blocks.mql import senders as sender_blocks
from bot.slack.context import AppContext
from bot.slack.intake.message import of_roster
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Interaction, Press, acting, allowing, opening, roster
from storage import members, mqls, unreadables, workspaces
from storage import senders as sender_rows
from storage.models import Unreadable
from storage.vocabulary import Source, UnreadableState

sees_to_intake = allowing(Permission.QUEUE, refusal=Reply.INTAKE_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the forms."""
    app.action(ids.ENTER_UNREADABLE)(opening(context, _enter, admission))
    app.action(ids.CONFIRM_READING)(acting(context, _confirm, admission))
    app.action(ids.DISMISS_UNREADABLE)(acting(context, _dismiss, admission))
    app.action(ids.NEVER_APP)(acting(context, _never_app, admission))
    app.action(ids.NEVER_HEADLINE)(acting(context, _never_headline, admission))
    app.action(ids.TEACH)(opening(context, _teach, admission))
    app.action(ids.OPEN_MESSAGE)(lambda ack: ack())
    app.action(ids.SENDER_RULES)(opening(context, _rules, admission))
    app.action(ids.REMOVE_RULE)(acting(context, _remove, admission, page=_rules))
    app.action(ids.HAND_OVER)(opening(context, _hand_over, admission))
    app.view(ids.HAND_OVER_FORM)(sending(context, _take_handed_over, admission, title="hand_over.title"))
    app.view(ids.TEACH_FORM)(sending(context, _take_taught, admission, title="teach.title"))


def admission(interaction: Interaction) -> Refused | Reply | None:
    """Admit marketers and leaders."""
    return roster(interaction) or sees_to_intake(interaction)


def read_of(interaction: Interaction, entry: Unreadable) -> Lead:
    """Return everything that was read of an entry, by what was taught of its sender."""
    fields = senders.taught(interaction.tx, entry.workspace_id, entry.sender)
    if entry.guess and entry.lead and not fields:
        return Lead.model_validate(entry.lead)
    return content.parts(entry.content, fields, of_roster(interaction.tx, entry.workspace_id))


def _enter(press: Press) -> View | Reply:
    entry = unreadables.get(press.tx, press.workspace.id, press.row_id)
    if entry is None or entry.state == UnreadableState.ENTERED:
        return Reply.UNREADABLE_DONE
    prefill = read_of(press, entry).model_dump(mode="json")
    known = mqls.channels(press.tx, press.workspace.id, intake_blocks.CHANNELS_OFFERED)
    return intake_blocks.new_mql(
        press.t, prefill=prefill, unreadable_id=entry.id, from_home=press.in_home, channels=known
    )


def _hand_over(press: Press) -> View | Reply:
    entry = unreadables.get(press.tx, press.workspace.id, press.row_id)
    if entry is None or entry.state == UnreadableState.ENTERED or entry.lead_source is None:
        return Reply.UNREADABLE_DONE
    return queue_blocks.hand_over_form(entry, press.t, from_home=press.in_home)


def _take_handed_over(form: Form) -> View | Reply:
    entry_id, why = int(form.metadata["unreadable"]), form.values.get(ids.WHY_HAND_OVER)
    if not why:
        raise Invalid({ids.WHY_HAND_OVER: form.t("error.why_hand_over")})
    received = gate.hand_over(form.tx, form.workspace.id, entry_id, why, form.by, form.now)
    if received is None:
        return Reply.UNREADABLE_DONE
    key = "reply.new_repeated" if received.repeated else "reply.new_created"
    return forms.notice("hand_over.title", form.t.md(key, number=received.number), form.t)


def _confirm(press: Press) -> Reply | None:
    """Take in what was guessed as it was read, and remember the layout."""
    received = layouts.confirm(press.tx, press.workspace.id, press.row_id, press.by, press.now)
    return None if received else Reply.UNREADABLE_DONE


def _dismiss(press: Press) -> Reply | None:
    done = queue.close(press.tx, press.workspace.id, press.row_id, press.by, press.now)
    return None if done else Reply.UNREADABLE_DONE


def _never_app(press: Press) -> Reply | None:
    return _never(press, whole_app=True)


def _never_headline(press: Press) -> Reply | None:
    return _never(press, whole_app=False)


def _never(press: Press, *, whole_app: bool) -> Reply | None:
    entry = unreadables.get(press.tx, press.workspace.id, press.row_id)
    if entry is None or not senders.never(press.tx, entry, press.by, press.now, whole_app=whole_app):
        return Reply.RULE_KNOWN
    queue.refresh(press.tx, entry, "rule", press.now)
    return None


def _teach(press: Press) -> View | Reply:
    entry = unreadables.get(press.tx, press.workspace.id, press.row_id)
    if entry is None or entry.sender is None:
        return Reply.UNREADABLE_DONE
    samples = unreadables.samples(press.tx, press.workspace.id, entry.sender)
    fields = senders.taught(press.tx, press.workspace.id, entry.sender)
    return sender_blocks.teach_form(entry, samples, fields, press.t, from_home=press.in_home)


def _take_taught(form: Form) -> View | Reply:
    """Keep what was corrected, and read again what waits of the same sender."""
    entry = unreadables.get(form.tx, form.workspace.id, int(form.metadata["unreadable"]))
    if entry is None or entry.sender is None:
        return Reply.UNREADABLE_DONE
    prefix = f"{ids.LABEL_FIELD}:"
    chosen = {block.removeprefix(prefix): field for block, field in form.values.items() if block.startswith(prefix)}
    fields = {label: field for label, field in chosen.items() if field}
    senders.teach(form.tx, form.workspace.id, entry.sender, fields, form.by, form.now)
    count = read_again(form, entry.sender)
    return forms.notice("teach.title", form.t.md("teach.done", count=count), form.t)


def read_again(form: Form, sender: str) -> int:
    """Make MQLs of those waiting entries of a sender that can be read by now; returns of how many."""
    workspaces.locked(form.tx, form.workspace.id)
    fields = senders.taught(form.tx, form.workspace.id, sender)
    ours, count = of_roster(form.tx, form.workspace.id), 0
    for entry in unreadables.waiting_of(form.tx, form.workspace.id, sender):
        lead = content.lead(entry.content, fields, ours)
        if lead is not None:
            lead = lead.model_copy(update={"sent_at": entry.came_at})
            received = intake.receive(form.tx, form.workspace.id, lead, Source.NOTIFICATION, form.now, by=form.by)
            count += queue.close(form.tx, form.workspace.id, entry.id, form.by, form.now, received.mql_id)
    rereading.record(form.tx, form.workspace.id, sender, count, Author.in_slack(form.by), form.now)
    return count


def _rules(press: Press) -> View:
    names = team.names(members.roster(press.tx, press.workspace.id))
    return sender_blocks.rules_page(sender_rows.rules(press.tx, press.workspace.id), names, press.t)


def _remove(press: Press) -> Reply | None:
    removed = senders.remove_rule(press.tx, press.workspace.id, press.row_id, press.by, press.now)
    return None if removed else Reply.RULE_GONE
