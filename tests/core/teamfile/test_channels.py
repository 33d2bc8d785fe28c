"""A channel that the bot cannot post to is refused before any card is lost in it."""

from __future__ import annotations

import pytest

from bot.cli.teamfile.config_words import problem
from bot.i18n import Translator
from storage.vocabulary import Locale
from tests.core.teamfile.kit import GOOD, Slack, bad


@pytest.mark.parametrize(
    ("trouble", "ja", "en"),
    [
        ("no_such_channel", "C", "C"),
        ("channel_archived", "アーカイブ", "archived"),
        ("bot_not_in_channel", "/invite", "/invite"),
    ],
)
def test_a_channel_that_the_bot_cannot_post_to_is_named_with_the_cure(trouble: str, ja: str, en: str) -> None:
    channel = GOOD.split('mql = "')[1].split('"')[0]
    problems = bad(GOOD, Slack(channels={channel.removeprefix("#"): "C1"}, troubles={"C1": trouble, channel: trouble}))
    (wrong,) = [problem_ for problem_ in problems if problem_.field == "channels.mql"]
    assert wrong.code == trouble
    assert ja in problem(Translator(Locale.JA, "UTC"), wrong)
    assert en in problem(Translator(Locale.EN, "UTC"), wrong)
