from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.views.home import Own
from bot.slack.blocks.base import ids
from bot.slack.blocks.mql.cards import card
from bot.slack.blocks.mql.direct_messages import assignment
from bot.slack.blocks.mql.quick_disposition import REASONS_SHOWN, read
from bot.slack.blocks.views.home import home
from storage.vocabulary import Disposition, Status
from tests.slack.blocks.samples import EN, INFO, JA, NOW, elements, home_view, member, view


def _menu(shown: Any) -> list[str]:
    menus = [element for element in elements(shown) if element.get("action_id") == ids.QUICK]
    return [option["text"]["text"] for menu in menus for option in menu["options"]]


def test_the_dispositions_stand_first_then_the_reasons() -> None:
    options = ["🟢 商談化", "⚫ 見送り…", "🌱 育成へ戻す…", "⚫ 見送り: 情報収集段階", "⚫ 見送り: その他…"]
    assert _menu(card(view(Status.ACCEPTED), JA, NOW)) == options
    assert _menu(assignment(view(Status.ACCEPTED), JA)) == options
    assert _menu(home(home_view(member(), own=Own(outcomes=(view(Status.ACCEPTED),))), JA, NOW)) == options


@pytest.mark.parametrize("status", Status)
def test_only_an_accepted_mql_without_an_outcome_has_the_menu(status: Status) -> None:
    has_it = status in (Status.ACCEPTED, Status.CONTACTED)
    assert bool(_menu(card(view(status), EN, NOW))) == has_it


def test_many_reasons_are_left_to_the_form() -> None:
    many = tuple(INFO.model_copy(update={"key": f"k{n}"}) for n in range(99))
    assert len(_menu(card(replace(view(Status.ACCEPTED), reasons=many), EN, NOW))) == REASONS_SHOWN + 3


def test_an_option_is_read_as_it_was_written() -> None:
    assert read("disqualified:no_budget:12") == (Disposition.DISQUALIFIED, "no_budget", 12)
    assert read("qualified::7") == (Disposition.QUALIFIED, None, 7)
    for strange in ("qualified:7", "won::7", "qualified::x", ""):
        with pytest.raises(ValueError, match=r"valid|unpack|literal"):
            read(strange)
