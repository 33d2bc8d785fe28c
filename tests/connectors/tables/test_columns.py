"""What the exports of the CRMs call their columns. The headers are those of the tools' own exports, shortened."""

from __future__ import annotations

import pytest

from bot.connectors import names
from bot.connectors.tables.columns import LABELS, OF_DEAL, OF_LEAD, OF_PAST, Column, UnknownColumn, propose
from bot.connectors.tables.outcomes import Outcome, deal_of, is_under_way, outcome_of
from bot.core.mql import export

HUBSPOT: dict[str, str | None] = {
    "Record ID": "external_id",
    "First Name": "given_name",
    "Last Name": "family_name",
    "Email": "email",
    "Phone Number": "phone",
    "Contact owner": "owner",
    "Associated Company": "company",
    "Job Title": "title",
    "Original Traffic Source": "channel",
    "First Conversion": "form",
    "HubSpot Score": "score",
    "Create Date": "received",
    "Became a Marketing Qualified Lead Date": "received",
    "Date of first engagement": "contacted",
    "Lead Status": "outcome",
    "Lifecycle Stage": "outcome",
    "Became an Opportunity Date": "qualified_date",
    "Became a Customer Date": "won_date",
    "Last Modified Date": None,
    "Original Traffic Source Drill-Down 1": None,
}
HUBSPOT_JA: dict[str, str | None] = {
    "レコードID": "external_id",
    "名": "given_name",
    "姓": "family_name",
    "Eメール": "email",
    "電話番号": "phone",
    "コンタクト担当者": "owner",
    "会社名": "company",
    "役職": "title",
    "元のソース": "channel",
    "作成日": "received",
    "リードステータス": "outcome",
    "ライフサイクルステージ": "outcome",
    "最終更新日": None,
}
SALESFORCE: dict[str, str | None] = {
    "Lead ID": "external_id",
    "First Name": "given_name",
    "Last Name": "family_name",
    "Company / Account": "company",
    "Title": "title",
    "Email": "email",
    "Lead Source": "channel",
    "Lead Owner": "owner",
    "Lead Status": "outcome",
    "Created Date": "received",
    "Converted": "outcome",
    "Converted Date": "qualified_date",
    "First Activity Date": "contacted",
    "Opportunity Amount": "amount",
    "Stage": "deal",
    "Close Date": "deal_date",
    "Closed Lost Reason": "lost_reason",
    "Unread By Owner": None,
}
SALESFORCE_JA: dict[str, str | None] = {
    "リード ID": "external_id",
    "姓": "family_name",
    "名": "given_name",
    "会社名": "company",
    "メール": "email",
    "リードソース": "channel",
    "リード 所有者": "owner",
    "リード 状況": "outcome",
    "作成日": "received",
    "取引開始済み": "outcome",
    "取引開始日": "qualified_date",
    "フェーズ": "deal",
    "完了予定日": "deal_date",
    "金額": "amount",
    "失注理由": "lost_reason",
}
KINTONE: dict[str, str | None] = {
    "レコード番号": "external_id",
    "会社名": "company",
    "氏名": "person",
    "メールアドレス": "email",
    "電話番号": "phone",
    "流入経路": "channel",
    "スコア": "score",
    "リード獲得日": "received",
    "作成日時": "received",
    "営業担当": "owner",
    "初回対応日": "contacted",
    "対応状況": "outcome",
    "判定日": "outcome_date",
    "失注理由": "lost_reason",
    "商談結果": "deal",
    "受注日": "deal_date",
    "受注金額": "amount",
    "更新者": None,
}
SANSAN: dict[str, str | None] = {
    "名刺ID": "external_id",
    "会社名": "company",
    "部署名": None,
    "役職": "title",
    "姓": "family_name",
    "名": "given_name",
    "e-mail": "email",
    "TEL": "phone",
    "名刺交換日": "received",
    "郵便番号": None,
}
EXPORTS: dict[str, dict[str, str | None]] = {
    "hubspot": HUBSPOT,
    "hubspot ja": HUBSPOT_JA,
    "salesforce": SALESFORCE,
    "salesforce ja": SALESFORCE_JA,
    "kintone": KINTONE,
    "sansan": SANSAN,
}


@pytest.mark.parametrize("tool", EXPORTS)
def test_the_columns_of_an_export_are_known_by_their_names(tool: str) -> None:
    header = list(EXPORTS[tool])
    proposal = propose(header, OF_PAST)
    says = {header[place]: column.value for column, places in proposal.places.items() for place in places}
    assert says == {name: column for name, column in EXPORTS[tool].items() if column}
    assert proposal.left_out == tuple(name for name, column in EXPORTS[tool].items() if not column)


