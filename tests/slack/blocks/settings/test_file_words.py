"""What a team file changes, and what is wrong with it, in words with the key beside them."""

from __future__ import annotations

import pytest

from bot.cli.teamfile import config_words
from bot.core import teamfile
from bot.core.teamfile import BadFile
from bot.core.teamfile.changes import Change, diff
from bot.i18n import Translator
from storage.vocabulary import Locale
from tests.core.teamfile.kit import GOOD

JA, EN = (Translator(locale, "Asia/Tokyo") for locale in (Locale.JA, Locale.EN))
ANOTHER = """
[[policy.escalations]]
after_hours = 48
to = "head"
in_thread = true

[policy.calendar]
kind = "business_days"
holidays = "US-CA"
"""


def changed() -> list[Change]:
    before = teamfile.parse(GOOD, None)
    text = GOOD.replace('weekday = "monday"', 'weekday = "friday"').replace(
        "response_hours = 24", "response_hours = 0.5"
    )
    text = text.replace('roles = ["rep"]', 'roles = ["rep", "marketer"]').replace(
        "[[members]]", ANOTHER + "\n[[members]]", 1
    )
    text = text.replace("after_hours = 24", "after_hours = 30")
    return diff(before, teamfile.parse(text, None))


def test_japanese_names_what_changes_and_keeps_the_key() -> None:
    assert [config_words.change(JA, each) for each in changed()] == [
        "~ 週次レポート: 曜日(digest.weekday): 月曜 → 金曜",
        (
            "~ SLA: 営業日と営業時間(calendar) 営業日(24時間) → 時間の数え方: 営業日(24時間)、"
            "祝日を休みにする国・地域: アメリカ合衆国 – カリフォルニア州 (US-CA)(これから始まる期限に適用)"
        ),
        "~ SLA: 初回対応の期限(response_hours) 24時間 → 30分(これから始まる期限に適用)",
        (
            "~ SLA: エスカレーション(escalations) 24時間後: 営業マネージャー → 30時間後: 営業マネージャー / "
            "48時間後: 営業責任者、カードのスレッドにも知らせる: はい(これから始まる期限に適用)"
        ),
        "~ 佐藤 葵: 役割(roles) 営業担当 → 営業担当、マーケ担当",
    ]


def test_english_names_what_changes_and_keeps_the_key() -> None:
    assert [config_words.change(EN, each) for each in changed()] == [
        "~ Weekly digest: Weekday (digest.weekday): Monday → Friday",
        (
            "~ policy: Working time (calendar) Working days → How time counts: Working days, "
            "Holidays of: United States – California (US-CA) (clocks that start from now on)"
        ),
        "~ policy: Response due after (response_hours) 24 h → 30 min (clocks that start from now on)",
        (
            "~ policy: Escalations (escalations) Manager after 24 h → Manager after 30 h / "
            "Head after 48 h, Also in the card's thread: Yes (clocks that start from now on)"
        ),
        "~ 佐藤 葵: Roles (roles) Rep → Rep, Marketer",
    ]


@pytest.mark.parametrize(
    ("wrong", "ja", "en"),
    [
        (
            'a = 1\na = "x',
            "2行目: TOMLとして読めません(引用符が閉じていません)。この行の引用符、かっこ、= を確かめてください。",
            "line 2: This is not valid TOML (a quote is not closed). Check quotes, brackets and = signs here.",
        ),
        (
            '[policy]\nresponse_hours = "x"',
            "2行目 初回対応の期限(policy.response_hours): 引用符なしの数値を書いてください。",
            "line 2, Response due after (policy.response_hours): Write a number without quotes.",
        ),
        (
            '[[members]]\nroles = ["boss"]',
            "2行目 役割(members[1].roles[1]): 「boss」は使えません。使えるもの: rep, manager, head, marketer, admin。",
            (
                'line 2, Roles (members[1].roles[1]): "boss" is not known. '
                "Choose from: rep, manager, head, marketer, admin."
            ),
        ),
    ],
)
def test_what_is_wrong_is_named_in_either_language(wrong: str, ja: str, en: str) -> None:
    with pytest.raises(BadFile) as refused:
        teamfile.parse(wrong, None)
    for t, line in ((JA, ja), (EN, en)):
        assert line in [config_words.problem(t, each) for each in refused.value.problems]
