"""The App Home: drawn when it is opened, and after a press in it (see `home_drawing`)."""

from __future__ import annotations

from typing import Any

from slack_bolt import App

from bot.slack import home_drawing, setup
from bot.slack.context import AppContext
from storage import homes


def register(app: App, context: AppContext) -> None:
    """Connect the event."""

    def home_opened(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            publish_home(context, body["team_id"], event["user"])
        elif body["team_id"] == context.identity.team_id:
            with context.database.transaction() as tx:
                homes.leave(tx, body["team_id"], event["user"], context.now())

    app.event("app_home_opened")(home_opened)


def publish_home(context: AppContext, workspace_id: str, user_id: str) -> None:
    """Show a person their App Home as it stands now, and keep it so while they look."""
    if workspace_id != context.identity.team_id:
        # With our token we could only show it in our workspace: somebody may be a member of two.
        return
    setup.meet(context, user_id)
    with context.database.transaction() as tx:
        homes.look(tx, workspace_id, user_id, context.now())
    home_drawing.draw(context, user_id)
