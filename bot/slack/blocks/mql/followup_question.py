"""The question what became of an MQL, asked once more."""

from __future__ import annotations

from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import Message, actions, context, message, section
from bot.slack.blocks.base.phrases import link, owner_name, subject
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.history import result_line
from storage.vocabulary import AskWhy, Status


def asked(view: MqlView, why: AskWhy, t: Translator, reader: str) -> Message:
    """To the owner: they likely know by now. Rendered again after a change, it tells what came of it."""
    sentence, done = t.md(f"asking.{why}", whom=subject(view.mql, t)), _over(view, why, t, reader)
    if done is not None:
        return message(Mrkdwn(t.flow(sentence, done)), [section(sentence), section(done), context(link(view, t))])
    returns = why == AskWhy.RETURN
    shown = [buttons.correct(view, t)] if returns else buttons.report_or_choose(view, t, primary=True)
    ask = Mrkdwn(t.flow(sentence, t.md("asking.correct" if returns else "asking.report")))
    return message(ask, [section(ask), context(link(view, t)), *actions(shown)])


def _over(view: MqlView, why: AskWhy, t: Translator, reader: str) -> Mrkdwn | None:
    expected = view.mql.status == Status.RECYCLED if why == AskWhy.RETURN else not view.mql.disposed
    if not expected and view.mql.disposed and view.mql.status != Status.WITHDRAWN:
        return t.md("outcome.disposed", result=result_line(view, t))
    if not expected or view.mql.erased_at is not None:
        return t.md("outcome.no_longer_needed")
    return t.md("outcome.moved", rep=owner_name(view, t)) if view.mql.owner != reader else None
