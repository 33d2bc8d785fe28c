"""A file in the direct message with the bot: what it holds, importing it, and taking that back; and /mql import."""

from __future__ import annotations

from typing import Any

from slack_bolt import App

from bot.connectors.tables.summary import Summary
from bot.connectors.tables.uploaded import WANTED
from bot.core.base import permissions
from bot.core.base.permissions import Permission
from bot.core.base.results import Refused
from bot.core.messages import notifications
from bot.core.mql import uploads as core
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Message, View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import uploads as blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.command import CommandContext
from bot.slack.listeners.base.form import Form, sending
from bot.slack.listeners.base.pipeline import Act, Interaction, Press, acting, allowing, opening, roster
from storage import imports, members, receipts, uploads
from storage.models import Upload
from storage.vocabulary import ReceiptKind, UploadKind, UploadState

RUNS = 5
"""Imports that /mql import names."""

importers = allowing(Permission.IMPORT, refusal=Reply.UPLOAD_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the event, the buttons and the form."""

    def file_shared(body: dict[str, Any], event: dict[str, Any]) -> None:
        # Slack tells of files in every conversation that the bot is in; only those sent to the bot itself are meant.
        if event["channel_id"].startswith("D") and event["user_id"] != context.identity.user_id:
            _take(context, body["team_id"], body["event_id"], event["user_id"], event["file_id"])
            context.wake()

    app.event("file_shared")(file_shared)
    for kind, action_id in blocks.KIND_BUTTONS.items():
        app.action(action_id)(acting(context, _read_as(kind), _admitted))
    app.action(ids.UPLOAD_IMPORT)(acting(context, _begin, _admitted))
    app.action(ids.UPLOAD_CANCEL)(acting(context, _cancel, _admitted))
    app.action(ids.UPLOAD_UNDO)(acting(context, _undo, _admitted))
    app.action(ids.UPLOAD_COLUMNS)(opening(context, _form, _admitted))
    app.view(ids.UPLOAD_FORM)(sending(context, _choose, _admitted, title="upload.title"))


def how(command: CommandContext) -> Message:
    """Return how a file is imported, and the last imports."""
    return blocks.how(imports.newest(command.tx, command.workspace.id, RUNS), command.t)


def _admitted(interaction: Interaction) -> Refused | Reply | None:
    return roster(interaction) or importers(interaction)


def _take(context: AppContext, workspace_id: str, event_id: str, user: str, file_id: str) -> None:
    with context.database.transaction() as tx:
        now = context.now()
        if not receipts.first_time(tx, workspace_id, ReceiptKind.EVENT, event_id, now, {}):
            return
        caller = members.caller(tx, workspace_id, user)
        if caller is None or caller.workspace.policy_id is None:
            return
        if permissions.may(caller.member, Permission.IMPORT):
            core.take(tx, workspace_id, user, file_id, now)
        else:
            reply = f"reply.{Reply.UPLOAD_NOT_ALLOWED.value}"
            notifications.explain_privately(tx, workspace_id, event_id, None, user, now, reply, {})


def _upload(interaction: Interaction, upload_id: int) -> Upload | None:
    """Return an upload of whoever acts: nobody decides about another's file."""
    upload = uploads.get(interaction.tx, interaction.workspace.id, upload_id)
    own = upload is not None and interaction.may(Permission.OWN_UPLOAD, whose=upload.by)
    return upload if own else None


def _read_as(kind: UploadKind) -> Act:
    def act(press: Press) -> Reply | None:
        upload = _upload(press, press.row_id)
        done = upload is not None and core.read_as(press.tx, upload, kind, {}, press.now)
        return None if done else Reply.UPLOAD_MOVED_ON

    return act


def _begin(press: Press) -> Reply | None:
    upload = _upload(press, press.row_id)
    importable = upload is not None and upload.kind is not None and Summary.model_validate(upload.summary).news > 0
    done = upload is not None and importable and core.begin(press.tx, upload, press.now)
    return None if done else Reply.UPLOAD_MOVED_ON


def _cancel(press: Press) -> Reply | None:
    upload = _upload(press, press.row_id)
    done = upload is not None and core.cancel(press.tx, upload, press.now)
    return None if done else Reply.UPLOAD_MOVED_ON


def _undo(press: Press) -> Reply | None:
    upload = _upload(press, press.row_id)
    undoable = upload is not None and upload.kind == UploadKind.HISTORY and upload.import_id is not None
    done = upload is not None and undoable and core.undo(press.tx, upload, press.now)
    return None if done else Reply.UPLOAD_MOVED_ON


def _form(press: Press) -> View | Reply:
    upload = _upload(press, press.row_id)
    if upload is None or upload.state != UploadState.READ:
        return Reply.UPLOAD_MOVED_ON
    return blocks.form(upload, Summary.model_validate(upload.summary), press.t)


def _choose(form: Form) -> View | Reply | None:
    """Have the file read as was chosen."""
    upload = _upload(form, int(form.metadata["upload"]))
    if upload is None:
        return Reply.UPLOAD_MOVED_ON
    kind = UploadKind(form.values.get(ids.UPLOAD_KIND) or UploadKind.HISTORY)
    summary = Summary.model_validate(upload.summary)
    # What the form had no room for stays as it was.
    words = blocks.taken_for(summary)
    for place in range(len(summary.columns)):
        words[place] = form.values.get(f"{ids.UPLOAD_COLUMN}:{place}") or words.get(place, blocks.LEAVE)
    places: dict[str, list[int]] = {}
    for place in sorted(words):
        if words[place] in {*WANTED[kind]}:
            places.setdefault(words[place], []).append(place)
    kept = [place for place, word in sorted(words.items()) if word == blocks.KEEP]
    reading = {"places": places, "kept": kept, "order": form.values.get(ids.UPLOAD_ORDER)}
    done = core.read_as(form.tx, upload, kind, reading, form.now)
    return None if done else Reply.UPLOAD_MOVED_ON
