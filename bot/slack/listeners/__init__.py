"""Everything that people do in Slack. A listener is one short transaction and at most one call that opens a form."""

from slack_bolt import App

from bot.slack.listeners import (
    actions,
    commands,
    definition,
    disputes,
    events,
    forms,
    goals,
    meeting,
    noise,
    quick,
    several,
)
from bot.slack.office import Office


def register(app: App, office: Office) -> None:
    """Connect every listener."""
    for part in (actions, commands, definition, disputes, events, forms, goals, meeting, noise, quick, several):
        part.register(app, office)
