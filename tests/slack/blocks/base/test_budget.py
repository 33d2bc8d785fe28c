"""Whatever a message is to name, and however much of it: Slack takes it, and it says how much it leaves out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.mql.marketing_updates import Heard
from bot.core.reports.figures import Overdue
from bot.core.views.home import Own
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn
from bot.slack.blocks.base import budget, kit
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.base.shortened import shortened
from bot.slack.blocks.mql import feedback, marketing_updates, replies, several_outcomes
from bot.slack.blocks.reports import digest
from bot.slack.blocks.views import home, listed
from bot.slack.blocks.views import mql as mql_page
from playground.blocks import problems, view_problems, view_too_large
from storage.vocabulary import Disposition, EventType, MessageKind
from tests.slack.blocks import samples
from tests.slack.blocks.samples import EN, JA, NOW, happened, listed_row, view

ODD = st.text(st.sampled_from('aあ&<>|*_~`\\"\n👩🏽‍💻\u0301\u200b'), max_size=90)
VIEWS = st.builds(lambda company, person, owner: view(company=company, person=person, owner=owner), ODD, ODD, ODD)
LISTS = st.tuples(VIEWS, VIEWS, st.integers(2, 120)).map(lambda drawn: [*drawn[:2], *[drawn[0]] * (drawn[2] - 2)])


def shown_in(message: Message, count: int) -> int:
    """How many rows a message has, by what its last line says of those that it leaves out."""
    left = (
        re.findall(r"\d+", message.blocks[-1]["elements"][0]["text"]) if message.blocks[-1]["type"] == "context" else []
    )
    return count - int(left[0]) if left else count


def lists(views: list[MqlView]) -> list[Message]:
    late = happened(EventType.DISPOSED, "x", None, Disposition.QUALIFIED)
    first = replies.private(Reply.NO_OPEN_MQLS, EN)
    return [
        replies.mql_list(views, EN, NOW),
        replies.accept_first(first, views, EN),
        digest.overdue_list("waiting", Overdue(len(views), tuple(views)), EN, NOW),
        marketing_updates.day([Heard(view, late) for view in views], NOW, EN),
    ]


@given(LISTS)
def test_every_list_fits_and_says_how_many_it_leaves_out(views: list[MqlView]) -> None:
    for message in lists(views):
        assert budget.fits(message.blocks)
        assert problems(message.blocks, "message") == []
        rows = [block for block in message.blocks[1:] if block["type"] == "section"]
        assert len(rows) == shown_in(message, len(views))


@given(LISTS)
def test_every_list_that_lives_fits_and_says_how_many_it_leaves_out(views: list[MqlView]) -> None:
    rows = [listed_row(MessageKind.ESCALATION, view, over=number % 5 == 4) for number, view in enumerate(views)]
    message = listed.listed(rows, 7, EN, NOW, by_day=True)
    assert budget.fits(message.blocks)
    assert problems(message.blocks, "message") == []
    row_blocks = [block for block in message.blocks if "accessory" in block or "~" in json.dumps(block.get("text"))]
    assert len(row_blocks) == shown_in(message, len(views))


def test_twenty_long_names_are_all_seen_or_counted() -> None:
    usual = [listed_row(MessageKind.ESCALATION, view(company="株式会社" + "みなと製作所" * 2)) for _ in range(20)]
    assert shown_in(listed.listed(usual, 7, JA, NOW, by_day=True), 20) == 20
    longest = [listed_row(MessageKind.ESCALATION, view(company="長" * 200, person="名" * 200)) for _ in range(500)]
    assert 10 < shown_in(listed.listed(longest, 7, JA, NOW, by_day=True), 500) < 46


@settings(max_examples=10)
@given(LISTS, st.integers(0, 120))
def test_every_form_and_home_fits_whatever_it_names(drawn: list[MqlView], entries: int) -> None:
    views = [replace(view, mql=view.mql.model_copy(update={"id": number})) for number, view in enumerate(drawn)]
    many = tuple(views)
    tab = samples.home_view(
        samples.member(views[0].mql.owner or "U1", roles=("rep", "manager", "admin")),
        own=Own(*([many] * 6)),
        team=samples.team_view(*many[:10]),
    )
    timeline = [samples.happened(EventType.ACCEPTED, "x", message=views[0].mql.company)] * entries
    forms = [
        home.home(tab, JA, NOW),
        several_outcomes.several(views, JA),
        feedback.pick(views, JA),
        mql_page.show(views[0], timeline, JA, NOW, samples.PARTS),
    ]
    for form in forms:
        assert view_problems(form) == []
        assert not view_too_large(form)


@given(st.lists(st.integers(1, 2_900), max_size=60), st.integers(0, 9_000))
def test_no_row_is_left_out_for_which_there_is_room(lengths: list[int], above: int) -> None:
    beside = [kit.section(Mrkdwn("x" * min(2_900, above - start))) for start in range(0, above, 2_900)]
    rows = [[kit.section(Mrkdwn("あ" * length))] for length in lengths]
    kept = budget.rows_that_fit(rows, beside)
    assert kept == rows[: len(kept)]
    assert budget.fits([*beside, *(block for row in kept for block in row)])
    if len(kept) < len(rows):
        # A comma stands between two blocks.
        more = [*beside, *(block for row in rows[: len(kept) + 1] for block in row)]
        assert not budget.fits(more) or not budget.fits([*more, kit.context(Mrkdwn("x"))])


BLOCKS = st.one_of(
    st.builds(lambda text: kit.section(Mrkdwn(text)), ODD.map(lambda text: text * 30)),
    st.builds(kit.quote, ODD.map(lambda text: text * 30)),
    st.builds(kit.header, ODD),
    st.just(kit.divider()),
    st.builds(lambda text: kit.context(Mrkdwn(text), Mrkdwn(text)), ODD),
    st.builds(lambda texts: kit.fields([Mrkdwn(text) for text in texts])[0], st.lists(ODD, min_size=1, max_size=9)),
    st.builds(
        lambda text, count: kit.actions([kit.button(text, f"b{n}", n) for n in range(count)])[0],
        ODD,
        st.integers(1, 25),
    ),
)


@given(st.lists(BLOCKS, max_size=60), st.booleans())
def test_whatever_is_too_long_can_be_shortened(blocks: list[dict[str, Any]], with_table: bool) -> None:
    table = [kit.table([["x" * 60] * 5] * 100)] if with_table else []
    short = shortened(Message(Mrkdwn("Acme"), [*table, *blocks]), JA)
    assert budget.fits(short.blocks, 0.5)
    assert problems(short.blocks, "message") == []
    assert len(json.dumps(short.blocks, ensure_ascii=False)) < 13_200


def test_the_budget_counts_characters_as_utf_16_has_them() -> None:
    frame = len('[{"x":""}]')
    assert budget.fits([{"x": "a" * (budget.JSON_MOST - frame)}])
    assert not budget.fits([{"x": "a" * (budget.JSON_MOST - frame + 1)}])
    assert budget.fits([{"text": "𠮟" * (budget.TEXT_MOST // 2)}])
    assert not budget.fits([{"text": "𠮟" * (budget.TEXT_MOST // 2 + 1)}])
    assert not budget.fits([{"text": "𠮟" * (budget.TEXT_MOST // 4 + 1)}], 0.5)
