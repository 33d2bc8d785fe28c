"""Whoever wants to sell makes a message wait for a person; whoever asks for something is a lead."""

from __future__ import annotations

import pytest

from bot.connectors import notification
from bot.connectors.notification import Unreadable

FORM = "会社名：青葉工機\nお名前：山本 花\nメール：hana@aoba.example\nお問い合わせ内容："


@pytest.mark.parametrize(
    "written",
    [
        "弊社では営業代行を行っており、累計500社の導入実績がございます。完全成果報酬でご提案できます。",
        "We help companies double their organic traffic. Are you open to a 15-minute call?",
        "Buy now https://one.example https://two.example",
    ],
)
def test_a_sales_pitch_waits_with_everything_that_was_read(written: str) -> None:
    reading = notification.read({"text": FORM + written})
    assert isinstance(reading, Unreadable)
    assert reading.reason == "perhaps_pitch"
    assert reading.lead is not None
    assert (reading.lead.company, reading.lead.message) == ("青葉工機", written)


@pytest.mark.parametrize(
    "written",
    [
        "突然のご連絡失礼いたします。弊社では人材紹介事業を行っており、貴社製品の導入を検討しています。",
        "弊社は集客支援の会社です。料金を教えてください。",
        "We build apps for our clients and need a quote for 30 seats.",
    ],
)
def test_who_tells_their_trade_and_asks_is_a_lead(written: str) -> None:
    assert isinstance(notification.read({"text": FORM + written}), list)