def test_of_several_columns_the_better_one_comes_first_wherever_it_stands() -> None:
    header = ["Create Date", "Became a Marketing Qualified Lead Date"]
    proposal = propose(header, OF_PAST)
    assert proposal.places[Column.RECEIVED] == (1, 0)
    assert proposal.cell(Column.RECEIVED, ["2026-01-01", "2026-02-02"]) == "2026-02-02"
    assert proposal.cell(Column.RECEIVED, ["2026-01-01", " "]) == "2026-01-01"


def test_a_file_of_opportunities_names_the_lead_and_not_its_own_record() -> None:
    header = ["Record ID", "Deal Name", "Deal Stage", "Close Date", "Amount", "Associated Contact IDs"]
    proposal = propose(header, OF_DEAL)
    assert proposal.places[Column.EXTERNAL_ID][0] == 5
    assert proposal.places[Column.DEAL] == (2,)


def test_a_person_has_the_last_word_about_a_column() -> None:
    header = ["Form date", "Create Date", "Industry"]
    proposal = propose(header, OF_PAST, {"form date": "received", "Create Date": "-"}, "Industry")
    assert proposal.places[Column.RECEIVED] == (0,)
    assert (proposal.kept, proposal.left_out) == ((2,), ("Create Date",))
    assert propose(header, OF_PAST, {}, "all").kept == (0, 2)
    for given, keep in (({"nowhere": "received"}, ""), ({"Industry": "nothing known"}, ""), ({}, "nowhere")):
        with pytest.raises(UnknownColumn):
            propose(header, OF_PAST, given, keep)


def test_what_this_bot_exports_it_reads() -> None:
    proposal = propose(export.COLUMNS, OF_PAST)
    assert proposal.left_out == ("imported",)
    assert all(places[0] >= 0 for places in proposal.places.values())


def test_leads_have_no_history() -> None:
    assert Column.RECEIVED not in OF_LEAD
    assert propose(["Email", "Create Date"], OF_LEAD).left_out == ("Create Date",)
    assert set(LABELS) <= set(OF_PAST)


OUTCOMES = {
    "Closed Won": Outcome.WON,
    "closedwon": Outcome.WON,
    "受注": Outcome.WON,
    "Customer": Outcome.WON,
    "Closed Lost": Outcome.LOST,
    "失注": Outcome.LOST,
    "Sales Qualified Lead": Outcome.QUALIFIED,
    "Closed - Converted": Outcome.QUALIFIED,
    "商談化": Outcome.QUALIFIED,
    "Unqualified": Outcome.DISQUALIFIED,
    "UNQUALIFIED": Outcome.DISQUALIFIED,
    "Closed - Not Converted": Outcome.DISQUALIFIED,
    "対象外": Outcome.DISQUALIFIED,
    "Bad Timing": Outcome.RECYCLED,
    "育成": Outcome.RECYCLED,
    "Attempted to Contact": Outcome.OPEN,
    "IN_PROGRESS": Outcome.OPEN,
    "対応中": Outcome.OPEN,
    "Wobbling": None,
}


@pytest.mark.parametrize(("word", "outcome"), OUTCOMES.items())
def test_a_status_is_known_by_its_word(word: str, outcome: Outcome | None) -> None:
    assert outcome_of(word) == outcome


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [
        ("Closed Won", Outcome.WON),
        ("クローズ失注", Outcome.LOST),
        ("Wobbling", Outcome.QUALIFIED),
        ("提案", Outcome.QUALIFIED),
    ],
)
def test_a_stage_that_is_neither_won_nor_lost_is_an_opportunity_under_way(stage: str, outcome: Outcome) -> None:
    assert deal_of(stage) == outcome


def test_only_a_known_stage_is_passed_over_where_a_file_tells_results() -> None:
    assert is_under_way("Proposal/Price Quote")
    assert is_under_way("提案中")
    assert not is_under_way("Wobbling")
    assert not is_under_way("Closed Won")


@pytest.mark.parametrize("field", [field for field in names.NAMES if field in set(OF_LEAD)])
def test_what_a_tool_calls_a_field_in_what_it_sends_it_may_call_it_in_its_file_too(field: str) -> None:
    for name in names.NAMES[field].split():  # type: ignore[index]
        assert propose([name], OF_PAST).places.keys() == {Column(field)}, name
