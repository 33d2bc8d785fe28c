from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.crm.engagement import EmailView, EngagementView, ScoreView
from bot.core.mql.lead import Lead
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.mql import cards, contact, handover, intake, pauses
from bot.slack.blocks.mql import feedback as feedback_blocks
from bot.slack.blocks.routing import assignment
from bot.slack.blocks.views import mql
from storage.models import Feedback
from storage.vocabulary import CrmKind, Disposition, EngagementKind, EventType, Status
from tests.slack.blocks.samples import (
    EN,
    FULL,
    HOSTILE,
    INFO,
    JA,
    NOW,
    OTHER,
    by_ledger,
    decision,
    elements,
    feedback,
    happened,
    inputs,
    member,
    seen,
    view,
)

REASONS = [INFO, OTHER]


def form(disposition: Disposition | None = None, prefill: Feedback | None = None) -> dict[str, object]:
    return feedback_blocks.feedback(view(Status.CONTACTED), REASONS, JA, disposition=disposition, prefill=prefill)


def test_the_form_asks_for_the_outcome_first() -> None:
    shown = form()
    assert list(inputs(shown)) == [ids.DISPOSITION]
    assert inputs(shown)[ids.DISPOSITION]["dispatch_action"] is True
    words = [option["text"]["text"] for option in inputs(shown)[ids.DISPOSITION]["element"]["options"]]
    assert words == ["🟢 商談化", "⚫ 見送り", "🌱 育成へ戻す"]
    assert json.loads(str(shown["private_metadata"])) == {"mql": 7}
    assert shown["callback_id"] == ids.FEEDBACK_FORM


@pytest.mark.parametrize(
    ("disposition", "asked"),
    [
        (Disposition.QUALIFIED, [ids.DISPOSITION, ids.AMOUNT, ids.NEXT_STEP, ids.COMMENT]),
        (Disposition.DISQUALIFIED, [ids.DISPOSITION, ids.LOST_REASON, ids.COMMENT]),
        (Disposition.RECYCLED, [ids.DISPOSITION, ids.RECYCLE_ON, ids.COMMENT]),
    ],
)
def test_each_outcome_asks_only_for_what_belongs_to_it(disposition: Disposition, asked: list[str]) -> None:
    shown = inputs(form(disposition))
    assert list(shown) == asked
    for name, block in shown.items():
        assert block["element"]["action_id"] == name


def test_only_the_outcome_and_a_lost_reason_must_be_given() -> None:
    for disposition in Disposition:
        needed = {name for name, block in inputs(form(disposition)).items() if not block.get("optional")}
        assert needed <= {ids.DISPOSITION, ids.LOST_REASON}


def test_a_reason_that_needs_a_comment_says_so() -> None:
    shown = inputs(form(Disposition.DISQUALIFIED))
    words = [option["text"]["text"] for option in shown[ids.LOST_REASON]["element"]["options"]]
    assert words == ["情報収集段階", "その他(コメント必須)"]
    assert shown[ids.COMMENT]["hint"]["text"] == "「その他」を選んだときは必須です。"


def test_a_correction_starts_from_what_was_said() -> None:
    shown = inputs(form(prefill=feedback(Disposition.DISQUALIFIED)))
    assert shown[ids.DISPOSITION]["element"]["initial_option"]["value"] == "disqualified"
    assert shown[ids.LOST_REASON]["element"]["initial_option"]["value"] == INFO.key
    assert shown[ids.COMMENT]["element"]["initial_value"] == "Call again in spring"
    qualified = inputs(form(prefill=feedback(Disposition.QUALIFIED)))
    assert qualified[ids.AMOUNT]["element"]["initial_value"] == "5000000"
    recycled = inputs(form(prefill=feedback(Disposition.RECYCLED)))
    assert recycled[ids.RECYCLE_ON]["element"]["initial_date"] == "2027-02-01"


def test_another_choice_counts_more_than_what_was_said_before() -> None:
    shown = inputs(form(Disposition.RECYCLED, feedback(Disposition.DISQUALIFIED)))
    assert shown[ids.DISPOSITION]["element"]["initial_option"]["value"] == "recycled"
    assert ids.LOST_REASON not in shown


def test_an_amount_of_zero_is_an_amount() -> None:
    given = feedback(Disposition.QUALIFIED).model_copy(update={"amount": 0})
    assert inputs(form(prefill=given))[ids.AMOUNT]["element"]["initial_value"] == "0"


