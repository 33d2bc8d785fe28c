"""Tables and charts (Slack documentation: table block, data visualization block)."""

from collections.abc import Iterator
from typing import Any

from playground.blocks.checks import Check, array, boolean, by_type, items, number, one_of, shape, string
from playground.blocks.composition import BLOCK_ID
from playground.blocks.rich_text import RICH_TEXT

CELL = by_type(
    {
        "raw_text": shape({"type": string(), "text": string()}),
        "raw_number": shape({"type": string(), "value": number()}, {"text": string()}),
        "rich_text": RICH_TEXT,
    },
    "cell",
)
COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _column(value: Any, path: str) -> Iterator[str]:
    if value is not None:
        yield from COLUMN(value, path)


TABLE = shape(
    {"type": string(), "rows": array(array(CELL, 1, 20), 1, 100)},
    {"block_id": BLOCK_ID, "column_settings": array(_column, 0, 20)},
)

LABEL = string(20, 1)
SEGMENT = shape({"label": LABEL, "value": number()})
POINT = shape({"label": LABEL, "value": number()})
SERIES = shape({"name": LABEL, "data": array(POINT, 1, 20)})
AXIS = shape({"categories": array(LABEL, 1, 20)}, {"x_label": string(50), "y_label": string(50)})


def _segments_are_positive(chart: Any, path: str) -> Iterator[str]:
    for index, segment in enumerate(items(chart.get("segments"))):
        value = segment.get("value") if isinstance(segment, dict) else None
        if isinstance(value, int | float) and value <= 0:
            yield f"{path}.segments[{index}].value: {value}, must be above 0"


def _points_fit_categories(chart: Any, path: str) -> Iterator[str]:
    axis, series = chart.get("axis_config"), items(chart.get("series"))
    if not isinstance(axis, dict):
        return
    categories = items(axis.get("categories"))
    names = [entry.get("name") for entry in series if isinstance(entry, dict)]
    if len(set(map(str, names))) < len(names):
        yield f"{path}.series: names must differ"
    for index, entry in enumerate(series):
        points = items(entry.get("data")) if isinstance(entry, dict) else []
        labels = [point.get("label") for point in points if isinstance(point, dict)]
        if sorted(map(str, labels)) != sorted(map(str, categories)):
            yield f"{path}.series[{index}].data: labels must be the categories of axis_config, each once"


PIE = shape({"type": string(), "segments": array(SEGMENT, 1, 12)}, rules=(_segments_are_positive,))
PLOT = shape({"type": string(), "series": array(SERIES, 1, 12), "axis_config": AXIS}, rules=(_points_fit_categories,))
CHARTS: dict[str, Check] = {"pie": PIE, "bar": PLOT, "line": PLOT, "area": PLOT}

DATA_VISUALIZATION = shape(
    {"type": string(), "title": string(50, 1), "chart": by_type(CHARTS, "chart")}, {"block_id": BLOCK_ID}
)
