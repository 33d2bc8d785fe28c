"""Marketing's own figures in the reports: new leads and the e-mails of nurturing. Nothing is said of what nobody
supplied, and no rate stands where more were opened or clicked than sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.core.reports.nurturing import NAMES, Counts, Nurturing, Odd, Segment, Share, first_segments
from bot.core.reports.weekly import week_of
from bot.i18n import Translator
from bot.slack.blocks.base.text import line
from bot.slack.blocks.reports.figures import Row, arrow_of, one_share, with_arrow

ODD_SHOWN = 3
Text = Callable[[str, Counts, Translator], str | None]
RATE_OF = {"opened": "open_rate", "clicked": "click_rate"}


def rows(nurturing: Nurturing, t: Translator) -> list[Row]:
    """Return the figures of the digest's table; none of a figure of which nothing was supplied in either week."""
    return [row for name in NAMES if (row := _row(name, nurturing.now, nurturing.before, t)) is not None]


def _row(name: str, now: Counts, before: Counts, t: Translator) -> Row | None:
    shown = [_text(name, counts, t) for counts in (now, before)]
    if not any(shown):
        return None
    return Row(name, with_arrow(_arrow(name, now, before), shown[0], t), shown[1] or t("digest.no_data"), says=True)


def _text(name: str, counts: Counts, t: Translator) -> str | None:
    """Return a figure: as a share of those sent where that is known, else as a count."""
    if rate := _rate(name, counts):
        return one_share(rate.part, rate.whole, t)
    count = getattr(counts, name)
    return None if count is None else t("digest.count", count=t.number(count))


def _rate(name: str, counts: Counts) -> Share | None:
    return getattr(counts, RATE_OF[name]) if name in RATE_OF else None


def _arrow(name: str, now: Counts, before: Counts) -> str:
    """Return the arrow between two shares, or two counts; none between a share and a count."""
    rates = _rate(name, now), _rate(name, before)
    if rates[0] and rates[1]:
        return arrow_of(rates[0].part * rates[1].whole, rates[1].part * rates[0].whole)
    counts = getattr(now, name), getattr(before, name)
    if any(rates) or None in counts:
        return ""
    return arrow_of(*counts)


def segments(nurturing: Nurturing, t: Translator) -> list[str]:
    """Return a line for each segment beside the time before, at most twenty: the last sums up the rest."""
    shown, rest, left = first_segments(nurturing.segments)
    items = [_segment(line(segment.name, 80), segment, t) for segment in shown]
    return items if rest is None else [*items, _segment(t("nurturing.others", count=left), rest, t)]


def _segment(name: str, segment: Segment, t: Translator) -> str:
    parts = [part for figure in NAMES if (part := _part(figure, segment, t, _percent))]
    return t("nurturing.segment", name=name, figures=t("nurturing.between").join(parts))


def _percent(name: str, counts: Counts, t: Translator) -> str | None:
    """Return a figure more briefly: a share without its counts."""
    if rate := _rate(name, counts):
        return t.percent(rate.part / rate.whole)
    return _text(name, counts, t)


def _part(name: str, segment: Segment, t: Translator, text: Text = _text) -> str:
    """Return a figure beside the time before, which `text` tells."""
    now, before = _text(name, segment.now, t), text(name, segment.before, t)
    if now is None and before is None:
        return ""
    words = {"what": t(f"digest.figure.{name}"), "now": now or t("digest.no_data")}
    return t("nurturing.part", **words) if before is None else t("nurturing.part_beside", before=before, **words)


def notes(nurturing: Nurturing, period: str, t: Translator, *, marketer: bool) -> list[str]:
    """Return what cannot be right in a week, and, to marketers, that nothing is supplied."""
    if not marketer or nurturing.shown:
        return _odds(nurturing, t)
    if nurturing.missing:
        return [t("nurturing.missing")]
    # A week that lies before all that was ever supplied lacks nothing.
    if nurturing.newest is not None and nurturing.newest < period:
        return [t("nurturing.stale", day=t.day(week_of(nurturing.newest)))]
    return []


def _odds(nurturing: Nurturing, t: Translator) -> list[str]:
    left = len(nurturing.odd) - ODD_SHOWN
    more = [t("nurturing.odd_more", count=left)] if left > 0 else []
    return [*(_odd(each, t) for each in nurturing.odd[:ODD_SHOWN]), *more]


def _odd(odd: Odd, t: Translator) -> str:
    counts = {"count": t.number(odd.count), "sent": t.number(odd.sent)}
    which = t("nurturing.odd_segment", segment=line(odd.segment, 40)) if odd.segment else ""
    return t(f"nurturing.odd.{odd.figure}", day=t.day(week_of(odd.week)), segment=which, **counts)


def month(nurturing: Nurturing, t: Translator) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of the monthly report, as title and lines: the whole, then the segments."""
    if not nurturing.shown:
        return
    whole = Segment("", nurturing.now, nurturing.before)
    parts = [part for name in NAMES if (part := _part(name, whole, t))]
    weeks = {"weeks": nurturing.weeks, "before": nurturing.weeks_before, "before_of": nurturing.weeks_before_of}
    yield t("nurturing.month", count=nurturing.weeks_of, **weeks), [*parts, *_odds(nurturing, t)]
    if items := segments(nurturing, t):
        yield t("nurturing.month_segments"), items
