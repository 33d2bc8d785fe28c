"""The present state of an MQL in a message that asked somebody about it."""

from __future__ import annotations

from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import lines
from bot.slack.blocks.base.phrases import link, now_with
from bot.slack.blocks.mql.history import result_line
from bot.slack.blocks.mql.lead_details import withdrawn
from storage.vocabulary import Status


def standing(view: MqlView, t: Translator) -> Mrkdwn:
    """Return the state or outcome of an MQL as one sentence."""
    mql = view.mql
    if mql.status == Status.WITHDRAWN:
        return withdrawn(mql, t)
    if mql.disposed:
        return t.md("outcome.disposed", result=result_line(view, t))
    if mql.contacted_at is not None:
        return t.md("outcome.contacted", at=t.moment(mql.contacted_at))
    if mql.accepted_at is not None:
        return t.md("outcome.accepted", at=t.moment(mql.accepted_at))
    return t.md("outcome.no_longer_needed")


def settled(view: MqlView, t: Translator, owner: str | None) -> Mrkdwn:
    """Return the same of an MQL that `owner` (a Slack id) had when it was told of: who has it now, where that is
    somebody else and it has no outcome yet."""
    if view.mql.disposed or view.mql.owner in (None, owner):
        return standing(view, t)
    return now_with(view, t)


def struck(view: MqlView, t: Translator, owner: str | None) -> Mrkdwn:
    """Return the row of a list of which nothing more is asked: struck through, with what has come of it. `owner`: as
    above."""
    name = link(view, t).replace("~", "")
    return lines([Mrkdwn(f"~{name}~"), settled(view, t, owner)])
