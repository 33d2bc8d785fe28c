"""Everything that people do in Slack. A listener is one short transaction and at most one call that shows a view."""

from slack_bolt import App

from bot.slack.context import AppContext
from bot.slack.listeners import commands
from bot.slack.listeners.agreement import definition
from bot.slack.listeners.base import audit, place_menus
from bot.slack.listeners.crm import conflicts as crm_conflicts
from bot.slack.listeners.messages import resend
from bot.slack.listeners.mql import (
    bulk,
    buttons,
    contact,
    disputes,
    feedback,
    handover,
    intake,
    merge,
    next_touch,
    pauses,
    queue,
    quick_disposition,
    several_outcomes,
    undo,
    uploads,
    workflow_steps,
)
from bot.slack.listeners.reports import checkup, kpi, noise, own_week
from bot.slack.listeners.review import actions, meeting
from bot.slack.listeners.routing import absences, calendars, turns
from bot.slack.listeners.settings import pages as settings
from bot.slack.listeners.settings import suggestions
from bot.slack.listeners.setup import end as setup_end
from bot.slack.listeners.setup import steps as setup
from bot.slack.listeners.sources import readers, sources
from bot.slack.listeners.views import home, home_list, menu

# Bolt asks one listener after the other whether a press is for it, some ten microseconds each: what people press most
# comes first, the rest in the order of their names.
NOUNS = (
    buttons,
    quick_disposition,
    readers,
    feedback,
    contact,
    crm_conflicts,
    absences,
    actions,
    audit,
    bulk,
    calendars,
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
    turns,
    settings,
    setup,
    setup_end,
    several_outcomes,
    sources,
    suggestions,
    undo,
    uploads,
    workflow_steps,
)


def register(app: App, context: AppContext) -> None:
    """Connect every listener."""
    for noun in NOUNS:
        noun.register(app, context)
