"""Where the time of a clock went, in whole minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.sla.time_breakdown import Part, TimeBreakdown
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import lines
from bot.slack.blocks.base.text import bare_name

A_MINUTE = timedelta(minutes=1)


def breakdown(parts: TimeBreakdown, t: Translator) -> Mrkdwn:
    """Return where the time of a clock went, a line for each part."""
    listed = [Mrkdwn(f"• {escape(name)}: {spent}") for name, spent in shares(parts, t)]
    return lines([t.md("direct.parts", total=t.hours(parts.total)), *listed])


def shares(parts: TimeBreakdown, t: Translator) -> list[tuple[str, str]]:
    """(part, how long), in whole minutes that add up to the shown total."""
    # Whoever got it at the very end had it for no time, and is not asked about any.
    owned = [span for span in parts.with_owner if span[1]] or parts.with_owner[:1]
    named = [t("direct.with_rep", rep=bare_name(name) or t("lead.owner")) for name, _ in owned]
    spent = _without_moments(parts)
    shown = [part for part in Part if spent[part]]
    words = ["days_off" if part == Part.OUTSIDE and parts.by_day else part.value for part in shown]
    spans = [*(spent[part] for part in shown), *(span for _, span in owned)]
    names = [*(t(f"direct.{word}_time") for word in words), *named]
    each = list(zip(names, whole_minutes(spans), strict=True))
    return [(name, t.hours(spent)) for name, spent in each if spent] or [
        (name, t.hours(spent)) for name, spent in each[-1:]
    ]


def _without_moments(parts: TimeBreakdown) -> dict[Part, timedelta]:
    """Return the parts, with what is less than a minute of reading among the unassigned: it goes by before any lead."""
    spent = dict(parts.spent)
    if spent[Part.UNREAD] < A_MINUTE:
        spent[Part.UNASSIGNED] += spent[Part.UNREAD]
        spent[Part.UNREAD] = timedelta()
    return spent


def whole_minutes(spans: Sequence[timedelta]) -> list[timedelta]:
    """Return the spans cut to minutes so that they still add up: what is cut off goes, by whole minutes, to those
    that lost most."""
    cut = [span // A_MINUTE for span in spans]
    left = sum(spans, timedelta()) // A_MINUTE - sum(cut)
    most_lost = sorted(range(len(spans)), key=lambda i: spans[i] % A_MINUTE, reverse=True)
    for i in most_lost[:left]:
        cut[i] += 1
    return [minutes * A_MINUTE for minutes in cut]
