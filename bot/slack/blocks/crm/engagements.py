"""What marketing's tool tells of a lead's person, on the page of its MQL: the score over time, and e-mails. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.crm.engagement import EmailView, EngagementView, ScoreView
from bot.core.crm.taking import NAMES
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import Block, context, divider, lines, section
from bot.slack.blocks.base.text import md

SCORES_SHOWN = 5
MOST = 80


def engagements(views: Sequence[EngagementView], t: Translator) -> list[Block]:
    """Return the score history and the e-mail figures of an MQL, tool by tool; nothing where no tool tells any."""
    blocks = list[Block]()
    for view in views:
        title = t.md("engagement.heading", crm=NAMES[view.crm])
        blocks += [
            divider(),
            section(lines([title, *_scores(view.scores, t), *(_email(each, t) for each in view.emails)])),
        ]
        if left := max(len(view.scores) - SCORES_SHOWN, 0):
            blocks.append(context(t.md("engagement.earlier", count=left)))
    return blocks


def _scores(scores: Sequence[ScoreView], t: Translator) -> list[Mrkdwn]:
    """Return the newest changes, the newest first."""
    return [_score(each, t) for each in reversed(scores[-SCORES_SHOWN:])]


def _score(change: ScoreView, t: Translator) -> Mrkdwn:
    words = {"at": t.moment(change.at), "score": t.number(change.score)}
    why = md(change.why, MOST)
    if change.before is None:
        return t.md("engagement.score", **words)
    words |= {"before": t.number(change.before)}
    return t.md("engagement.changed_why", **words, why=why) if why else t.md("engagement.changed", **words)


def _email(figure: EmailView, t: Translator) -> Mrkdwn:
    words = {"kind": t(f"engagement.kind.{figure.kind}"), "count": figure.count, "at": t.moment(figure.last_at)}
    label = md(figure.last_label, MOST)
    return t.md("engagement.email_named", **words, label=label) if label else t.md("engagement.email", **words)
