"""/mql audit: who changed what, the newest first."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base import team
from bot.core.base.permissions import Permission
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.settings import audit as blocks
from bot.slack.blocks.settings.audit import ON_PAGE, Page
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Interaction, Press, allowing, turning
from storage import audits, members, unreadables

NEWEST = Page(audits.EVERYTHING)
admins = allowing(Permission.AUDIT, refusal=Reply.AUDIT_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the filters and the buttons of the page."""
    for action_id in (ids.AUDIT_KIND, ids.AUDIT_WHO, ids.AUDIT_NEWER, ids.AUDIT_OLDER):
        app.action(action_id)(turning(context, _turn, admins))


def page_view(interaction: Interaction, at: Page = NEWEST) -> View:
    """Return a page of the audit log, at first the newest entries of everybody."""
    tx, workspace_id = interaction.tx, interaction.workspace.id
    entries = audits.newest(tx, workspace_id, ON_PAGE, at.wanted, skipped=at.skipped)
    names = unreadables.sender_names(tx, workspace_id) | team.names(members.roster(tx, workspace_id))
    count = audits.count(tx, workspace_id, at.wanted)
    return blocks.page(entries, count, at, audits.people(tx, workspace_id), names, interaction.t)


def _turn(press: Press) -> View:
    return page_view(press, Page.read(press.value))
