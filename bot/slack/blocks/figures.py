"""A week's figures as lines of plain text, each beside the week before, and where the time of a clock went. Nothing is
divided by zero, and no share stands without its counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.planning import Progress
from bot.core.views import Contacts, Figures, Parts, RepWeek, WeeklyReport
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.kit import lines
from bot.slack.blocks.text import bare_name, line

Share = tuple[int, int]
REASONS_SHOWN = 5


def sales(report: WeeklyReport, t: Translator) -> list[tuple[str, str]]:
    """Sales' side of the agreement: (what, how much)."""
    now, before = report.now, report.before
    return [
        ("in_time", _share((now.in_time, now.due), (before.in_time, before.due), t)),
        ("responded", _share((now.responded, now.received), (before.responded, before.received), t)),
        *_speed(now, before, t),
        ("contacted", _contacted(now, before, t)),
        ("breached", _count(now.breached, before.breached, t)),
        ("escalated", _count(now.escalated, before.escalated, t)),
        (
            "feedback",
            _share((now.feedback_given, now.feedback_due), (before.feedback_given, before.feedback_due), t),
        ),
        ("debt", t("digest.count", count=len(report.debt))),
    ]


def _speed(now: Figures, before: Figures, t: Translator) -> list[tuple[str, str]]:
    spans = {
        "median": (now.median, before.median),
        "p90": (now.p90, before.p90),
        "median_open": (now.median_open, before.median_open),
        "p90_open": (now.p90_open, before.p90_open),
    }
    return [(name, _span(*both, t)) for name, both in spans.items() if name == "median" or any(both)]


def _contacted(now: Figures, before: Figures, t: Translator) -> str:
    """How many and how fast, and the same of those with proof; all in one line."""
    share = _share((now.contacted.count, now.received), (before.contacted.count, before.received), t)
    if not now.contacted.count:
        return share
    told = [share, t("digest.contact_proven", count=now.proven.count), _times("digest.contact_times", now.contacted, t)]
    if now.proven.count:
        told.append(_times("digest.contact_proven_times", now.proven, t))
    return t("digest.between").join(told)


def _times(key: str, contacts: Contacts, t: Translator) -> str:
    nothing = timedelta(0)
    return t(key, median=t.hours(contacts.median or nothing), p90=t.hours(contacts.p90 or nothing))


def marketing(report: WeeklyReport, t: Translator) -> list[tuple[str, str]]:
    """Marketing's side: how many came, whether they could be reached, and how many sales turned down."""
    now, before = report.now, report.before
    return [
        ("received", _count(now.received, before.received, t)),
        *([("plan", _progress(report.plan, t))] if report.plan else []),
        *([("withdrawn", _count(now.withdrawn, before.withdrawn, t))] if now.withdrawn or before.withdrawn else []),
        ("contactable", _share((now.contactable, now.received), (before.contactable, before.received), t)),
        ("repeated", _count(now.repeated, before.repeated, t)),
        ("rejected", _share(_rejected(now), _rejected(before), t)),
        ("unreadable", t("digest.count", count=report.unreadable)),
    ]


def _progress(plan: Progress, t: Translator) -> str:
    return t(
        "digest.progress",
        received=t.number(plan.received),
        planned=t.number(plan.planned),
        month=t.month(plan.month),
        until=t.day(plan.until),
    )


def outcomes(report: WeeklyReport, t: Translator) -> list[tuple[str, str]]:
    """What sales said became of the MQLs reported on in the week."""
    now, before = report.now, report.before
    return [
        ("qualified", _count(now.qualified, before.qualified, t)),
        ("disqualified", _count(now.disqualified, before.disqualified, t)),
        ("recycled", _count(now.recycled, before.recycled, t)),
    ]


def lost_reasons(report: WeeklyReport, t: Translator) -> list[str]:
    """The most frequent reasons, with last week's count beside."""
    earlier = {reason.key: count for reason, count in report.before.lost_reasons}
    return [
        t("digest.line", what=line(reason.label(t.locale), 50), value=_count(count, earlier.get(reason.key, 0), t))
        for reason, count in report.now.lost_reasons[:REASONS_SHOWN]
    ]


