"""The App Home: drawn when it is opened, and after a press in it (see `home_drawing`)."""

from __future__ import annotations

from typing import Any

from slack_bolt import App

from bot.slack import home_drawing
from bot.slack.context import AppContext
from storage import homes


def register(app: App, context: AppContext) -> None:
    """Connect the event."""

    def home_opened(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            home_drawing.publish_home(context, body["team_id"], event["user"])
        elif body["team_id"] == context.identity.team_id:
            with context.database.transaction() as tx:
                homes.leave(tx, body["team_id"], event["user"], context.now())

    app.event("app_home_opened")(home_opened)
