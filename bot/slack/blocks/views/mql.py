"""The page of one MQL: everything that is known of it, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.crm.conflicts import ConflictView
from bot.core.crm.engagement import EngagementView
from bot.core.sla.time_breakdown import TimeBreakdown
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import modal
from bot.slack.blocks.base.kit import Block, Element, View, actions, context, divider, header, lines, section
from bot.slack.blocks.base.phrases import SEPARATOR, deadline, due_line, link, owner_called, status, title, why_paused
from bot.slack.blocks.crm.conflicts import decided
from bot.slack.blocks.crm.engagements import engagements
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.cards import progress
from bot.slack.blocks.mql.history import happened, happening
from bot.slack.blocks.mql.lead_details import attributes, facts, outcome
from bot.slack.blocks.mql.related import all_words_of_lead, hints
from bot.slack.blocks.sla.time_breakdown import A_MINUTE, breakdown
from storage.models import Member

EVENTS_SHOWN = 50


def show(
    view: MqlView,
    timeline: Sequence[Timeline],
    t: Translator,
    now: datetime | None = None,
    parts: TimeBreakdown | None = None,
    shown: Sequence[Element] = (),
    reader: Member | None = None,
    conflicts: Sequence[ConflictView] = (),
    engaged: Sequence[EngagementView] = (),
) -> View:
    """Return everything about one MQL: where it stands, where the time until the first response went, what marketing's
    tool knows of its person (`engaged`), what was decided where a CRM said otherwise (`conflicts`), its history last.
    `shown`: what can be done about it beside what the card offers, of which stands here what `reader` may do; None:
    all of it."""
    mql, due = view.mql, deadline(view)
    standing = outcome(view, t) if mql.disposed else status(view, t, now)
    owner = t.md("card.owner_name", name=owner_called(view, t)) if mql.owner else None
    blocks: list[Block] = [header(title(mql, t)), section(lines([standing, owner, why_paused(view, t)]))]
    blocks += [due_line(due, t)] if due else []
    acts = buttons.for_card(view, t) if reader is None else buttons.for_page(view, t, reader)
    blocks += actions([*(button for button in acts if button["action_id"] != ids.SHOW), *shown])
    blocks += [*hints(view, t), *facts(view, t), *all_words_of_lead(view, t), *attributes(mql, 20), progress(mql, t)]
    if view.permalink:
        blocks.append(context(t.md("show.card", link=link(view, t))))
    blocks += [divider(), section(breakdown(parts, t))] if parts and parts.total >= A_MINUTE else []
    blocks += [*engagements(engaged, t), *decided(conflicts, t)]
    blocks += [divider(), section(Mrkdwn(f"*{t('show.history')}*")), *_history(timeline, t)]
    return modal(t("show.title", number=mql.number), blocks, t, mql=mql.id)


def _history(timeline: Sequence[Timeline], t: Translator) -> list[Block]:
    entries = happening(timeline)
    shown = entries[-EVENTS_SHOWN:]
    blocks = [section(Mrkdwn(f"{t.moment(entry.event.at)}{SEPARATOR}{happened(entry, t)}")) for entry in shown]
    left = len(entries) - len(shown)
    return [context(t.md("show.earlier", count=left)), *blocks] if left else blocks