def test_a_reason_that_is_switched_off_is_offered_only_where_it_was_given() -> None:
    off = INFO.model_copy(update={"active": False})
    disqualified, given = Disposition.DISQUALIFIED, feedback(Disposition.DISQUALIFIED)
    fresh = feedback_blocks.feedback(view(), [off, OTHER], EN, disposition=disqualified)
    assert [option["value"] for option in inputs(fresh)[ids.LOST_REASON]["element"]["options"]] == ["other"]
    again = feedback_blocks.feedback(view(Status.DISQUALIFIED), [OTHER], EN, prefill=given)
    assert inputs(again)[ids.LOST_REASON]["element"]["initial_option"]["value"] == INFO.key


def test_the_title_of_a_correction_says_that_it_is_one() -> None:
    shown = feedback_blocks.feedback(view(Status.RECYCLED), REASONS, EN, prefill=feedback(Disposition.RECYCLED))
    assert shown["title"]["text"] == "Correct the outcome"


def test_several_open_mqls_are_offered_with_their_deadlines() -> None:
    shown = feedback_blocks.pick([view(), view(Status.CONTACTED)], JA)
    (chooser,) = elements(shown)
    assert chooser["action_id"] == ids.PICK_MQL
    assert [option["value"] for option in chooser["options"]] == ["7", "7"]
    assert chooser["options"][0]["text"]["text"] == "#12 Acme Taro Yamada様"
    assert chooser["options"][0]["description"]["text"] == "初回対応の期限: 11/25(水) 07:00"
    assert "submit" not in shown


def test_an_mql_can_go_to_any_other_rep_and_who_is_away_is_marked() -> None:
    people = [
        member("佐藤", "U1"),
        member("鈴木", "U2", away_until=NOW + timedelta(days=3)),
        member("高橋", "U3", away_until=NOW - timedelta(days=3)),
        member("伊藤", "U4", active=False),
        member("渡辺", "U5", deactivated=True),
        member("中村", "U6", roles=("marketer",)),
    ]
    shown = handover.reassign(view(), people, JA, NOW)
    options = inputs(shown)[ids.NEW_OWNER]["element"]["options"]
    assert [(option["value"], option["text"]["text"]) for option in options] == [
        ("U2", "鈴木(不在、11/27(金) 12:00まで)"),
        ("U3", "高橋"),
    ]
    assert inputs(shown)[ids.COMMENT]["optional"] is True


def test_where_nobody_else_can_take_it_the_form_says_so() -> None:
    shown = handover.reassign(view(), [member()], EN)
    assert "There is no other active rep." in seen(shown)
    assert "submit" not in shown


def test_a_pause_offers_its_days_and_says_before_which_need_consent() -> None:
    today = NOW.date()
    form = inputs(pauses.form(view(), today + timedelta(days=2), JA, today, lambda day: day))[ids.PAUSE_PRESET]
    assert [(option["text"]["text"], "description" in option) for option in form["element"]["options"]] == [
        ("明日(11/25(水))", False),
        ("月曜(11/30(月))", True),
        ("1週間後(12/1(火))", True),
        ("別の日(下で選択)", False),
    ]
    assert not form.get("optional")


def test_a_day_on_which_nobody_works_is_offered_as_the_next_working_day_by_its_date() -> None:
    friday, closed = date(2026, 11, 20), {date(2026, 11, day) for day in (21, 22, 23)}

    def opens(day: date) -> date:
        while day in closed:
            day += timedelta(days=1)
        return day

    shown = inputs(pauses.form(view(), None, JA, friday, opens))[ids.PAUSE_PRESET]["element"]["options"]
    assert [(option["text"]["text"], option["value"]) for option in shown[:-1]] == [
        ("次の営業日(11/24(火))", "2026-11-24"),
        ("1週間後(11/27(金))", "2026-11-27"),
    ]


def test_declining_takes_one_tap() -> None:
    shown = handover.decline(view(), JA)
    offered = [option["text"]["text"] for option in inputs(shown)[ids.WHY_NOT_REASON]["element"]["options"]]
    assert offered[:4] == ["担当エリア・業種が違う", "今は手一杯", "同じ会社を別の人が担当している", "しばらく不在"]
    assert offered[4:] == ["その他(下の欄に記入)"]
    assert not inputs(shown)[ids.WHY_NOT_REASON].get("optional")
    assert shown["callback_id"] == ids.DECLINE_FORM


def test_how_a_lead_was_contacted_is_one_choice_and_a_note_if_one_likes() -> None:
    shown = contact.how(view(Status.CONTACTED), JA)
    choice = inputs(shown)[ids.CONTACT_KIND]["element"]
    assert [(option["value"], option["text"]["text"]) for option in choice["options"]] == [
        ("call", "電話"),
        ("email", "メール"),
        ("meeting", "面談"),
        ("note", "メモ"),
    ]
    assert inputs(shown)[ids.CONTACT_NOTE]["optional"] is True
    assert "カードのスレッドに表示されます。" in inputs(shown)[ids.CONTACT_NOTE]["hint"]["text"]
    assert (shown["callback_id"], json.loads(shown["private_metadata"])) == (ids.HOW_FORM, {"mql": 7})


