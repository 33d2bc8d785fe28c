"""The last twelve weeks, below the digest: two charts that Slack draws itself, and how far the MQLs have come. Every
figure of the charts stands in words too, for whoever cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.core.reports.trend import Point, Trend
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import Block, Message, context, header, lines, message, section, table
from bot.slack.blocks.base.text import clip

TITLE, LABEL, AXIS = 50, 20, 50  # characters, of a data_visualization block
FEWEST = 2  # weeks that make a line
STAGES = ("received", "taken", "contacted", "qualified", "won")


def trend(trend: Trend, t: Translator) -> Message | None:
    """Return the message; None where there is no second week to look back on."""
    answered = trend.answered
    if len(answered) < FEWEST:
        return None
    words = [Mrkdwn(f"• {escape(text)}") for text in in_words(trend, t)]
    blocks = [header(t("trend.title", count=len(trend.points)))]
    blocks.append(_chart(t("trend.in_time"), _shares(trend, t), answered, t, t("trend.percent")))
    if len(trend.timed) >= FEWEST:
        blocks.append(_chart(t("trend.speed"), _hours(trend.timed, t), trend.timed, t, t("trend.hours")))
    blocks += [
        section(lines([Mrkdwn(f"*{escape(t('trend.words'))}*"), *words])),
        section(Mrkdwn(f"*{escape(t('trend.stages', count=len(trend.points)))}*")),
        table(stages(trend, t)),
        context(t.md("trend.footnote")),
    ]
    return message(t.md("trend.notification", count=len(trend.points)), blocks)


def in_words(trend: Trend, t: Translator) -> list[str]:
    """Return the figures of the charts, a line for each week."""
    return [_in_words(point, t) for point in trend.answered]


def _in_words(point: Point, t: Translator) -> str:
    counts = {"in_time": t.number(point.in_time), "due": t.number(point.due)}
    percent = t.percent(point.in_time / point.due)
    if point.median is None or point.p90 is None:
        return t("trend.week_unanswered", week=week(point, t), percent=percent, **counts)
    spans = {"median": t.brief(point.median), "within": t.brief(point.p90)}
    return t("trend.week", week=week(point, t), percent=percent, **counts, **spans)


def stages(trend: Trend, t: Translator) -> list[list[str]]:
    """Return how far the MQLs of these weeks have come: a row each, below their heading."""
    counts = [getattr(trend.stages, name) for name in STAGES]
    rows = [[t(f"trend.column.{name}") for name in ("stage", "mqls", "of_all", "of_before")]]
    for i, (name, count) in enumerate(zip(STAGES, counts, strict=True)):
        wholes = (counts[0], counts[i - 1]) if i else (0, 0)
        shares = [t.percent(count / whole) if whole else "" for whole in wholes]
        rows.append([t(f"trend.stage.{name}"), t.number(count), *shares])
    return rows


def week(point: Point, t: Translator) -> str:
    """Return a week by its Monday: 11/16, Nov 16."""
    return t.short_day(point.first)


def _shares(trend: Trend, t: Translator) -> list[tuple[str, list[float]]]:
    drawn = [(t("trend.series.in_time"), [round(100 * point.in_time / point.due) for point in trend.answered])]
    goal = trend.goals.answered_in_time
    return [*drawn, *([(t("trend.series.goal"), [goal] * len(trend.answered))] if goal else [])]  # type: ignore[list-item]


def _hours(timed: Sequence[Point], t: Translator) -> list[tuple[str, list[float]]]:
    """In hours, one decimal. A week without an answer is none of them: at zero the worst would look like the best."""
    spans = {"median": [item.median for item in timed], "p90": [item.p90 for item in timed]}
    return [
        (t(f"trend.series.{name}"), [round(item.total_seconds() / 3600, 1) if item else 0 for item in values])
        for name, values in spans.items()
    ]


def _chart(
    title: str, series: Sequence[tuple[str, Sequence[float]]], points: Sequence[Point], t: Translator, unit: str
) -> Block:
    labels = [clip(week(point, t), LABEL) for point in points]
    drawn: list[dict[str, Any]] = [
        {
            "name": clip(name, LABEL),
            "data": [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)],
        }
        for name, values in series
    ]
    axis = {"categories": labels, "y_label": clip(unit, AXIS)}
    chart = {"type": "line", "series": drawn, "axis_config": axis}
    return {"type": "data_visualization", "title": clip(title, TITLE), "chart": chart}
