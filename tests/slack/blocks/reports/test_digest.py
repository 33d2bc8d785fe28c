from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.agreement.goals import Goals
from bot.core.base.figure import figures_in
from bot.core.reports import headline
from bot.core.reports.figures import Contacts, Figures, Overdue, WeeklyReport
from bot.core.reports.headline import Matter
from bot.core.reports.kpi_target import Progress
from bot.core.reports.pauses import Pauses
from bot.i18n import Translator
from bot.slack.blocks.reports.digest import overdue_list, weekly, weekly_text
from bot.slack.blocks.reports.digest_people import people
from storage.vocabulary import Status
from tests.slack.blocks.samples import EMPTY, EN, JA, LATE, NOW, buttons, figures, rep_week, report, seen, view

DEBT = Overdue(1, (view(Status.ACCEPTED),))
WAITING = Overdue(2, (LATE, LATE))
GOALS = Goals(answered_in_time=90, median_response_hours=8, outcomes_reported=80, contactable=90, disqualified=50)
HOUR = timedelta(hours=1)
PLAN = Progress(20, 60, date(2026, 11, 1), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("week", "first", "then"),
    [
        (
            report(waiting=WAITING, goals=GOALS),
            "今、2件のMQLが期限を過ぎて対応を待っています。",
            "期限を迎えた11件のうち、期限内の対応は8件(73%)でした。目標は90%です。",
        ),
        (
            report(debt=DEBT),
            "1件の結果報告が期限を過ぎています。",
            "期限を迎えた11件のうち、8件に期限内で対応しました。",
        ),
        (report(figures(in_time=11)), "期限を迎えた11件すべてに、期限内で対応できました。ありがとうございます。", ""),
        (report(figures(due=0, in_time=0)), "この週はMQLが12件届きました。初回対応の期限はまだ先です。", ""),
        (report(EMPTY), "この週に届いたMQLはありませんでした。", ""),
    ],
)
def test_the_first_sentence_is_the_one_that_matters(week: WeeklyReport, first: str, then: str) -> None:
    assert weekly(week, JA).text == f"MQL週次レポート: {first}"
    assert weekly(week, JA).blocks[1]["text"]["text"] == f"*{first}*" + (f"\n{then}" if then else "")


def quick(**values: int) -> Figures:
    return figures(median_open=HOUR, **values)


@pytest.mark.parametrize(
    ("matter", "week"),
    [
        # Each has all that comes after it, too.
        (Matter.WAITING, report(waiting=WAITING, debt=DEBT, goals=GOALS, plan=PLAN)),
        (Matter.LATE, report(before=figures(in_time=11), debt=DEBT, goals=GOALS, plan=PLAN)),
        # Of the goals that were missed, the one that was missed by most.
        (Matter.REJECTED, report(quick(in_time=9, due=11, disqualified=9), debt=DEBT, goals=GOALS, plan=PLAN)),
        (Matter.UNREACHABLE, report(quick(in_time=11, disqualified=9, contactable=5), debt=DEBT, goals=GOALS)),
        (Matter.WORSE, report(before=figures(in_time=10), debt=DEBT, plan=PLAN)),
        (Matter.SLOW, report(figures(in_time=11, median_open=9 * HOUR), debt=DEBT, goals=GOALS, plan=PLAN)),
        (Matter.DEBT, report(quick(in_time=11), debt=DEBT, goals=GOALS, plan=PLAN)),
        (Matter.BEHIND, report(quick(in_time=11), goals=GOALS, plan=PLAN)),
        (Matter.WENT, report(quick(in_time=11), goals=GOALS, plan=replace(PLAN, received=36))),
        (Matter.NOT_DUE, report(quick(due=0, in_time=0), goals=GOALS)),
        (Matter.QUIET, report(EMPTY, goals=GOALS)),
        # Of one or two no share is made.
        (Matter.WENT, report(quick(received=1, contactable=0, due=1, in_time=0), goals=GOALS)),
        (Matter.WENT, report(quick(in_time=7), figures(due=4, in_time=4))),
        # Three MQLs too few are no reason on the second day of a month.
        (Matter.WENT, report(quick(in_time=11), plan=Progress(1, 60, date(2026, 11, 1), date(2026, 11, 2)))),
    ],
)
@pytest.mark.parametrize("t", [JA, EN])
def test_what_matters_most_is_chosen_by_a_rule(matter: Matter, week: WeeklyReport, t: Translator) -> None:
    assert headline.first(week) == matter
    assert "{" not in weekly(week, t).text


