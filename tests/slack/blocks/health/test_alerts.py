from __future__ import annotations

import pytest

from bot.i18n import Translator
from bot.slack.blocks.health import alerts
from storage.vocabulary import AlertKind
from tests.slack.blocks.samples import EN, JA, alert


def test_an_alert_says_since_when_what_is_missing_and_what_to_do() -> None:
    text = alerts.alert(alert(AlertKind.TICKS_STOPPED), {}, JA).text
    assert "11/24(火) 12:00から止まっています" in text
    assert "`mql-bot worker`" in text
    never = alerts.alert(alert(AlertKind.TICKS_STOPPED, since=None), {}, EN).text
    assert "yet" in never


def test_an_alert_that_is_over_says_so_first_and_asks_for_nothing() -> None:
    message = alerts.alert(alert(AlertKind.TICKS_STOPPED, closed=True), {}, EN)
    assert message.text.startswith("✅ Over since Tue Nov 24, 12:00.")
    assert "start it again" not in message.text
    assert alerts.over(alert(AlertKind.TICKS_STOPPED), EN).text.startswith("✅")


@pytest.mark.parametrize(
    ("error", "target", "words"),
    [
        ("not_in_channel", "C9", ("<#C9>", "/invite @mql-bot")),
        ("account_inactive", "", ("direct messages to members", "/mql settings")),
        ("restricted_action", "C9", ("restricted_action", "Home tab")),
    ],
)
def test_a_refusal_names_the_place_and_the_usual_cure(error: str, target: str, words: tuple[str, ...]) -> None:
    text = alerts.alert(alert(AlertKind.MESSAGES_REFUSED, error=error, target=target), {}, EN).text
    for word in (*words, "mql-bot resend"):
        assert word in text


def test_of_many_mqls_the_first_are_named() -> None:
    text = alerts.alert(alert(AlertKind.OWNER_DEACTIVATED), {"U1": "佐藤 葵"}, JA).text
    assert "佐藤 葵さん" in text
    assert "MQL12件" in text
    assert "#1、#2" in text
    assert "#10、…" in text


def test_a_silence_is_told_with_what_it_is_compared_to() -> None:
    text = alerts.alert(alert(AlertKind.INTAKE_SILENT), {}, EN).text
    assert "2 days 2 h of open time" in text
    assert "8 weeks (1 day)" in text
    assert "WEBHOOK_SECRET" in text
    assert "受付チャンネル" in alerts.alert(alert(AlertKind.INTAKE_SILENT, source="notification"), {}, JA).text


@pytest.mark.parametrize("t", [JA, EN])
@pytest.mark.parametrize("kind", AlertKind)
def test_every_alert_begins_with_the_same_mark(kind: AlertKind, t: Translator) -> None:
    assert alerts.alert(alert(kind), {}, t).text.startswith("⚠️ ")
