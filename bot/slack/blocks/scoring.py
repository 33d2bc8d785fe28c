"""The check of the scoring rule: whether a high score means an opportunity, and what to change where it does not."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.reports.monthly import month_of
from bot.core.reports.scoring import Factor, ScoringCheck, Verdict
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks import monthly
from bot.slack.blocks.definition import propose_button
from bot.slack.blocks.kit import Block, Message, actions, context, header, lines, message, section, table
from bot.slack.blocks.text import line

SHOWN = 5
CHANGES = (Verdict.RAISE, Verdict.LOWER)

Part = tuple[str, list[str]]


def check(told: ScoringCheck, t: Translator) -> Message:
    """The check as a message."""
    head = _headline(told, t)
    blocks: list[Block] = [header(_heading(told, t)), section(Mrkdwn(f"*{escape(head)}*"))]
    if told.bands:
        blocks.append(table(_rows(told, t)))
    if sentence := _threshold(told, t):
        blocks.append(section(escape(sentence)))
    for title, said in _parts(told, t):
        bullets = [Mrkdwn(f"• {escape(one)}") for one in said]
        blocks.append(section(lines([Mrkdwn(f"*{escape(title)}*"), *bullets])))
    blocks += actions([propose_button(told.period, t)])
    small_print = [escape(one) for one in _small_print(told, t)]
    blocks += [context(*small_print)] if small_print else []
    return message(t.md("scoring.notification", head=head), blocks)


def text(told: ScoringCheck, t: Translator) -> str:
    """The same as plain text, for a terminal."""
    table_of = "\n".join("  " + " | ".join(row) for row in _rows(told, t)) if told.bands else ""
    parts = [_heading(told, t), _headline(told, t), table_of, _threshold(told, t)]
    parts += ["\n".join([title, *(f"  {one}" for one in said)]) for title, said in _parts(told, t)]
    return "\n\n".join([one for one in parts if one] + [*_small_print(told, t)]) + "\n"


def verdict(told: ScoringCheck, t: Translator) -> str:
    """What speaks for another definition, as a few lines of plain text; empty where nothing is known for sure."""
    said = [_headline(told, t)] if told.auc is not None else []
    said += [_threshold(told, t)] if told.advised is not None else []
    for way in CHANGES:
        if values := _judged(told, way, t):
            said.append(f"{t(f'scoring.{way}')}: {' / '.join(values)}")
    return "\n".join(said)


def _heading(told: ScoringCheck, t: Translator) -> str:
    return t("scoring.heading", first=t.month(told.first), last=t.month(month_of(told.period)))


def _headline(told: ScoringCheck, t: Translator) -> str:
    if not told.received:
        return t("scoring.none")
    if told.auc is None:
        return t("scoring.few", decided=t.number(told.decided), qualified=t.number(told.qualified))
    words = {"auc": t.percent(told.auc.value), **monthly.ends(told.auc, t)}
    if told.auc.interval.low > 0.5:
        return t("scoring.works", **words)
    return t("scoring.reversed" if told.auc.interval.high < 0.5 else "scoring.chance", **words)


def _rows(told: ScoringCheck, t: Translator) -> list[list[str]]:
    bands = [
        [t("scoring.band", low=t.number(band.low), high=t.number(band.high)), *monthly.cells(band.conversion, t)]
        for band in told.bands
    ]
    return [[t("scoring.column.score"), *monthly.columns(t)], *bands]


def _threshold(told: ScoringCheck, t: Translator) -> str:
    """What the advised threshold would have come to; where none is, the next one."""
    other = told.advised or next(iter(told.thresholds), None)
    if other is None or not told.qualified:
        return ""
    lost = "threshold" if other.missed else "threshold_safe"
    seen = {"score": t.number(other.score), "lowest": t.number(told.lowest), "missed": other.missed}
    return t(f"scoring.{lost}", percent=t.percent(other.unseen / told.received), count=told.qualified, **seen)


def _parts(told: ScoringCheck, t: Translator) -> Iterator[Part]:
    for verdict in (*CHANGES, Verdict.KEEP):
        if said := _judged(told, verdict, t):
            yield t(f"scoring.{verdict}"), said


def _judged(told: ScoringCheck, verdict: Verdict, t: Translator) -> list[str]:
    judged = [factor for factor in told.factors if factor.verdict == verdict]
    left = [t("scoring.more", count=len(judged) - SHOWN)] if len(judged) > SHOWN else []
    return [_factor(factor, t) for factor in judged[:SHOWN]] + left


def _small_print(told: ScoringCheck, t: Translator) -> Iterator[str]:
    if unknown := sum(factor.verdict == Verdict.UNKNOWN for factor in told.factors):
        yield t("scoring.unknown", count=unknown)
    if unknown < len(told.factors):
        yield t("scoring.footnote")


def _factor(factor: Factor, t: Translator) -> str:
    what = t(f"scoring.aspect.{factor.aspect}", name=line(factor.name, 40), value=line(factor.value, 40))
    if factor.lift is None:
        return t("scoring.factor", what=what, lift=t("monthly.few"), decided=t.number(factor.conversion.decided))
    ends = factor.lift.interval
    lift = t("scoring.lift", lift=_points(factor.lift.value), low=_points(ends.low), high=_points(ends.high))
    return t("scoring.factor", what=what, lift=lift, decided=t.number(factor.conversion.decided))


def _points(share: float) -> str:
    """A difference of shares in whole percentage points, with its sign."""
    points = round(100 * share)
    return f"{points:+d}" if points else "±0"