def rep(week: RepWeek, t: Translator) -> str:
    """One rep's week. The parts of lost time are named only where a deadline passed."""
    if not week.user_id:
        return t("digest.nobody", count=week.breached, none=t.hours(week.unassigned), off=t.hours(week.off_duty))
    told = [t("digest.rep_received", count=week.received)]
    if week.breached:
        spent = t(
            "digest.rep_parts", idle=t.hours(week.idle), off=t.hours(week.off_duty), none=t.hours(week.unassigned)
        )
        told.append(t("digest.rep_breached", count=week.breached, parts=spent))
    if week.debt:
        told.append(t("digest.rep_debt", count=week.debt))
    return t("digest.rep", rep=bare_name(week.name) or week.user_id, week=t("digest.between").join(told))


def breakdown(parts: Parts, t: Translator) -> Mrkdwn:
    """Where the time of a clock went, a line for each part."""
    listed = [Mrkdwn(f"• {escape(name)}: {spent}") for name, spent in shares(parts, t)]
    return lines([t.md("direct.parts", total=t.hours(parts.total)), *listed])


def shares(parts: Parts, t: Translator) -> list[tuple[str, str]]:
    """(part, how long), in whole minutes that add up to the shown total."""
    # Whoever got it at the very end had it for no time, and is not asked about any.
    owned = [one for one in parts.with_owner if one[1]] or parts.with_owner[:1]
    named = [t("direct.with_rep", rep=bare_name(name) or t("lead.owner")) for name, _ in owned]
    # What most policies never have is named only where there is some.
    seldom = {"quiet": parts.quiet, "away": parts.away, "paused": parts.paused}
    rare = {name: spent for name, spent in seldom.items() if spent}
    spans = [parts.unassigned, parts.outside, *rare.values(), *(spent for _, spent in owned)]
    words = ["unassigned", "outside", *rare]
    names = [*(t(f"direct.{word}_time") for word in words), *named]
    return [(name, t.hours(spent)) for name, spent in zip(names, whole_minutes(spans), strict=True)]


def whole_minutes(spans: Sequence[timedelta]) -> list[timedelta]:
    """The spans cut to minutes so that they still add up: what is cut off goes, by whole minutes, to those that lost
    most."""
    minute = timedelta(minutes=1)
    cut = [span // minute for span in spans]
    left = sum(spans, timedelta()) // minute - sum(cut)
    most_lost = sorted(range(len(spans)), key=lambda i: spans[i] % minute, reverse=True)
    for i in most_lost[:left]:
        cut[i] += 1
    return [minutes * minute for minutes in cut]


def _rejected(figures: Figures) -> Share:
    return figures.disqualified, figures.qualified + figures.disqualified + figures.recycled


def _count(now: int, before: int, t: Translator) -> str:
    return _beside(t("digest.count", count=now), t("digest.count", count=before), _arrow(now, before), t)


def _share(now: Share, before: Share, t: Translator) -> str:
    arrow = _arrow(now[0] / now[1], before[0] / before[1]) if now[1] and before[1] else ""
    return _beside(_one_share(now, t), _one_share(before, t), arrow, t)


def _one_share(share: Share, t: Translator) -> str | None:
    part, whole = share
    return t("digest.share", percent=t.percent(part / whole), part=part, whole=whole) if whole else None


def _span(now: timedelta | None, before: timedelta | None, t: Translator) -> str:
    arrow = _arrow(now.total_seconds(), before.total_seconds()) if now is not None and before is not None else ""
    shown = [t.hours(one) if one is not None else None for one in (now, before)]
    return _beside(shown[0], shown[1], arrow, t)


def _beside(now: str | None, before: str | None, arrow: str, t: Translator) -> str:
    shown = now or t("digest.no_data")
    if before is None:
        return shown
    return t("digest.beside", now=shown, before=before, arrow=f"{arrow} " if arrow else "")


def _arrow(now: float, before: float) -> str:
    if now == before:
        return "→"
    return "↑" if now > before else "↓"
