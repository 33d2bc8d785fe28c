"""The trend and the way of the MQLs as PNG, each with its figures in words for whoever cannot see it.

Imported only where somebody asks for pictures: matplotlib takes most of a second and 140 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from bot.core.reports.trend import Point, Trend
from bot.i18n import Translator, catalogue
from bot.pictures.fonts import font_for
from bot.slack.blocks.reports import digest_trend
from bot.slack.blocks.reports.digest_trend import STAGES

INK, SOFT, GRID = "#1d2a2e", "#5b6b70", "#dfe5e6"
GREEN, ORANGE = "#0e6e62", "#c2691c"  # told apart by the colour-blind too, and each named at its line
SIZE, DPI = (9, 4.2), 120  # inches
HOUR = 3600
FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Picture:
    """A PNG and what it shows, in words."""

    name: str
    png: bytes
    alt: str
    words: tuple[str, ...]
    """Every text that stands in it."""


def pictures(trend: Trend, t: Translator) -> list[Picture]:
    """Return the charts of a trend; none where there is nothing to draw. Raises NoFont."""
    if not trend.stages.received:
        return []
    font = font_for(_vocabulary(t))
    font_manager.fontManager.addfont(str(font))
    with rc_context({"font.family": FontProperties(fname=str(font)).get_name()}):
        return _drawn(trend, t)


def _drawn(trend: Trend, t: Translator) -> list[Picture]:
    drawn = [_Canvas("stages", t("trend.stages", count=len(trend.points)), t)]
    drawn[0].bars([(t(f"trend.stage.{name}"), getattr(trend.stages, name)) for name in STAGES])
    if trend.answered:
        drawn = [_in_time(trend, t), *([_speed(trend, t)] if trend.timed else []), *drawn]
    return [canvas.picture(_alt(canvas, trend, t)) for canvas in drawn]


def _vocabulary(t: Translator) -> str:
    """Return every character that may stand in a picture."""
    ours = (forms for key, forms in catalogue(t.locale).items() if key.startswith(("trend.", "picture.")))
    words = "".join("".join(forms) for forms in ours)
    return words + digest_trend.week(Point(FIRST_DAY, 0, 0, 0, None, None), t) + t.percent(0.5) + t.number(1234.5)


def _in_time(trend: Trend, t: Translator) -> _Canvas:
    canvas = _Canvas("in-time", t("trend.in_time"), t)
    weeks = [digest_trend.week(point, t) for point in trend.answered]
    shares = [100 * point.in_time / point.due for point in trend.answered]
    canvas.lines(weeks, [(t("trend.series.in_time"), GREEN, shares)], t("trend.percent"))
    canvas.axes.set_ylim(0, 105)
    if trend.goals.answered_in_time:
        canvas.goal(trend.goals.answered_in_time, t("picture.goal", goal=t.percent(trend.goals.answered_in_time / 100)))
    return canvas


def _speed(trend: Trend, t: Translator) -> _Canvas:
    canvas = _Canvas("time-to-answer", t("trend.speed"), t)
    spans = {
        "median": (GREEN, [point.median.total_seconds() / HOUR for point in trend.timed if point.median is not None]),
        "p90": (ORANGE, [point.p90.total_seconds() / HOUR for point in trend.timed if point.p90 is not None]),
    }
    series = [(t(f"trend.series.{name}"), colour, values) for name, (colour, values) in spans.items()]
    canvas.lines([digest_trend.week(point, t) for point in trend.timed], series, t("trend.hours"))
    canvas.axes.set_ylim(bottom=0)
    return canvas


def _alt(canvas: _Canvas, trend: Trend, t: Translator) -> str:
    if canvas.name == "stages":
        stages = [t("picture.stage", stage=row[0], count=row[1]) for row in digest_trend.stages(trend, t)[1:]]
        return t("picture.alt", title=canvas.title, figures=t.listed(stages))
    return t("picture.alt", title=canvas.title, figures=t("picture.between").join(digest_trend.in_words(trend, t)))


class _Canvas:
    """One chart. Its texts are noted, and drawn in a font that has them all."""

    def __init__(self, name: str, title: str, t: Translator) -> None:
        self.name, self.title, self._t = name, title, t
        self.figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained", facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_subplot()
        self.axes.set_title(title, loc="left", color=INK, fontsize=15, pad=12)
        self.axes.spines[["top", "right", "left"]].set_visible(False)
        self.axes.spines["bottom"].set_color(GRID)
        self.axes.tick_params(colors=SOFT, length=0, labelsize=10, pad=8)

    def lines(self, weeks: Sequence[str], series: Sequence[tuple[str, str, Sequence[float]]], unit: str) -> None:
        """Lines over weeks, each named at its end; every point has its value where there is one line."""
        for name, colour, values in series:
            self.axes.plot(range(len(weeks)), values, color=colour, marker="o", markersize=4, linewidth=2)
            if values and len(series) > 1:
                at = (len(weeks) - 1, values[-1])
                self._say(name, at, (10, 0), colour, "left")
            for place, value in enumerate(values):
                self._say(self._t.number(round(value, 0 if len(series) == 1 else 1)), (place, value), (0, 7), colour)
        self.axes.set_xticks(range(len(weeks)), weeks)
        self.axes.set_ylabel(unit, color=SOFT, fontsize=10)
        self.axes.grid(axis="y", color=GRID)
        self.axes.margins(x=0.02, y=0.18)

    def goal(self, at: float, words: str) -> None:
        """Draw a dashed line."""
        self.axes.axhline(at, color=ORANGE, linestyle="--", linewidth=1.2)
        self._say(words, (0, at), (0, 5), ORANGE, "left")

    def bars(self, stages: Sequence[tuple[str, int]]) -> None:
        """Bars below each other, each with its count and its share of the first."""
        whole = stages[0][1]
        places = range(len(stages), 0, -1)
        self.axes.barh(list(places), [count for _, count in stages], color=GREEN, height=0.62)
        for place, (_, count) in zip(places, stages, strict=True):
            words = self._t("picture.bar", count=self._t.number(count), percent=self._t.percent(count / whole))
            self._say(words, (count, place), (8, -4), INK, "left")
        self.axes.set_yticks(list(places), [name for name, _ in stages])
        self.axes.tick_params(axis="y", labelsize=12, colors=INK)
        self.axes.set_xticks([])
        self.axes.spines["bottom"].set_visible(False)
        self.axes.set_xlim(0, whole * 1.25)

    def _say(
        self, text: str, at: tuple[float, float], offset: tuple[float, float], colour: str, side: str = "center"
    ) -> None:
        behind = withStroke(linewidth=3, foreground="white")  # a line that runs through it
        words = self.axes.annotate(text, at, xytext=offset, textcoords="offset points", color=colour, ha=side)
        words.set(fontsize=10, path_effects=[behind])

    def picture(self, alt: str) -> Picture:
        """Return the chart as PNG."""
        png = BytesIO()
        self.figure.savefig(png, format="png", metadata={"Description": alt})
        # Tick labels are only there once it has been drawn.
        words = (text.get_text() for text in self.figure.findobj(Text))
        return Picture(self.name, png.getvalue(), alt, tuple(word for word in words if word.strip()))
