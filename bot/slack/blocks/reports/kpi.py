"""From a revenue target back to leads: the form, and the page with the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from bot.core.reports import kpi
from bot.core.reports.kpi import Capacity, Need, Origin, Rate, Stage, Target
from bot.core.reports.kpi_target import WON_AFTER, Actual, TargetView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, number_input, text_input
from bot.slack.blocks.base.kit import Block, Element, View, context, divider, fields, lines, option, section, select
from bot.slack.blocks.base.phrases import limit
from bot.slack.blocks.base.text import bare_name

LENGTHS = (1, 3, 6, 12, 24)
MONTHS_A_BLOCK = 12
TYPED = 30


def form(
    before: Target | None,
    won: tuple[int, int],
    counted: tuple[int, int],
    leads: tuple[int, int],
    months: Sequence[date],
    t: Translator,
) -> View:
    """Return what is asked for, filled with the target before. `won`: wins and opportunities of their matured
    cohort; `counted`: opportunities and MQLs of theirs; `leads`: MQLs and new leads of the weeks of which both are
    known."""
    times = before.times if before else kpi.LeadTimes()
    days = zip((ids.LEAD_TO_MQL, ids.MQL_TO_OPPORTUNITY, ids.OPPORTUNITY_TO_WIN), times.days, strict=True)
    return modal(
        t("kpi.title"),
        [
            section(t.md("kpi.about")),
            _typed(ids.REVENUE, str(before.revenue) if before else None, t),
            _typed(ids.DEAL, str(before.deal) if before else None, t),
            _months(before, months, t),
            _length(before, t),
            _rate(ids.WIN_RATE, before.win if before else None, _win_hint(won, t), t),
            _rate(ids.OPPORTUNITY_RATE, before.opportunity if before else None, _hint(counted, t), t),
            _rate(ids.MQL_RATE, before.mql if before else None, _lead_hint(leads, t), t),
            *(field(name, t(f"kpi.field.{name}"), number_input(name, given, kpi.MOST_DAYS)) for name, given in days),
        ],
        t,
        submit=t("kpi.submit"),
        callback_id=ids.KPI_FORM,
    )


def _typed(name: str, initial: str | None, t: Translator) -> Block:
    return field(name, t(f"kpi.field.{name}"), text_input(name, initial, most=TYPED), hint=t(f"kpi.hint.{name}"))


def _months(before: Target | None, months: Sequence[date], t: Translator) -> Block:
    options = [option(t.month(month), f"{month:%Y-%m}") for month in months]
    upcoming = months[len(months) // 2 + 1]
    known = before.first if before and before.first in months else upcoming
    chooser = select(ids.FIRST_MONTH, options, t("form.choose"), f"{known:%Y-%m}")
    return field(ids.FIRST_MONTH, t("kpi.field.first_month"), chooser)


def _length(before: Target | None, t: Translator) -> Block:
    options = [option(t("kpi.months", count=count), str(count)) for count in LENGTHS]
    chooser = select(ids.MONTHS, options, t("form.choose"), str(before.months if before else 12))
    return field(ids.MONTHS, t("kpi.field.months"), chooser)


def _rate(name: str, before: Rate | None, hint: str, t: Translator) -> Block:
    typed = _number(before.value, t) if before and before.origin == Origin.GIVEN else None
    element: Element = text_input(name, typed, most=TYPED)
    return field(name, t(f"kpi.field.{name}"), element, optional=True, hint=hint)


def _hint(counted: tuple[int, int], t: Translator) -> str:
    own, (part, whole) = Rate.own(*counted), counted
    if own is None:
        return t("kpi.hint.opportunity_rate", part=part, whole=whole, enough=kpi.ENOUGH)
    return t("kpi.hint.opportunity_rate_own", percent=_percent(own.value, t), part=part, whole=whole)


def _win_hint(won: tuple[int, int], t: Translator) -> str:
    own, (part, whole) = Rate.own(*won), won
    counts = {"part": part, "whole": whole, "days": WON_AFTER.days}
    if own is None:
        return t("kpi.hint.win_rate", enough=kpi.ENOUGH, **counts)
    return t("kpi.hint.win_rate_own", percent=_percent(own.value, t), **counts)


def _lead_hint(leads: tuple[int, int], t: Translator) -> str:
    part, whole = leads
    own = Rate.own(part, whole) if part <= whole else None
    if own is None:
        return t("kpi.hint.mql_rate_few", part=part, whole=whole) if whole else t("kpi.hint.mql_rate")
    return t("kpi.hint.mql_rate_own", percent=_percent(own.value, t), part=part, whole=whole)


def page(view: TargetView, t: Translator) -> View:
    """Return what the target needs: in all, by month beside what happened, and whether the team can answer it."""
    target, totals = view.target, view.plan.totals
    span = {"first": t.month(target.first), "last": t.month(target.last)}
    answer = t.md("kpi.answer", revenue=t.money(target.revenue), deal=t.money(target.deal), **span)
    blocks = [
        section(Mrkdwn(f"*{answer}*")),
        *fields([Mrkdwn(f"{t(f'kpi.stage.{stage}')}\n*{_need(stage, totals[stage], t)}*") for stage in Stage]),
        section(lines([*_rates(target, t), *_measured(view, t)])),
        divider(),
        *_by_month(view, t),
        *_late(view, t),
        divider(),
        section(_capacity(view, t)),
        context(_how(view.capacity, t)),
        context(_set(view, t)),
    ]
    return modal(t("kpi.title"), blocks, t, submit=t("kpi.submit_change"), callback_id=ids.KPI_PAGE)


def _rates(target: Target, t: Translator) -> list[Mrkdwn]:
    rates = {"win": target.win, "opportunity": target.opportunity, "mql": target.mql}
    return [Mrkdwn(f"• {t.md(f'kpi.rate.{name}', rate=_known(name, rate, t))}") for name, rate in rates.items()]


def _measured(view: TargetView, t: Translator) -> list[Mrkdwn]:
    """Return the rate from lead to MQL as it is now, beside the one of the target."""
    rate = view.lead_rate
    if rate is None or rate == view.target.mql:
        return []
    return [Mrkdwn(f"• {t.md('kpi.rate.mql_now', rate=_known('mql', rate, t))}")]


def _known(name: str, rate: Rate, t: Translator) -> str:
    percent = _percent(rate.value, t)
    if rate.origin == Origin.BENCHMARK:
        return t("kpi.origin.benchmark", percent=percent, why=t(f"kpi.why.{name}"))
    if rate.origin == Origin.GIVEN:
        return t("kpi.origin.given", percent=percent)
    low, high = (_percent(end, t) for end in rate.interval)
    counts = {"part": rate.successes, "whole": rate.trials}
    key = {"win": "kpi.origin.own_win", "mql": "kpi.origin.own_mql"}.get(name, "kpi.origin.own")
    return t(key, percent=percent, low=low, high=high, **counts)


def _by_month(view: TargetView, t: Translator) -> list[Block]:
    rows = [
        t.md("kpi.month", month=t.month(month.first), needs=_needs(month, view.actuals.get(month.first), t))
        for month in view.plan.months
    ]
    chunks = [rows[i : i + MONTHS_A_BLOCK] for i in range(0, len(rows), MONTHS_A_BLOCK)]
    title = Mrkdwn(f"*{t.md('kpi.by_month')}*")
    return [section(lines([title, *chunks[0]])), *(section(lines(chunk)) for chunk in chunks[1:])]


def _needs(month: kpi.Month, actual: Actual | None, t: Translator) -> str:
    due = [stage for stage in reversed(Stage) if stage in month.needs]
    text = t("kpi.between").join(f"{t(f'kpi.stage.{stage}')} {_need(stage, month.needs[stage], t)}" for stage in due)
    if actual is None:
        return text
    counts = {"mqls": t.number(actual.mqls), "opportunities": t.number(actual.opportunities)}
    return t("kpi.beside", needs=text, **counts)


def _need(stage: Stage, need: Need, t: Translator) -> str:
    """Return a need in words: MQLs and leads are estimates and marked as such; a range stands where there is one."""
    key = "kpi.count" if stage in (Stage.WINS, Stage.OPPORTUNITIES) else "kpi.estimate"
    text = t(key, number=t.number(need.point))
    if need.low == need.high:
        return text
    return t("kpi.range", told=text, low=t.number(need.low), high=t.number(need.high))


def _late(view: TargetView, t: Translator) -> list[Block]:
    """Return what was due in months that are over."""
    over = [month for month in view.plan.months if month.first < view.this_month and Stage.MQLS in month.needs]
    planned = sum(month.needs[Stage.MQLS].point for month in over)
    received = sum(view.actuals[month.first].mqls for month in over if month.first in view.actuals)
    if planned <= received:
        return []
    counts = {"planned": t.number(planned), "received": t.number(received)}
    return [section(Mrkdwn(f"⚠️ {t.md('kpi.late', month=t.month(view.this_month), **counts)}"))]


def _capacity(view: TargetView, t: Translator) -> Mrkdwn:
    able, within = view.capacity.a_month, limit(view.response_hours, t)
    if not view.capacity.reps:
        return t.md("kpi.no_reps")
    if able is None:
        return t.md("kpi.capacity_unknown", within=within)
    peak = max(month.needs[Stage.MQLS].point for month in view.plan.months if Stage.MQLS in month.needs)
    sentence = t.md("kpi.capacity", within=within, able=t.number(able))
    enough = "kpi.enough" if peak <= able else "kpi.too_much"
    return Mrkdwn(t.flow(sentence, t.md(enough, peak=t.number(peak), over=t.number(peak - able))))


def _how(capacity: Capacity, t: Translator) -> Mrkdwn:
    if capacity.a_month is None:
        return t.md("kpi.how_unknown", days=t.number(capacity.rep_days), enough=kpi.ENOUGH_DAYS)
    return t.md(
        "kpi.how",
        days=t.number(capacity.rep_days),
        median=t.number(capacity.median),
        reps=t.number(capacity.reps),
        working=t.number(capacity.working_days),
    )


def _set(view: TargetView, t: Translator) -> Mrkdwn:
    sentence = t.md("kpi.set", by=bare_name(view.by), at=t.full_day(view.at))
    if view.before is None:
        return sentence
    first = t.month(date.fromisoformat(f"{view.before.first_month}-01"))
    before = t.md("kpi.before", revenue=t.money(view.before.revenue), first=first, count=view.before.months)
    return Mrkdwn(t.flow(sentence, before))


def _percent(share: Fraction, t: Translator) -> str:
    return escape(f"{_number(share, t)}%")


def _number(share: Fraction, t: Translator) -> str:
    return t.number(round(float(share * 100), 1))
