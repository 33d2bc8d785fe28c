"""Weeks with no MQL, one, forty and four thousand: Slack takes the digest, and what is left out is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.reports.trend import Trend
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import digest, digest_people, digest_trend
from bot.slack.blocks.reports.digest import DEBT_SHOWN, WAITING_SHOWN
from playground.blocks import problems
from tests.slack.blocks import weeks
from tests.slack.blocks.samples import EN, JA, buttons, seen

languages = pytest.mark.parametrize("t", [JA, EN], ids=["ja", "en"])
sizes = pytest.mark.parametrize("size", weeks.SIZES)


def messages(size: int, t: Translator) -> list[Message]:
    report = weeks.week(size)
    digests = [digest.weekly(report, t), digest.weekly(report, t, whole=True)]
    below = [digest_people.people(report, t), digest_trend.trend(weeks.trend(size), t)]
    return [*digests, *(message for message in below if message is not None)]


@pytest.mark.alike
@languages
@sizes
def test_slack_takes_it(size: int, t: Translator) -> None:
    for message in messages(size, t):
        assert problems(message.blocks, "message") == []
        assert len(message.blocks) < 50, "nothing was cut off at the end"
        assert t("digest.footnote") in seen(message) or message.blocks[0]["type"] == "header"


@pytest.mark.alike
@languages
@sizes
def test_nothing_is_cut_in_the_middle_of_a_paragraph(size: int, t: Translator) -> None:
    for message in messages(size, t):
        assert "…" not in seen(message)


@languages
def test_a_quiet_week_is_three_lines(t: Translator) -> None:
    report = weeks.week(0)
    shown = digest.weekly(report, t)
    assert seen(shown).split("\n")[1] == f"*{t('digest.first_quiet')}*"
    assert len(shown.blocks) == 4
    assert len(shown.blocks[2]["rows"]) == 2
    assert digest_people.people(report, t) is None
    assert digest_trend.trend(weeks.trend(0), t) is None


@languages
def test_what_is_left_out_is_counted_and_where_it_is_said(t: Translator) -> None:
    report = weeks.week(4000)
    text = seen(digest.weekly(report, t))
    assert t("digest.more_waiting", count=280 - WAITING_SHOWN) in text
    assert t("digest.more_open_debt", count=480 - DEBT_SHOWN) in text
    people = digest_people.people(report, t)
    assert people is not None
    shown = len(people.blocks[1]["rows"]) - 2  # without the heading and the total
    assert 20 < shown <= 30, "as many as a message has room for"
    assert t("people.more", count=61 - shown) in seen(people)


@languages
def test_what_waits_longest_stands_first_with_its_buttons(t: Translator) -> None:
    shown = digest.weekly(weeks.week(40), t)
    text = seen(shown)
    assert text.index("#1200") < text.index("#1201")
    act = [t("button.reassign"), t("button.remind"), t("button.show")]
    assert buttons(shown) == act * 3 + [t("button.show")] * 3


@languages
def test_every_figure_of_the_charts_stands_in_words(t: Translator) -> None:
    trend = weeks.trend(40)
    message = digest_trend.trend(trend, t)
    assert message is not None
    charts = [block["chart"] for block in message.blocks if block["type"] == "data_visualization"]
    words = seen(message)
    for number, point in enumerate(trend.answered):
        assert charts[0]["series"][0]["data"][number]["value"] == round(100 * point.in_time / point.due)
        assert f"{digest_trend.week(point, t)}: " in words
        assert t.percent(point.in_time / point.due) in words
    assert [series["name"] for series in charts[0]["series"]] == [t("trend.series.in_time"), t("trend.series.goal")]


def unanswered(*weeks_back: int) -> Trend:
    """A trend of whose weeks some had MQLs due and not one answer."""
    trend = weeks.trend(40)
    worst = [len(trend.points) - 1 - back for back in weeks_back]
    points = [
        replace(week, in_time=0, median=None, p90=None) if i in worst else week for i, week in enumerate(trend.points)
    ]
    return replace(trend, points=tuple(points))


@languages
def test_a_week_without_any_answer_is_never_drawn_as_the_fastest(t: Translator) -> None:
    trend = unanswered(2)
    message = digest_trend.trend(trend, t)
    assert message is not None
    shares, speed = [block["chart"] for block in message.blocks if block["type"] == "data_visualization"]
    worst = digest_trend.week(trend.points[-3], t)
    assert {"label": worst, "value": 0} in shares["series"][0]["data"]
    assert worst not in speed["axis_config"]["categories"]
    for series in speed["series"]:
        assert [point["label"] for point in series["data"]] == speed["axis_config"]["categories"]
        assert min(point["value"] for point in series["data"]) > 0
    assert t("trend.week_unanswered", week=worst, percent=t.percent(0), in_time="0", due=trend.points[-3].due) in seen(
        message
    )


@languages
def test_of_weeks_without_answers_no_time_is_drawn(t: Translator) -> None:
    message = digest_trend.trend(unanswered(*range(11)), t)
    assert message is not None
    assert [block["title"] for block in message.blocks if "chart" in block] == [t("trend.in_time")]
    assert problems(message.blocks, "message") == []


def below(message: Message, t: Translator) -> str:
    """What the digest says of its thread."""
    return str(message.blocks[-1]["elements"][0]["text"]).removeprefix(t("digest.footnote")).strip()


@languages
def test_the_digest_promises_of_its_thread_only_what_stands_there(t: Translator) -> None:
    report = weeks.week(40)
    all_of_it = [t(f"digest.below.{part}") for part in ("figures", "people", "reasons", "trend")]
    assert below(digest.weekly(report, t), t) == t("digest.footnote_thread", parts=t.listed(all_of_it))
    first = replace(report, before=weeks.week(0).now)
    assert below(digest.weekly(first, t), t) == t("digest.footnote_thread", parts=t.listed(all_of_it[:3]))
    unreported = replace(first, now=replace(first.now, lost_reasons=()))
    assert below(digest.weekly(unreported, t), t) == t("digest.footnote_thread", parts=t.listed(all_of_it[:2]))
    assert below(digest.weekly(replace(unreported, reps=()), t), t) == t("digest.footnote_thread", parts=all_of_it[0])
    assert below(digest.weekly(report, t, whole=True), t) == ""
