"""The open actions in the weekly digest."""

from __future__ import annotations

import json

import pytest

from bot.i18n import Translator
from bot.slack.blocks.review import meeting
from storage.vocabulary import Locale
from tests.slack.blocks.meetings import action


@pytest.mark.parametrize("locale", Locale)
def test_who_does_an_action_until_when_is_told_apart_from_what_is_to_be_done(locale: Locale) -> None:
    t = Translator(locale, "Asia/Tokyo")
    who = t("action.who", owner=t("card.owner_person", name="佐藤 葵"), day=t.day(action().due_on))
    digest = json.dumps(meeting.in_digest([action("資料を送る")], t), ensure_ascii=False)
    assert f"資料を送る ({who})" in digest
