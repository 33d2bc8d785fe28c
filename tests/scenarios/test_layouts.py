"""A notice whose reading is a guess waits once: who confirms it is remembered by its layout, for its app alone."""

from __future__ import annotations

from typing import Any

from bot.slack.blocks.base import ids
from storage import audits, senders, unreadables
from storage.models import Unreadable
from storage.vocabulary import AuditKind, UnreadableState
from tests.scenarios.stage import Team, ja

GUESSED = "会社名: {company}\nお名前: {person}\nメールアドレス: {email}\n解決したい課題の詳細: {message}"
FIRST = {
    "company": "株式会社青葉",
    "person": "山本 花",
    "email": "hana@aoba.example",
    "message": "月末の集計に三日かかっています。",
}
SECOND = {
    "company": "若葉工業株式会社",
    "person": "森 拓也",
    "email": "mori@wakaba.example",
    "message": "在庫の数が合いません。相談したいです。",
}


def entries(team: Team) -> list[Unreadable]:
    with team.database.snapshot() as tx:
        return unreadables.of_ids(tx, team.id, range(1, 100))


def note(team: Team, posted: Any) -> Any:
    return next(each for each in team.channel("mql-intake").thread(posted).messages if each.author == "mql-bot")


def test_a_guess_waits_once_and_the_next_notice_of_the_layout_passes_for_its_app_alone(team: Team) -> None:
    app, ito = team.app("自社フォーム"), team.user("ito")
    posted = app.posts("mql-intake", text=GUESSED.format(**FIRST)).message
    twin = app.posts("mql-intake", text=GUESSED.format(**SECOND)).message
    field, about = ja("teach.field.message"), "解決したい課題の詳細"
    assert ja("unreadable.reason.guess_label", field=field, about=about) in note(team, posted).text
    assert ja("unreadable.ask_guess") in note(team, posted).text
    assert FIRST["message"] in ito.opens_home().text  # where three lines are shown, and it came as the fourth
    ito.press(ja("button.confirm_reading"), in_=note(team, posted))
    mqls = [team.mql(number) for number in (1, 2)]
    assert [(mql.company, mql.person, mql.email, mql.message) for mql in mqls] == [
        tuple(each.values()) for each in (FIRST, SECOND)
    ]
    assert ja("unreadable.remembered") in note(team, posted).text
    assert ja("unreadable.entered", by="伊藤 結衣", number=2) in note(team, twin).text
    team.user("kim").types("/mql audit", channel="sales")
    assert "自社フォーム" in team.user("kim").modal.text
    third = FIRST | {"company": "三葉商会", "email": "hana@mitsuba.example"}
    app.posts("mql-intake", text=GUESSED.format(**third))
    assert (team.mql(3).company, team.mql(3).message) == (third["company"], third["message"])
    team.app("別のフォーム").posts("mql-intake", text=GUESSED.format(**FIRST))
    assert [entry.state for entry in entries(team)] == [
        *(UnreadableState.ENTERED, UnreadableState.ENTERED),
        UnreadableState.OPEN,
    ]


def test_a_correction_at_a_label_is_read_so_the_next_time(team: Team) -> None:
    app, ito = team.app("自社フォーム"), team.user("ito")
    text = GUESSED + "\n困りごと: {trouble}"
    posted = app.posts("mql-intake", text=text.format(**FIRST, trouble="手作業が多い")).message
    ito.press(ja("button.correct_reading"), in_=note(team, posted))
    ito.modal.fill({ids.MESSAGE: "手作業が多い"})
    ito.modal.submit()
    assert team.mql(1).message == "手作業が多い"
    app.posts("mql-intake", text=text.format(**SECOND, trouble="転記の誤り"))
    assert (team.mql(2).company, team.mql(2).message) == (SECOND["company"], "転記の誤り")


def test_what_was_corrected_to_words_of_ones_own_waits_again(team: Team) -> None:
    app, ito = team.app("自社フォーム"), team.user("ito")
    posted = app.posts("mql-intake", text=GUESSED.format(**FIRST)).message
    ito.press(ja("button.correct_reading"), in_=note(team, posted))
    ito.modal.fill({ids.MESSAGE: "集計の相談"})
    ito.modal.submit()
    assert ja("unreadable.remembered") not in note(team, posted).text
    app.posts("mql-intake", text=GUESSED.format(**SECOND))
    assert [entry.state for entry in entries(team)] == [UnreadableState.ENTERED, UnreadableState.OPEN]


def test_a_confirmed_layout_is_shown_audited_and_forgotten(team: Team) -> None:
    app, ito = team.app("自社フォーム"), team.user("ito")
    posted = app.posts("mql-intake", text=GUESSED.format(**FIRST)).message
    ito.press(ja("button.confirm_reading"), in_=note(team, posted))
    with team.database.snapshot() as tx:
        (row,) = senders.layouts(tx, team.id)
        kept = [each for each in audits.newest(tx, team.id, 10) if each.kind == AuditKind.SENDER_RULE]
    assert [(each.after, each.by) for each in kept] == [({"layout": True}, ito.id)]
    assert not any(value in str(row) for value in FIRST.values())
    ito.types("/mql source", channel="marketing")
    assert "自社フォーム" in ito.modal.text
    assert ja("layout.about").split("\n")[1] in ito.modal.text
    ito.press(ja("button.forget_layout"), in_=ito.modal)
    assert ja("layout.forgotten") in ito.modal.text
    app.posts("mql-intake", text=GUESSED.format(**SECOND))
    assert entries(team)[1].state == UnreadableState.OPEN