def test_an_mql_entered_by_hand_may_start_from_what_could_be_read() -> None:
    shown = intake.new_mql(JA, prefill={"company": "青空商事", "score": 80, "?": "x"}, unreadable_id=4)
    assert inputs(shown)[ids.COMPANY]["element"]["initial_value"] == "青空商事"
    assert inputs(shown)[ids.SCORE]["element"]["initial_value"] == "80"
    assert json.loads(shown["private_metadata"]) == {"unreadable": 4}
    assert "initial_value" not in inputs(intake.new_mql(JA))[ids.COMPANY]["element"]


def test_a_score_that_is_no_number_is_left_out() -> None:
    shown = inputs(intake.new_mql(JA, prefill={"score": "²"}))
    assert "initial_value" not in shown[ids.SCORE]["element"]


def test_a_rep_learns_why_it_is_theirs() -> None:
    considered = decision(("佐藤", "chosen", 3), ("鈴木", "eligible", 9), ("高橋", "away", 1), ("伊藤", "declined", 2))
    shown = seen(assignment.why(view(owner="Sato"), considered, JA))
    for sentence in (
        "前回の割り当てから最も間が空いている人に、順番でお願いしています。",
        "✅ 佐藤さん: 前回の割り当てから最も間が空いていました",
        "鈴木さん: 前回からの間がまだ短いため、次以降の順番です",
        "高橋さん: 不在",
        "伊藤さん: この件は対応が難しいとのこと",
        "「対応できない」を選べます",
    ):
        assert sentence in shown


def test_a_rep_learns_how_far_each_was_from_an_even_share() -> None:
    considered = by_ledger(
        ("佐藤", "chosen", -0.75), ("鈴木", "eligible", 0.25), ("高橋", "eligible", 0.04), ("伊藤", "expected", -2)
    )
    shown = seen(assignment.why(view(owner="Sato"), considered, JA))
    for sentence in (
        "件数が均等になるように、対応できる人のうち、均等に分けた場合と比べて担当が最も少ない人にお願いしています。",
        "✅ 佐藤さん: 均等に分けた場合より0.8件少なめ",
        "鈴木さん: 均等に分けた場合より0.2件多め",
        "高橋さん: 均等に分けた場合と同じ件数",
        "伊藤さん: 不在。まもなく戻るため",
    ):
        assert sentence in shown
    english = seen(assignment.why(view(owner="Sato"), considered, EN))
    assert "佐藤: 0.8 behind an even share" in english
    assert "waited longest" not in english


def test_of_equals_it_is_said_that_the_wait_decided() -> None:
    shown = seen(assignment.why(view(), by_ledger(("Sato", "chosen", 0), ("Ito", "eligible", 0)), EN))
    assert "Sato: at an even share, and had waited longest of those in the same place" in shown
    assert "Ito: at an even share" in shown


def test_of_one_that_is_kept_for_somebody_it_is_said_so() -> None:
    kept = by_ledger(("Sato", "eligible", 1), ("Ito", "expected", 0), chosen=None)
    assert "it was kept for somebody who is back in time" in seen(assignment.why(view(), kept, EN))
    nobody = by_ledger(("Sato", "away", 1), ("Ito", "expected", 0), chosen=None)
    assert "nobody could be chosen" in seen(assignment.why(view(), nobody, EN))


def test_a_rep_who_was_the_only_one_free_learns_that() -> None:
    shown = seen(assignment.why(view(), decision(("Sato", "chosen", 3), ("Ito", "away", 1)), EN))
    assert "Sato: the only one free at the time" in shown


def test_a_new_rep_learns_that_they_had_not_had_one_yet() -> None:
    shown = seen(assignment.why(view(), decision(("Sato", "chosen", 0), ("Ito", "eligible", 1)), EN))
    assert "Sato: had not had one yet" in shown


def test_of_the_very_first_mql_nobody_is_said_to_have_had_one() -> None:
    considered = decision(("佐藤", "chosen", 0), ("鈴木", "eligible", 0), ("高橋", "eligible", 4))
    shown = seen(assignment.why(view(owner="佐藤"), considered, JA))
    assert "鈴木さん: まだ割り当てがなく、次以降の順番です" in shown
    assert shown.count("前回からの間がまだ短い") == 1
    assert "鈴木: has not had one yet, and comes next" in seen(assignment.why(view(owner="佐藤"), considered, EN))