def cells(message_blocks: list[dict[str, object]], t: Translator, name: str) -> list[str]:
    """The row of a figure: this week, the goal where there is one, last week."""
    (table,) = [block for block in message_blocks if block["type"] == "table"]
    rows = [[line for cell in row for line in lines_of(cell)] for row in table["rows"]]  # type: ignore[attr-defined]
    return next(row[1:] for row in rows if row[0] == t(f"digest.figure.{name}"))


def lines_of(cell: dict[str, Any]) -> list[str]:
    """The lines of a cell: of rich text, or of raw text."""
    if cell["type"] == "raw_text":
        return [str(cell["text"])]
    return "".join(part["text"] for part in cell["elements"][0]["elements"]).split("\n")


def test_every_share_stands_with_its_counts_the_week_before_and_the_goal() -> None:
    week = report(before=figures(in_time=7, due=10), goals=GOALS)
    assert cells(weekly(week, JA).blocks, JA, "in_time") == ["✗ ↑ 73%(8/11)", "90%以上", "70%(7/10)"]
    assert cells(weekly(week, EN).blocks, EN, "in_time") == ["✗ ↑ 73% (8/11)", "≥ 90%", "70% (7/10)"]
    assert cells(weekly(week, EN).blocks, EN, "rejected") == ["✓ → 40% (2/5)", "≤ 50%", "40% (2/5)"]
    assert cells(weekly(week, EN).blocks, EN, "speed_open") == ["✓ → 2 h / 9 h", "≤ 8 h", "2 h / 9 h"]
    assert cells(weekly(report(), EN).blocks, EN, "in_time") == ["→ 73% (8/11)", "73% (8/11)"]
    assert "Answered in time: ✗ ↑ 73% (8/11); week before 70% (7/10); goal ≥ 90%" in weekly_text(week, EN)


def test_a_goal_without_data_is_neither_kept_nor_missed() -> None:
    week = report(figures(due=0, in_time=0), figures(), goals=GOALS)
    assert cells(weekly(week, EN).blocks, EN, "in_time") == ["—", "≥ 90%", "73% (8/11)"]


def test_contacts_stand_in_the_thread_all_and_with_proof() -> None:
    below = people(report(figures(), figures(received=10, contacted=Contacts(6, None, None))), EN)
    assert below is not None
    assert "Contacted: ↑ 67% (8/12); week before 60% (6/10). Median 3 h, 90% within 9 h." in seen(below)
    assert "Contacted with proof: ↓ 42% (5/12); week before 50% (5/10). Median 2 h, 90% within 8 h." in seen(below)


def test_marketing_s_side_stands_beside_sales_side() -> None:
    shown = seen(weekly(report(), JA))
    assert shown.index("営業の対応") < shown.index("マーケからの引き渡し")
    assert cells(weekly(report(), JA).blocks, JA, "contactable")[0] == "→ 92%(11/12)"
    assert cells(weekly(report(), JA).blocks, JA, "rejected")[0] == "→ 40%(2/5)"


@pytest.mark.parametrize("t", [JA, EN])
def test_a_week_without_data_shows_no_percentage(t: Translator) -> None:
    shown = weekly_text(report(EMPTY, EMPTY, reps=()), t)
    assert "%" not in shown
    assert "None" not in shown


def test_a_figure_without_data_says_so_beside_last_week_s() -> None:
    nothing_yet = figures(due=0, in_time=0, median=None, p90=None)
    shown = weekly_text(report(nothing_yet, figures()), JA)
    assert "期限内の対応: データなし、前週73%(8/11)" in shown
    assert "対応時間: 中央値/9割: データなし、前週3時間/22時間" in shown
    assert "結果報告: —" not in shown
    assert "Answered in time: —; week before 73% (8/11)" in weekly_text(report(nothing_yet, figures()), EN)


def test_of_a_week_without_mqls_only_what_there_is_is_told() -> None:
    text = weekly_text(report(EMPTY, figures()), EN)
    assert "—" not in text.split("Contacts")[0]
    assert "MQLs received: ↓ 0; week before 12" in text


def test_a_breach_can_be_acted_on_from_the_digest() -> None:
    shown = weekly(report(waiting=Overdue(1, (LATE,)), debt=DEBT), JA)
    assert "担当: Satoさん・初回対応の期限: 11/24(火) 09:00" in seen(shown)
    assert buttons(shown) == ["担当を変更", "担当者に声をかける", "詳細", "詳細"]


