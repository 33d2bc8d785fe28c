"""Everything that people do in Slack. A listener is one short transaction and at most one call that shows a view."""

from slack_bolt import App

from bot.slack.context import AppContext
from bot.slack.listeners import (
    absence,
    actions,
    audit,
    bulk,
    calendar,
    checkup,
    commands,
    contact,
    crm_conflicts,
    definition,
    disputes,
    feedback,
    handover,
    home,
    home_list,
    intake,
    kpi,
    meeting,
    menu,
    merge,
    mql_buttons,
    next_touch,
    noise,
    own_week,
    pauses,
    place_menus,
    queue,
    quick_disposition,
    resend,
    routing,
    settings,
    setup,
    setup_end,
    several_outcomes,
    sources,
    undo,
    uploads,
    workflow_steps,
)

# Bolt asks one listener after the other whether a press is for it, some ten microseconds each: what people press most
# comes first, the rest in the order of their names.
NOUNS = (
    mql_buttons,
    quick_disposition,
    feedback,
    contact,
    crm_conflicts,
    absence,
    actions,
    audit,
    bulk,
    calendar,
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
    menu,
    merge,
    next_touch,
    noise,
    own_week,
    pauses,
    place_menus,
    queue,
    resend,
    routing,
    settings,
    setup,
    setup_end,
    several_outcomes,
    sources,
    undo,
    uploads,
    workflow_steps,
)


def register(app: App, context: AppContext) -> None:
    """Connect every listener."""
    for noun in NOUNS:
        noun.register(app, context)
