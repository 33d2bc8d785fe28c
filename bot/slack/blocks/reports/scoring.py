"""The check of the scoring rule: whether a high score means an opportunity, and what to change where it does not."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.base.statistics import Estimate
from bot.core.reports.held_leads import HeldLeads
from bot.core.reports.monthly import month_of
from bot.core.reports.scoring import CHANGES, Band, Factor, ScoringCheck, Verdict
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.agreement.definition import propose_button
from bot.slack.blocks.base.kit import Block, Message, actions, context, header, lines, message, section
from bot.slack.blocks.base.text import line
from bot.slack.blocks.reports import monthly

SHOWN = 5

Part = tuple[str, list[str]]


def check(report: ScoringCheck, t: Translator) -> Message:
    """Return the check as a message."""
    head = _headline(report, t)
    blocks: list[Block] = [header(_heading(report, t)), section(Mrkdwn(f"*{escape(head)}*"))]
    if report.bands:
        blocks.append(monthly.in_table(_rows(report, t)))
    if sentence := _threshold(report, t):
        blocks.append(section(escape(sentence)))
    if held := _held(report.held, t):
        blocks.append(section(escape(held)))
    for title, items in _parts(report, t):
        bullets = [Mrkdwn(f"• {escape(item)}") for item in items]
        blocks.append(section(lines([Mrkdwn(f"*{escape(title)}*"), *bullets])))
    blocks += actions([propose_button(report.period, t)] if report.auc is not None else [])
    small_print = [escape(item) for item in _small_print(report, t)]
    blocks += [context(*small_print)] if small_print else []
    return message(t.md("scoring.notification", head=head), blocks)


def text(report: ScoringCheck, t: Translator) -> str:
    """Return the same as plain text, for a terminal."""
    table_of = monthly.in_text(_rows(report, t)) if report.bands else ""
    parts = [_heading(report, t), _headline(report, t), table_of, _threshold(report, t)]
    parts.append(_held(report.held, t))
    parts += ["\n".join([title, *(f"  {item}" for item in items)]) for title, items in _parts(report, t)]
    return "\n\n".join([item for item in parts if item] + [*_small_print(report, t)]) + "\n"


def verdict(report: ScoringCheck, t: Translator) -> str:
    """Return what speaks for another definition, as a few lines of plain text; empty where nothing is known for
    sure."""
    sentences = [_headline(report, t)] if report.auc is not None else []
    sentences += [_threshold(report, t)] if report.advised is not None else []
    for way in CHANGES:
        if values := _judged(report, way, t):
            sentences.append(f"{t(f'scoring.{way}')}: {' / '.join(values)}")
    return "\n".join(sentences)


def _heading(report: ScoringCheck, t: Translator) -> str:
    return t("scoring.heading", first=t.month(report.first), last=t.month(month_of(report.period)))


def _headline(report: ScoringCheck, t: Translator) -> str:
    if not report.received:
        return t("scoring.none")
    if report.auc is None:
        return t("scoring.few", decided=t.number(report.decided), qualified=t.number(report.qualified))
    words = {"auc": t.percent(report.auc.value), **monthly.ends(report.auc, t)}
    if report.auc.interval.low > 0.5:
        return t("scoring.works", **words)
    return t("scoring.reversed" if report.auc.interval.high < 0.5 else "scoring.chance", **words)


def _rows(report: ScoringCheck, t: Translator) -> list[monthly.Row]:
    columns: monthly.Row = [(t(f"scoring.column.{name}"),) for name in ("score", "mqls", "qualified")]
    return [columns, *(_row(band, t) for band in report.bands)]


def _row(band: Band, t: Translator) -> monthly.Row:
    score = t("scoring.band", low=t.number(band.low), high=t.number(band.high))
    return [(score,), (monthly.came(band.conversion, t),), monthly.qualified(band.conversion, t)]


def _threshold(report: ScoringCheck, t: Translator) -> str:
    """Return what the advised threshold would have come to; where none is, the next one. None is proposed from fewer
    MQLs than the score is judged by."""
    other = report.advised or next(iter(report.thresholds), None)
    if other is None or report.auc is None:
        return ""
    lost = "threshold" if other.missed else "threshold_safe"
    seen = {"score": t.number(other.score), "lowest": t.number(report.lowest), "missed": t.number(other.missed)}
    return t(f"scoring.{lost}", percent=t.percent(other.unseen / report.received), count=report.qualified, **seen)


def _held(held: HeldLeads, t: Translator) -> str:
    """Return what became of the leads that the definition held; "" where it held none."""
    if not held.held:
        return ""
    of_all = {name: t.number(getattr(held, name)) for name in ("held", "handed_over", "nurtured", "waiting")}
    sentence = t("scoring.held", count=held.held, **of_all)
    if not held.handed_over:
        return sentence
    of_handed = {name: t.number(getattr(held, name)) for name in ("handed_over", "decided", "qualified", "won")}
    return t.flow(sentence, t("scoring.held_became", **of_handed))


def _parts(report: ScoringCheck, t: Translator) -> Iterator[Part]:
    for verdict in (*CHANGES, Verdict.KEEP) if report.auc is not None else ():
        if values := _judged(report, verdict, t):
            yield t(f"scoring.{verdict}"), values


def _judged(report: ScoringCheck, verdict: Verdict, t: Translator) -> list[str]:
    judged = [(factor, factor.lift) for factor in report.factors if factor.verdict == verdict and factor.lift]
    left = [t("scoring.more", count=len(judged) - SHOWN)] if len(judged) > SHOWN else []
    return [_factor(factor, lift, t) for factor, lift in judged[:SHOWN]] + left


def _small_print(report: ScoringCheck, t: Translator) -> Iterator[str]:
    if unknown := sum(factor.verdict == Verdict.UNKNOWN for factor in report.factors):
        yield t("scoring.unknown", count=unknown)
    if unknown < len(report.factors):
        yield t("scoring.footnote")


def _factor(factor: Factor, estimate: Estimate, t: Translator) -> str:
    what = t(f"scoring.aspect.{factor.aspect}", name=line(factor.name, 40), value=line(factor.value, 40))
    ends = estimate.interval
    lift = t("scoring.lift", lift=_points(estimate.value), low=_points(ends.low), high=_points(ends.high))
    return t("scoring.factor", what=what, lift=lift, decided=t.number(factor.conversion.decided))


def _points(share: float) -> str:
    """Return a difference of shares in whole percentage points, with its sign."""
    points = round(100 * share)
    return f"{points:+d}" if points else "±0"
