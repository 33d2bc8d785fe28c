"""The App Home: drawn when it is opened, and after a press in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog
from slack_bolt import App

from bot.core.views import home as home_views
from bot.slack.blocks import home
from bot.slack.context import AppContext
from bot.slack.gateway import SlackFailure
from bot.slack.messages.context import translator
from bot.slack.messages.kept import with_kept
from bot.slack.replies import not_configured
from storage import members, workspaces

log = structlog.get_logger(__name__)


def register(app: App, context: AppContext) -> None:
    """Connect the event."""

    def home_opened(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            publish_home(context, body["team_id"], event["user"])

    app.event("app_home_opened")(home_opened)


def publish_home(context: AppContext, workspace_id: str, user_id: str) -> None:
    """Show a person their App Home as it stands now: delivery edits messages, but not the App Home."""
    if workspace_id != context.identity.team_id:
        # With our token we could only show it in our workspace: somebody may be a member of two.
        return
    now = context.now()
    with context.database.snapshot() as tx:
        workspace = workspaces.get(tx, workspace_id)
        if workspace is None or workspace.policy_id is None:
            view = {"type": "home", "blocks": not_configured().blocks}
        else:
            t = translator(workspace, members.get(tx, workspace_id, user_id))
            seen = home_views.home(tx, workspace, user_id, now)
            seen = replace(seen, unassigned=with_kept(tx, workspace_id, seen.unassigned, now))
            view = home.home(seen, t, now)
    try:
        context.gateway.call_in_time("views.publish", user_id=user_id, view=view)
    except SlackFailure as failure:
        # It is drawn anew each time it is opened, so nothing is lost.
        log.warning("home_not_published", workspace=workspace_id, code=failure.code)
