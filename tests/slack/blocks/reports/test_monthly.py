from __future__ import annotations

import pytest

from bot.core.reports.monthly import month_of
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports.monthly import report, text
from bot.slack.blocks.reports.scoring import check as message
from bot.slack.blocks.reports.scoring import text as check_text
from storage.monthly import Tally
from storage.vocabulary import Source, Status
from tests.slack.blocks import monthly_samples
from tests.slack.blocks.monthly_samples import CHECKS, PERIOD, REPORTS, Came, check
from tests.slack.blocks.samples import EN, JA, _texts, seen


def tally(received: int, decided: int, qualified: int, channel: str = "webinar", *wins: int) -> Tally:
    return Tally(channel, None, Source.GENERIC, "U1", None, received, decided, qualified, *(wins or (0, 0, 0)))


MONTH = monthly_samples.report(
    [
        *[monthly_samples.EMPTY] * 4,
        [tally(20, 20, 5, "webinar", 2, 2, 7_000_000)],
        [tally(36, 28, 11, "webinar", 5, 4, 20_500_000), tally(4, 3, 1, "ads")],
    ]
)


def test_the_first_sentence_tells_the_share_how_sure_it_is_and_of_how_much() -> None:
    assert report(MONTH, EN).text == (
        "MQL month: 40 MQLs came in during October 2026; 31 of them have an outcome. "
        "Of those decided, 39% (24–56%) became opportunities."
    )
    assert report(MONTH, JA).text == (
        "MQL月次レポート: 2026年10月に届いたMQLは40件で、うち31件の結果が出ています。"
        "結果が出たもののうち、39%(24〜56%)が商談になりました。"
    )


def test_a_group_with_too_few_has_no_share() -> None:
    shown = seen(report(MONTH, EN))
    assert "• webinar: 33% (22–47%). Opportunities 16, decided 48, MQLs 56" in shown
    assert "• ads: fewer than 12 outcomes, so no rate is given." in shown.splitlines()
    assert "データ不足" not in seen(report(MONTH, JA))


def rows_of(shown: Message) -> list[list[str]]:
    tables = [block["rows"] for block in shown.blocks if block["type"] == "table"]
    return [["".join(_texts(cell)) for cell in row] for rows in tables for row in rows]


def test_the_months_stand_below_each_other_with_how_much_is_decided_in_three_columns() -> None:
    assert rows_of(report(MONTH, EN)) == [
        ["Received in, MQLs (decided)", "Opportunity rate", "Win rate"],
        ["September 2026\n20 (100%)", "25% (11–47%)\n5 of 20", "2 of 4"],
        ["October 2026\n40 (78%)", "39% (24–56%)\n12 of 31", "5 of 9"],
    ], "months before the first MQL would be rows of zeros"


@pytest.mark.parametrize("t", [JA, EN])
def test_where_no_mql_came_in_there_is_no_table_of_zeros(t: Translator) -> None:
    assert [block["type"] for block in report(REPORTS["nothing"], t).blocks] == ["header", "section", "context"]


def test_wins_are_told_together_and_of_each_group_with_what_they_brought() -> None:
    shown = seen(report(MONTH, EN))
    figures = "Win rate 54% (29–77%). Opportunities 17: won 7 (¥27,500,000), lost 6, under way 4"
    assert f"*From opportunity to win, 6 months*\n• {figures}" in shown
    webinar = "Opportunities 16, decided 48, MQLs 56; won 7 of 13 closed, ¥27,500,000, win rate 54% (29–77%)"
    assert f"• webinar: 33% (22–47%). {webinar}" in shown
    assert "受注率 54%(29〜77%)・商談17件のうち受注7件(¥27,500,000)/失注6件/進行中4件" in seen(report(MONTH, JA))


def test_what_is_the_same_for_all_is_not_told_apart() -> None:
    shown = seen(report(MONTH, EN))
    assert "By marketing channel, 6 months" in shown
    for other in ("By campaign", "By rep", "By tier", "By the way"):
        assert other not in shown


def test_what_does_not_fit_is_added_up() -> None:
    month = REPORTS["4,000"]
    shown = seen(report(month, EN))
    assert "Others (394)" in shown
    (others,) = [line for line in shown.splitlines() if line.startswith("• Others (394)")]
    left = [group.total for group in month.groups["channel"][6:]]  # type: ignore[index]
    assert f"decided {EN.number(sum(total.decided for total in left))}, MQLs" in others


@pytest.mark.parametrize("t", [JA, EN])
@pytest.mark.parametrize("name", ["nothing", "one"])
def test_where_there_is_nothing_there_is_no_share(t: Translator, name: str) -> None:
    shown = seen(report(REPORTS[name], t)).replace(t("monthly.footnote", count=12), "")
    for heading in ("monthly.column.qualified", "monthly.column.won"):
        shown = shown.replace(t(heading), "")
    shares = shown.replace("(0%)", "").replace("90%", "").replace(" 0%", "")
    assert "%" not in shares.replace("、0%", "")
    assert "None" not in shown