def test_a_choice_by_hand_is_not_passed_off_as_a_turn() -> None:
    shown = seen(assignment.why(view(), decision(("Sato", "by_hand", 3)), EN))
    assert "A person made this choice" in shown
    assert "in turn" not in shown


def test_an_mql_that_has_moved_since_says_so() -> None:
    shown = seen(assignment.why(view(owner="鈴木"), decision(("佐藤", "chosen", 3), chosen="佐藤"), JA))
    assert "その後、担当は鈴木さんに変わりました。" in shown


def test_the_page_of_an_mql_ends_with_its_history() -> None:
    history = [happened(EventType.RECEIVED), happened(EventType.ACCEPTED, "佐藤")]
    shown = seen(mql.show(view(Status.ACCEPTED), history, JA, NOW))
    assert shown.index("MQLを受け取りました。") < shown.index("11/24(火) 12:00 · 佐藤さんが受領しました。")
    assert "We would like a demo." in shown


def test_a_long_history_keeps_its_newest_part() -> None:
    history = [happened(EventType.RECEIVED), *[happened(EventType.CONTACTED, "Sato")] * 80]
    shown = seen(mql.show(view(Status.CONTACTED), history, EN, NOW))
    assert "31 earlier entries." in shown
    assert "The MQL came in." not in shown


def test_the_page_tells_the_newest_scores_and_what_became_of_e_mails() -> None:
    scores = [ScoreView(NOW, 40 + n, 39 + n, "Seminar" if n == 6 else "") for n in range(7)]
    emails = [EmailView(EngagementKind.OPENED, 2, NOW, "News")]
    engaged = [EngagementView(CrmKind.MARKETO, scores, emails)]
    shown = seen(mql.show(view(), [], EN, NOW, engaged=engaged))
    assert "Score and e-mails in Marketo" in shown
    assert shown.index("Score 45 → 46 (Tue Nov 24, 12:00, Seminar)") < shown.index("Score 44 → 45 (Tue Nov 24, 12:00)")
    assert "Score 40 → 41" not in shown
    assert "2 earlier changes of the score are not shown." in shown
    assert "E-mails opened: 2 (last Tue Nov 24, 12:00, “News”)" in shown
    assert "Score and e-mails" not in seen(mql.show(view(), [], EN, NOW))


def test_a_notice_escapes_what_is_not_ours() -> None:
    assert "&lt;!channel&gt;" in seen(forms.notice("notice.title", HOSTILE, EN))
    ours = EN.md("reply.own_week_only_reps")
    assert ours in seen(forms.notice("notice.title", ours, EN))


def test_whoever_gives_a_reason_learns_that_the_thread_will_show_it() -> None:
    for shown, name in (
        (handover.decline(view(), JA), ids.WHY_NOT),
        (pauses.form(view(), None, JA, NOW.date(), lambda day: day), ids.WHY_PAUSE),
        (handover.reassign(view(), [member("鈴木", "U2")], JA, NOW), ids.COMMENT),
    ):
        assert "カードのスレッドに表示されます。" in inputs(shown)[name]["hint"]["text"]


@pytest.mark.parametrize(
    "written", ["あ" * 5000, "👩🏽‍💻" * 1250, "一行です。\n" * 833, "a" * 2999 + "\n" + "b" * 2000]
)
def test_the_page_of_an_mql_shows_the_whole_message(written: str) -> None:
    shown = mql.show(view(message=written), [], JA, NOW)
    quoted = [block["elements"][0]["elements"][0]["text"] for block in shown["blocks"] if _quotes(block)]
    assert len(quoted) > 1
    assert "".join(quoted).replace("\n", "") == written.replace("\n", "")
    assert not any("…" in piece or piece.startswith("\u200d") for piece in quoted)


def _quotes(block: dict[str, Any]) -> bool:
    return bool(block["type"] == "rich_text" and block["elements"][0]["type"] == "rich_text_quote")


def everything_of(lead: dict[str, Any]) -> tuple[object, object]:
    """What the card and the page of an MQL show."""
    shown = view(**lead)
    return cards.card(shown, EN, NOW), mql.show(shown, [], EN, NOW)


# By its id the tool that sent the lead knows it, nobody else does; when it came is told where that was long before.
@pytest.mark.parametrize("name", sorted(Lead.model_fields.keys() - {"external_id", "record_ids", "sent_at"}))
def test_everything_that_a_lead_brings_is_shown(name: str) -> None:
    assert everything_of(FULL) != everything_of({**FULL, name: type(FULL[name])()})
