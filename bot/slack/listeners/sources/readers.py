"""What people have taught about the apps of the intake channel: the versions of it, and back to an earlier one."""

from __future__ import annotations

from slack_bolt import App

from bot.connectors.sources.corrections import editions
from bot.core.base import team
from bot.core.mql import layouts, senders
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import Block, View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.sources import readers as reader_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, sending
from bot.slack.listeners.base.pipeline import Interaction, Press, acting, opening
from bot.slack.listeners.mql import queue
from storage import members, unreadables
from storage import senders as sender_rows
from storage.models import SenderMapping


def register(app: App, context: AppContext) -> None:
    """Connect the button and the form."""
    app.action(ids.LOOK_AT_READER)(opening(context, _versions, queue.admission))
    app.action(ids.FORGET_LAYOUT)(acting(context, _forget, queue.admission))
    app.view(ids.READER_FORM)(sending(context, _take, queue.admission, title="reader.title"))


def rows(interaction: Interaction) -> list[Block]:
    """Return the apps of which something was taught, and the layouts that were confirmed."""
    taught = sender_rows.taught(interaction.tx, interaction.workspace.id)
    confirmed = sender_rows.layouts(interaction.tx, interaction.workspace.id)
    apps = unreadables.sender_names(interaction.tx, interaction.workspace.id) if taught or confirmed else {}
    names = team.names(members.roster(interaction.tx, interaction.workspace.id)) if confirmed else {}
    known = reader_blocks.layout_rows(confirmed, apps, names, interaction.t)
    return [*reader_blocks.rows(taught, apps, interaction.t), *known]


def _versions(press: Press) -> View | Reply:
    version = sender_rows.mapping_of_id(press.tx, press.workspace.id, press.row_id)
    if version is None:
        return Reply.READER_GONE
    known = sender_rows.mappings(press.tx, press.workspace.id, version.sender)
    apps = unreadables.sender_names(press.tx, press.workspace.id)
    names = team.names(members.roster(press.tx, press.workspace.id))
    return reader_blocks.form(version, apps, editions(known), names, press.t)


def _forget(press: Press) -> View | Reply:
    if not layouts.forget(press.tx, press.workspace.id, press.row_id, press.by, press.now):
        return Reply.LAYOUT_GONE
    return forms.notice("layout.title", press.t.md("layout.forgotten"), press.t)


def _take(form: Form) -> View | Reply:
    """Store an earlier version as the newest one, and read again what waits of the app."""
    version = _chosen(form)
    if version is None:
        return Reply.READER_GONE
    number = senders.go_back(form.tx, version, form.by, form.now)
    count = queue.read_again(form, version.sender)
    stored = form.t.md("reader.stored", version=version.number, number=number, count=count)
    return forms.notice("reader.title", stored, form.t)


def _chosen(form: Form) -> SenderMapping | None:
    shown = sender_rows.mapping_of_id(form.tx, form.workspace.id, int(form.metadata["reader"]))
    known = sender_rows.mappings(form.tx, form.workspace.id, shown.sender) if shown else []
    return next((each for each in known if str(each.number) == form.values.get(ids.READER_VERSION)), None)
