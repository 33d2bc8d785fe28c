"""Everything that people do in Slack. A listener is one short transaction and at most one call that opens a form."""

from slack_bolt import App

from bot.slack.context import AppContext
from bot.slack.listeners import (
    commands,
    definition,
    disputes,
    events,
    forms,
    goals,
    meeting,
    mql_buttons,
    noise,
    quick_outcome,
    several_outcomes,
)


def register(app: App, context: AppContext) -> None:
    """Connect every listener."""
    for part in (
        mql_buttons,
        commands,
        definition,
        disputes,
        events,
        forms,
        goals,
        meeting,
        noise,
        quick_outcome,
        several_outcomes,
    ):
        part.register(app, context)
