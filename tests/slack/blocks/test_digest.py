from __future__ import annotations

import pytest

from bot.core.views import Contacts, WeeklyReport
from bot.i18n import Translator
from bot.slack.blocks.digest import weekly, weekly_text
from storage.vocabulary import Status
from tests.slack.blocks.samples import EMPTY, EN, JA, LATE, buttons, figures, rep_week, report, seen, view

DEBT = view(Status.ACCEPTED)


@pytest.mark.parametrize(
    ("week", "headline"),
    [
        (
            report(open_breaches=(LATE, LATE)),
            "今、2件が期限を過ぎて対応を待っています。期限を迎えた11件のうち、8件に期限内で対応しました。",
        ),
        (
            report(debt=(DEBT,)),
            "期限を迎えた11件のうち、8件に期限内で対応しました。1件の結果報告が期限を過ぎています。",
        ),
        (report(figures(in_time=11)), "期限を迎えた11件すべてに、期限内で対応できました。ありがとうございます。"),
        (report(figures(due=0, in_time=0)), "この週はMQLが12件届きました。初回対応の期限はまだ先です。"),
        (report(EMPTY), "この週に届いたMQLはありませんでした。"),
    ],
)
def test_the_first_sentence_is_the_one_that_matters(week: WeeklyReport, headline: str) -> None:
    assert weekly(week, JA).text == f"MQL週次レポート: {headline}"
    assert weekly(week, JA).blocks[1]["text"]["text"] == f"*{headline}*"


def test_every_share_stands_with_its_counts_and_the_week_before() -> None:
    shown = seen(weekly(report(before=figures(in_time=7, due=10)), JA))
    assert "期限内の対応: 73%・8/11件(↑ 前週70%・7/10件)" in shown
    assert "Answered in time: 73%, 8 of 11 (↑ last week 70%, 7 of 10)" in seen(
        weekly(report(before=figures(in_time=7, due=10)), EN)
    )


def test_contacts_stand_in_one_line_all_and_with_proof() -> None:
    week = report(figures(), figures(received=10, contacted=Contacts(6, None, None)))
    assert (
        "連絡済み: 67%・8/12件(↑ 前週60%・6/10件)、うち証跡あり5件、中央値3時間・9割が9時間以内、"
        "証跡ありは中央値2時間・9割が8時間以内\n"
    ) in seen(weekly(week, JA))
    assert (
        "Contacted: 67%, 8 of 12 (↑ last week 60%, 6 of 10), 5 with proof, median 3 h, 90% within 9 h, "
        "with proof: median 2 h, 90% within 8 h\n"
    ) in seen(weekly(week, EN))


def test_where_no_contact_is_proven_no_times_of_such_are_shown() -> None:
    shown = seen(weekly(report(figures(proven=Contacts(0, None, None))), EN))
    assert "0 with proof, median 3 h, 90% within 9 h\n" in shown


def test_marketing_s_side_stands_beside_sales_side() -> None:
    shown = seen(weekly(report(), JA))
    assert shown.index("営業の対応") < shown.index("マーケからの引き渡し")
    assert "連絡先あり: 92%・11/12件" in shown
    assert "対象外になった割合: 40%・2/5件" in shown


@pytest.mark.parametrize("t", [JA, EN])
def test_a_week_without_data_shows_no_percentage(t: Translator) -> None:
    shown = weekly_text(report(EMPTY, EMPTY, reps=()), t)
    assert "%" not in shown
    assert "None" not in shown


def test_a_figure_without_data_says_so_beside_last_week_s() -> None:
    shown = weekly_text(report(EMPTY, figures()), JA)
    assert "期限内の対応: データなし(前週73%・8/11件)" in shown
    assert "対応時間の中央値: データなし(前週3時間)" in shown
    assert "結果報告: —" not in shown
    assert "Answered in time: — (last week 73%, 8 of 11)" in weekly_text(report(EMPTY, figures()), EN)


def test_a_breach_can_be_acted_on_from_the_digest() -> None:
    shown = weekly(report(open_breaches=(LATE,), debt=(DEBT,)), JA)
    assert "担当: Satoさん・初回対応の期限: 11/24(火) 09:00" in seen(shown)
    assert buttons(shown) == ["担当を変更", "担当者に声をかける", "詳細", "詳細", "担当を変更"]


def test_an_mql_without_owner_can_be_given_one() -> None:
    shown = weekly(report(open_breaches=(view(Status.UNASSIGNED),)), EN)
    assert buttons(shown) == ["Choose an owner", "Details"]


def test_more_breaches_than_fit_are_counted() -> None:
    assert "And 4 more." in seen(weekly(report(open_breaches=(LATE,) * 10), EN))


def test_a_rep_s_late_answers_come_with_where_the_time_went() -> None:
    shown = seen(weekly(report(reps=(rep_week("佐藤"), rep_week("鈴木", 3, 2))), JA))
    assert "佐藤さん: 担当6件\n" in shown
    assert "鈴木さん: 担当6件、期限超過3件(合計: 本人10時間・営業時間外14時間・未割当2時間)、結果報告待ち2件" in shown


def test_lost_reasons_stand_beside_last_week_s() -> None:
    assert "Still gathering information: 1 (→ last week 1)" in seen(weekly(report(), EN))


def test_the_command_line_prints_the_same_figures() -> None:
    week = report(open_breaches=(LATE,), debt=(DEBT,))
    for t in (JA, EN):
        message, text = seen(weekly(week, t)), weekly_text(week, t)
        figures_shown = [line.removeprefix("• ") for line in message.split("\n") if line.startswith("• ")]
        assert len(figures_shown) > 15
        assert all(line in text for line in figures_shown)
        assert "<" not in text


def test_a_rep_s_hours_are_said_to_be_a_sum_over_several_mqls() -> None:
    week = report(reps=(rep_week("Sato", 3, 2), rep_week("", 2)))
    assert "3 overdue (in all: with rep 10 h" in seen(weekly(week, EN))
    assert "(合計: 本人10時間" in seen(weekly(week, JA))
