"""What an unknown label names, by its words and by the shape of its value together."""

from __future__ import annotations

import pytest

from bot.connectors import notification
from tests.reading import of_known_layout


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("日中つながる電話番号：03-5555-0101", "phone", "03-5555-0101"),
        ("日中つながる電話番号：平日10時以降", "phone", None),
        ("お申込み内容：会員管理の実演", "message", "会員管理の実演"),
        ("事業内容：鋳物の製造と販売をしています", "message", None),
        ("今いちばんの悩み：はい", "message", None),
        ("塾名・教室名：青葉塾", "company", "青葉塾"),
        ("Trading name of school: Green Valley", "company", "Green Valley"),
        ("School website: https://green.example", "company", None),
        ("Inbound message: Do you export to Excel?", "message", "Do you export to Excel?"),
        ("Fit: 87/100", "score", 87),
        ("Fit: good", "score", None),
    ],
)
def test_a_guess_about_a_label_holds_only_where_its_value_bears_it_out(
    written: str, name: str, value: str | int | None
) -> None:
    reading = notification.read({"text": f"お名前：山本 花\nメール：hana@aoba.example\n{written}"})
    lead = reading[0] if isinstance(reading, list) else getattr(reading, "lead")  # noqa: B009
    assert getattr(lead, name) == value


def test_a_known_label_wins_over_a_guess_that_stands_before_it() -> None:
    (lead,) = notification.read(  # type: ignore[misc]
        {"text": "現在の課題：月末の集計に三日かかります。\nお名前：山本 花\nメール：a@b.example\nメッセージ：見積希望"}
    )
    assert lead.message == "見積希望"
    assert lead.attributes == {"現在の課題": "月末の集計に三日かかります。"}


FORM = "- 氏名：山本 花\n- メール：hana@aoba.example\n- メッセージ：見積希望です"


@pytest.mark.parametrize(
    ("below", "message"),
    [
        ("\n- 問い合わせの種類：製品", "見積希望です"),  # the form's own bullet
        ("\n予算：300万円", "見積希望です\n予算：300万円"),
    ],
)
def test_a_message_ends_where_a_line_is_written_as_the_forms_fields_are(below: str, message: str) -> None:
    (lead,) = of_known_layout({"text": FORM + below})  # type: ignore[misc]
    assert lead.message == message


def test_a_letter_is_read_with_its_signature() -> None:
    words = "突然のご連絡失礼いたします。\n株式会社北電機 購買部の大川と申します。\n価格表をいただけますでしょうか。"
    signature = "\n\n――――――\n株式会社北電機\n購買部　大川 進\nTEL：06-5555-0101\nMail：okawa@kita.example\n――――――"
    (lead,) = of_known_layout({"text": words + signature})  # type: ignore[misc]
    assert (lead.company, lead.title, lead.person) == ("株式会社北電機", "購買部", "大川 進")
    assert (lead.email, lead.phone, lead.message) == ("okawa@kita.example", "06-5555-0101", words)