@pytest.mark.alike
@pytest.mark.parametrize("t", [JA, EN])
@pytest.mark.parametrize("name", REPORTS)
def test_a_terminal_gets_the_same(t: Translator, name: str) -> None:
    shown, plain = report(REPORTS[name], t), text(REPORTS[name], t)
    for row in rows_of(shown):
        assert "  " + " | ".join(cell.replace("\n", " ") for cell in row) in plain
    assert len(plain.splitlines()) < 80


@pytest.mark.parametrize("t", [JA, EN])
@pytest.mark.parametrize("name", REPORTS)
def test_it_is_read_within_a_minute(t: Translator, name: str) -> None:
    # What names cost is their owners' choice: they are cut at 60 characters.
    assert len(report(REPORTS[name], t).blocks) <= 12
    rows = rows_of(report(REPORTS[name], t))
    lines = len(seen(report(REPORTS[name], t)).splitlines())
    assert lines - sum(len(cell.splitlines()) for row in rows for cell in row) + len(rows) <= 50


def scored(score: int, won: int, lost: int, channel: str = "web", undecided: int = 0) -> list[Came]:
    statuses = [Status.QUALIFIED] * won + [Status.RECYCLED] * lost + [Status.ACCEPTED] * undecided
    return [Came(score, status, channel, None, None, {}) for status in statuses]


def test_the_threshold_sentence() -> None:
    checked = check(PERIOD, month_of(PERIOD), scored(50, 2, 29) + scored(61, 18, 21) + scored(75, 20, 10))
    assert checked.advised is not None
    assert (checked.lowest, checked.advised.score, checked.advised.unseen, checked.advised.missed) == (50, 60, 31, 2)
    shown = seen(message(checked, EN))
    assert (
        "With threshold 60 instead of 50, sales would have seen 31% fewer MQLs and missed 2 of 40 opportunities."
        in shown
    )
    assert "しきい値を50点から60点に上げると、営業へ渡るMQLは31%減り、商談40件のうち2件を逃していました。" in seen(
        message(checked, JA)
    )


def test_a_threshold_that_would_have_missed_nothing_says_so() -> None:
    checked = check(PERIOD, month_of(PERIOD), scored(50, 0, 29) + scored(61, 18, 21) + scored(75, 20, 10))
    assert checked.advised is not None
    assert checked.advised.missed == 0
    assert "商談になったMQL38件の取りこぼしはありませんでした。" in seen(message(checked, JA))
    assert "Of 38 opportunities none would have been missed." in seen(message(checked, EN))


def test_no_threshold_is_advised_that_loses_more_than_one_in_twenty() -> None:
    checked = check(PERIOD, month_of(PERIOD), scored(50, 3, 20) + scored(61, 37, 20))
    assert checked.advised is None
    assert "missed 3 of 40 opportunities" in seen(message(checked, EN))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nothing", "No MQL came with a score."),
        ("one", "Not enough data to judge the score"),
        ("4,000", "The score tells opportunities from the rest"),
        ("reversed", "The score points the wrong way"),
        ("chance", "The score is no better than chance"),
    ],
)
def test_the_check_says_first_whether_the_score_works(name: str, sentence: str) -> None:
    assert sentence in message(CHECKS[name], EN).text


def test_a_value_that_the_score_does_not_see_is_to_be_raised() -> None:
    checked = check(
        PERIOD,
        month_of(PERIOD),
        scored(50, 40, 20, "referral") + scored(50, 20, 60) + scored(70, 2, 40, "webinar") + scored(50, 5, 6, "rare"),
    )
    verdicts = {factor.value: factor.verdict.value for factor in checked.factors}
    assert verdicts == {"referral": "raise", "webinar": "lower", "web": "keep", "rare": "unknown"}
    shown = seen(message(checked, EN))
    assert "Consider more points" in shown
    assert "Channel referral: +46 points (+32 to +59), decided 60" in shown
    assert "Channel webinar: -38 points" in shown
    assert "1 value has too few outcomes to be judged." in shown


def test_a_value_is_kept_where_score_and_outcome_agree() -> None:
    checked = check(PERIOD, month_of(PERIOD), scored(80, 40, 20, "referral") + scored(50, 20, 60))
    assert {factor.value: factor.verdict.value for factor in checked.factors} == {"referral": "keep", "web": "keep"}


def test_few_values_of_an_attribute_are_named_by_nobody() -> None:
    many = [mql._replace(attributes={"who": "everybody"}) for mql in scored(50, 6, 6)]
    few = [mql._replace(attributes={"who": "Jane Secret", "list": ["x"]}) for mql in scored(50, 5, 6)]
    checked = check(PERIOD, month_of(PERIOD), many + few)
    assert [factor.value for factor in checked.factors if factor.aspect.value == "attribute"] == ["everybody"]


@pytest.mark.parametrize("name", CHECKS)
def test_the_bands_cover_every_score_once(name: str) -> None:
    checked = CHECKS[name]
    assert len(checked.bands) <= 10
    assert sum(band.conversion.received for band in checked.bands) == checked.received
    assert [band.low for band in checked.bands[1:]] == [band.high + 1 for band in checked.bands[:-1]]


@pytest.mark.parametrize("t", [JA, EN])
def test_a_terminal_gets_the_check_too(t: Translator) -> None:
    for checked in CHECKS.values():
        shown = check_text(checked, t)
        assert message(checked, t).blocks[0]["text"]["text"] in shown
        assert "None" not in shown
