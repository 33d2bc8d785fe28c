"""Everything that people do in Slack. A listener is one short transaction and at most one call that shows a view."""

from slack_bolt import App

from bot.slack.context import AppContext
from bot.slack.listeners import (
    actions,
    away_switch,
    bulk,
    checkup,
    commands,
    contact,
    definition,
    disputes,
    feedback,
    handover,
    home,
    home_list,
    intake,
    kpi,
    meeting,
    merge,
    mql_buttons,
    noise,
    own_week,
    pauses,
    queue,
    quick_outcome,
    resend,
    several_outcomes,
    sources,
    uploads,
    workflow_steps,
)

# Bolt asks one listener after the other whether a press is for it, some ten microseconds each: what people press most
# comes first, the rest in the order of their names.
NOUNS = (
    mql_buttons,
    quick_outcome,
    feedback,
    contact,
    actions,
    away_switch,
    bulk,
    checkup,
    commands,
    definition,
    disputes,
    handover,
    home,
    home_list,
    intake,
    kpi,
    meeting,
    merge,
    noise,
    own_week,
    pauses,
    queue,
    resend,
    several_outcomes,
    sources,
    uploads,
    workflow_steps,
)


def register(app: App, context: AppContext) -> None:
    """Connect every listener."""
    for noun in NOUNS:
        noun.register(app, context)