def test_a_reader_who_may_not_act_is_offered_to_look_only() -> None:
    shown = weekly(report(waiting=Overdue(1, (LATE,)), debt=DEBT), JA, may_act=False)
    assert "担当: Satoさん・初回対応の期限: 11/24(火) 09:00" in seen(shown)
    assert buttons(shown) == ["詳細", "詳細"]


def test_an_mql_without_owner_can_be_given_one() -> None:
    shown = weekly(report(waiting=Overdue(1, (view(Status.UNASSIGNED),))), EN)
    assert buttons(shown) == ["Choose an owner", "Details"]


def test_more_breaches_than_fit_are_counted() -> None:
    assert "And 95 more: `/mql list overdue`" in seen(weekly(report(waiting=Overdue(100, (LATE,) * 10)), EN))


def test_a_rep_s_late_answers_come_with_where_the_time_went() -> None:
    week = report(reps=(rep_week("佐藤"), rep_week("鈴木", 3, 2), rep_week("", 2)))
    below = people(replace(week, reps=(*week.reps[:2], replace(week.reps[2], user_id=""))), JA)
    assert below is not None
    rows = [[line for cell in row for line in lines_of(cell)] for row in below.blocks[1]["rows"]]
    assert rows[1:] == [
        ["鈴木さん", "6", "3", "2", "4"],
        ["担当者なし", "6", "2", "—", "4"],
        ["佐藤さん", "6", "0", "0", "4"],
        ["合計", "18", "5", "2", "12"],
    ]
    times = seen(below).partition("期限を過ぎたMQLの経過時間")[2]
    for name in ("鈴木さん", "担当者なし"):
        assert f"• {name}: 合計1日2時間: 本人10時間、" in times
    assert "佐藤" not in times
    assert "佐藤さん: 担当6件、期限内に対応4件\n" in weekly_text(week, JA)


def test_lost_reasons_stand_beside_last_week_s() -> None:
    below = people(report(), EN)
    assert below is not None
    assert "Still gathering information: → 1; week before 1" in seen(below)


def test_the_command_shows_what_else_stands_in_the_thread() -> None:
    shown = seen(weekly(report(), EN, whole=True))
    assert "Still gathering information" in shown
    assert "Sato: 6 received" in shown
    assert "thread" not in shown


def another(value: object) -> object:
    """A value of the same type that says something else."""
    if isinstance(value, Contacts):
        return replace(value, count=value.count - 1)
    if isinstance(value, Pauses):
        return replace(value, time=value.time + timedelta(hours=5))
    if isinstance(value, timedelta):
        return value + timedelta(hours=5)
    return value + 1 if isinstance(value, int) else ()


@pytest.mark.parametrize("name", sorted({field.name for field in fields(Figures)} & figures_in(figures()).keys()))
def test_every_figure_of_the_week_is_shown(name: str) -> None:
    changed = figures(**{name: another(getattr(figures(), name))})
    assert weekly_text(report(changed), EN) != weekly_text(report(), EN)


def test_the_command_line_prints_the_same_figures() -> None:
    week = report(waiting=Overdue(1, (LATE,)), debt=DEBT, goals=GOALS)
    for t in (JA, EN):
        message, text = weekly(week, t, whole=True), weekly_text(week, t)
        lines = [line.removeprefix("• ") for line in seen(message).split("\n") if line.startswith("• ")]
        (table,) = [block for block in message.blocks if block["type"] == "table"]
        headings = [row for row in table["rows"] if row[-1]["type"] != "raw_text"]
        lines += [line for row in table["rows"] if row not in headings for cell in row for line in lines_of(cell)]
        assert len(lines) > 30
        assert all(line in text for line in lines if line != "—")
        assert "<" not in text


@pytest.mark.parametrize("key", ["waiting", "open_debt"])
def test_a_list_of_what_is_overdue_counts_what_it_leaves_out(key: str) -> None:
    shown = overdue_list(key, Overdue(900, (LATE,) * 40), EN, NOW)
    named = buttons(shown)
    assert 30 <= len(named) <= 40
    assert named == ["Details"] * len(named)
    assert f"And {900 - len(named)} more: `mql-bot report weekly --format csv`" in seen(shown)
    assert seen(overdue_list(key, Overdue(0), EN, NOW)) == "Nothing is overdue."
