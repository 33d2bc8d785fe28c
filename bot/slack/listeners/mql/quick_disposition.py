"""The outcome by two taps."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.results import Refused
from bot.core.mql import feedback
from bot.core.mql.feedback import Answer
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.mql import quick_disposition
from bot.slack.blocks.mql.quick_disposition import Chosen
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Press, acting, anybody, refused
from bot.slack.listeners.mql.form_data import details_page, feedback_view, report_or_refusal
from storage import workspaces
from storage.vocabulary import Disposition


def register(app: App, context: AppContext) -> None:
    """Connect the menu."""
    app.action(ids.QUICK)(acting(context, _choose, anybody, page=details_page))


def _choose(press: Press) -> View | Refused | None:
    """Store the answer if it is whole; else return the form that asks for the rest."""
    chosen = quick_disposition.read(press.value)
    if not _is_whole(press, chosen):
        return _form(press, chosen)
    answer = Answer(disposition=chosen.disposition, lost_reason=chosen.lost_reason)
    return refused(feedback.give_first(press.tx, press.workspace.id, chosen.mql_id, press.by, answer, press.now))


def _is_whole(press: Press, chosen: Chosen) -> bool:
    """Return whether nothing more has to be said. An old message may still offer a reason that asks for a comment by
    now."""
    if chosen.disposition != Disposition.DISQUALIFIED:
        return chosen.disposition == Disposition.QUALIFIED
    reasons = workspaces.reasons(press.tx, press.workspace.id)
    return any(reason.key == chosen.lost_reason and not reason.comment_required for reason in reasons)


def _form(press: Press, chosen: Chosen) -> View | Refused:
    view = report_or_refusal(press, chosen.mql_id)
    if isinstance(view, Refused):
        return view
    return feedback_view(press, view, chosen.disposition, reason=chosen.lost_reason)
