"""The reminder of the day on which the owner means to contact a lead again."""

from __future__ import annotations

from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import Message, actions, context, lines, message, section
from bot.slack.blocks.base.phrases import link, owner_name, subject
from bot.slack.blocks.mql import buttons, next_touch
from bot.slack.blocks.mql.history import result_line
from bot.slack.blocks.mql.lead_details import contact_line
from storage.vocabulary import Status


def reminder(view: MqlView, t: Translator, reader: str) -> Message:
    """To the owner on the promised day. Rendered again after a change, it tells what came of it."""
    sentence = t.md("next_touch.today", whom=subject(view.mql, t))
    done = _over(view, t, reader)
    if done is not None:
        return message(Mrkdwn(t.flow(sentence, done)), [section(sentence), section(done), context(link(view, t))])
    shown = [buttons.again(view, t), *buttons.report_or_choose(view, t), next_touch.select(view, t)]
    body = lines([sentence, contact_line(view.mql, t)])
    return message(sentence, [section(body), context(link(view, t)), *actions(shown)])


def _over(view: MqlView, t: Translator, reader: str) -> Mrkdwn | None:
    if view.mql.status == Status.WITHDRAWN or view.mql.erased_at is not None:
        return t.md("outcome.no_longer_needed")
    if view.mql.disposed:
        return t.md("outcome.disposed", result=result_line(view, t))
    if view.mql.owner != reader:
        return t.md("outcome.moved", rep=owner_name(view, t))
    return t.md("next_touch.kept") if view.next_touch is None else None
