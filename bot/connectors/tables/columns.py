"""Which column of somebody else's table says what: proposed by its name, changed by whoever imports it.

The names are those of the exports of HubSpot, Salesforce, kintone and Sansan, in Japanese and English, and those of
`mql-bot export mqls`. What names a field of a lead stands in `bot/connectors/names.py` and
`bot/connectors/parser/labels.py`; to teach anything else, add it to `LABELS`. Of several columns for one field the
label that stands first here comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.connectors import names
from bot.connectors.parser.label_forms import key


class Column(StrEnum):
    """What a column says. Beside the fields of a lead, by their names, what became of it and when."""

    NUMBER = "number"
    EXTERNAL_ID = "external_id"
    COMPANY = "company"
    PERSON = "person"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    TITLE = "title"
    EMAIL = "email"
    PHONE = "phone"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    FORM = "form"
    SCORE = "score"
    SCORE_REASON = "score_reason"
    MESSAGE = "message"
    CRM_URL = "crm_url"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    OUTCOME = "outcome"
    OUTCOME_DATE = "outcome_date"
    QUALIFIED_DATE = "qualified_date"
    LOST_REASON = "lost_reason"
    COMMENT = "comment"
    DEAL = "deal"
    DEAL_DATE = "deal_date"
    WON_DATE = "won_date"
    AMOUNT = "amount"
    OWNER = "owner"
    SOURCE = "mql_source"
    TIER = "tier"
    ATTRIBUTES = "attributes"
    WEEK = "week"
    SEGMENT = "segment"
    NEW_LEADS = "new_leads"
    SENT = "sent"
    OPENED = "opened"
    CLICKED = "clicked"


OF_LEAD = tuple(Column)[1:16]
OF_FIGURES = tuple(Column)[-6:]
OF_PAST = tuple(Column)[:-6]
OF_DEAL: tuple[Column, ...] = (Column.NUMBER, Column.EXTERNAL_ID, Column.DEAL, Column.AMOUNT, Column.DEAL_DATE)
DATES = (
    Column.RECEIVED,
    Column.ACCEPTED,
    Column.CONTACTED,
    Column.OUTCOME_DATE,
    Column.QUALIFIED_DATE,
    Column.DEAL_DATE,
    Column.WON_DATE,
    Column.WEEK,
)

LABELS: dict[Column, str] = {
    Column.NUMBER: "number, MQL number, MQL番号, MQL No",
    Column.EXTERNAL_ID: """
        external_id, Record ID, Record ID - Contact, Contact ID, Lead ID, Associated Contact IDs,
        Associated Contact ID, mql_id,
        レコードID, レコードID - コンタクト, 関連付けられたコンタクトID, 関連コンタクトID, リード ID, レコード番号,
        名刺ID, ユーザーID, 外部ID""",
    Column.COMPANY: "company",
    Column.CHANNEL: "channel, Original Traffic Source",
    Column.RECEIVED: """
        received, received_at, Became a Marketing Qualified Lead Date, Date entered 'Marketing Qualified Lead',
        MQL Date, MQL日, MQL化日, MQL認定日, マーケティング クオリファイド リードになった日付, MQLになった日付,
        リード獲得日, 獲得日, 引き渡し日, 引渡日, Create Date, Created Date, Date Created, Created at, Created,
        作成日, 作成日時, 登録日, 登録日時, 名刺交換日, 受け取った日時, 受付日, 受付日時, first_contact_date""",
    Column.ACCEPTED: "accepted, accepted_at, SAL Date, 受領日, 受領日時, Accepted date",
    Column.CONTACTED: """
        contacted, contacted_at, First Outreach Date, Date of first engagement, First Activity Date, First Contacted,
        First contacted date, First Response Date, Lead response date, 初回連絡日, 初回対応日, 初回対応日時, 初回架電日,
        最初のアウトリーチ日, 最初のエンゲージメントの日付, 初回活動日""",
    Column.OUTCOME: """
        outcome, disposition, Lead Status, Status, リードステータス, リード状況, リード 状況, 対応状況, 対応結果,
        ステータス, 状況, 判定, 結果, Lifecycle Stage, ライフサイクルステージ, Converted, 取引開始済み, 商談化""",
    Column.OUTCOME_DATE: """
        outcome_date, disposed_at, outcome_at, Date of outcome, Disqualified date, Closed date of lead, 判定日, 結果日,
        対応完了日, 見送り日, 失格日""",
    Column.QUALIFIED_DATE: """
        qualified_date, Became an Opportunity Date, Became a Sales Qualified Lead Date, Converted Date, SQL Date,
        商談化日, 商談化日時, 案件化日, 取引開始日, コンバート日, 商談になった日付, オポチュニティーになった日付,
        セールス クオリファイド リードになった日付""",
    Column.LOST_REASON: """
        lost_reason, Lost reason, Closed Lost Reason, Loss Reason, Unqualified Reason, Disqualification reason,
        Disqualified reason, Rejection reason, 失注理由, 失注の理由, 見送り理由, 対象外理由, 失格理由, 不成立理由""",
    Column.COMMENT: "comment, 結果のコメント",
    Column.DEAL: """
        deal, deal_result, Deal Stage, Stage, Opportunity Stage, 取引ステージ, 商談フェーズ, フェーズ, ステージ,
        商談ステージ, 商談結果, 受注結果, 案件ステータス""",
    Column.DEAL_DATE: """
        deal_date, Close Date, Closed Date, Date closed, クローズ日, 完了予定日, 完了日, 受注日, 決着日, 契約日, 成約日,
        失注日""",
    Column.WON_DATE: "won_date, Became a Customer Date, 顧客になった日付, カスタマーになった日付",
    Column.AMOUNT: """
        amount, Amount, Deal Amount, Amount in company currency, Opportunity Amount, Value, Deal value, 金額, 受注金額,
        取引額, 取引金額, 会社通貨での金額, 契約金額, 売上, 売上金額, 合計金額, 成約金額""",
    Column.OWNER: """
        owner_id, 担当者のSlack ID, owner, Contact owner, Lead Owner, Deal owner, Opportunity Owner, Owner,
        Owner email, Assigned to,
        コンタクト担当者, コンタクト所有者, リード所有者, リード 所有者, 担当営業, 営業担当, 営業担当者, 案件担当者,
        所有者, 商談 所有者, 商談所有者, 作業者, sr_id""",
    Column.SOURCE: "mql_source, 受け取り方",
    Column.TIER: "tier, MQLの区分",
    Column.ATTRIBUTES: "attributes, 属性(JSON)",
}
OF_DEAL_LABELS: dict[Column, str] = {
    Column.EXTERNAL_ID: """
        external_id, Associated Contact IDs, Associated Contact ID, 関連付けられたコンタクトID, 関連コンタクトID,
        Lead ID, Contact ID, リード ID""",
    Column.DEAL: "outcome, 結果, ステータス, 状況, Status",
    Column.DEAL_DATE: "date, 日付",
    Column.NUMBER: "no, 番号",
}
"""What a file that tells of opportunities alone calls them; its own record is the opportunity, not the lead."""
OF_FIGURES_LABELS: dict[Column, str] = {
    Column.WEEK: """
        week, ISO week, Week of, Week starting, Week start, day, date, Send date, Date sent, 週, 対象週, 週の開始日,
        開始日, 集計週, 日付, 配信日""",
    Column.SEGMENT: """
        segment, Segment name, List, List name, Audience, Target, セグメント, セグメント名, ターゲット, リスト,
        リスト名, 対象, 配信リスト""",
    Column.NEW_LEADS: """
        new_leads, New contacts, Leads, Leads created, Contacts created, 新規リード, 新規リード数, 獲得リード数,
        リード獲得数, リード数, 新規コンタクト, 新規獲得数""",
    Column.SENT: """
        sent, Emails sent, E-mails sent, Delivered, Sends, 配信, 配信数, メール配信数, 送信数, 配信成功数,
        配信済み, 送信済み""",
    Column.OPENED: """
        opened, Opens, Unique opens, Emails opened, 開封, 開封数, ユニーク開封数, メール開封数""",
    Column.CLICKED: """
        clicked, Clicks, Unique clicks, Emails clicked, クリック, クリック数, ユニーククリック数, メールクリック数""",
}
"""What a table of weeks calls marketing's own figures."""


def _ranked(texts: Mapping[Column, str]) -> dict[str, tuple[Column, int]]:
    """Return the column and the rank of each label, by its letters and digits."""
    ranked: dict[str, tuple[Column, int]] = {}
    for column, text in texts.items():
        for rank, label in enumerate(part for part in re.split(r",|\n", text) if part.strip()):
            ranked.setdefault(key(label), (column, rank))
    return ranked


_RANKED = _ranked(LABELS)
_LAST = 1_000
_RANKED_OF_DEAL = {name: (column, rank + _LAST) for name, (column, rank) in _RANKED.items()} | _ranked(OF_DEAL_LABELS)


_RANKED_OF_FIGURES = _ranked(OF_FIGURES_LABELS)


@dataclass(frozen=True)
class Proposal:
    """What the columns of a table say, by their place."""

    columns: tuple[str, ...]
    places: Mapping[Column, tuple[int, ...]]
    """Where each stands; the first that says something counts."""
    kept: tuple[int, ...] = ()
    """Other columns, which become attributes of the lead."""

    def cells(self, column: Column, cells: Sequence[str]) -> Iterator[str]:
        """Yield what a row says in the columns of a kind, empty cells left out."""
        for place in self.places.get(column, ()):
            if cells[place].strip():
                yield cells[place]

    def cell(self, column: Column, cells: Sequence[str]) -> str:
        """Return the first of them, or ""."""
        for place in self.places.get(column, ()):  # not by `cells`: this is asked thirty times a row
            if cells[place].strip():
                return cells[place]
        return ""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the names of the columns that are not read."""
        read = {place for places in self.places.values() for place in places} | {*self.kept}
        return tuple(name for place, name in enumerate(self.columns) if name and place not in read)


class UnknownColumn(ValueError):
    """The table has no column of this name; or what it is to say is nothing that is known."""


def propose(
    columns: Sequence[str],
    wanted: Iterable[Column],
    given: Mapping[str, str] | None = None,
    keep: str = "",
) -> Proposal:
    """Return what the columns say, by their names. `given`: what a person says instead, by the name of the column; ""
    or "-" for nothing. `keep`: the names of columns that become attributes, with commas between; "all" for every other.
    Raises UnknownColumn."""
    allowed, given = tuple(wanted), dict(given or {})
    ranked: dict[Column, list[tuple[int, int]]] = {}
    words = {_place(columns, name): word for name, word in given.items()}
    for place, name in enumerate(columns):
        column, rank = (_given(words[place]), -1) if place in words else _of(name, allowed)
        if column in allowed:
            ranked.setdefault(column, []).append((rank, place))
    places = {column: tuple(place for _, place in sorted(several)) for column, several in ranked.items()}
    read = {place for several in places.values() for place in several}
    return Proposal(tuple(columns), places, _kept(columns, keep, read))


def _of(name: str, allowed: Sequence[Column]) -> tuple[Column | None, int]:
    known = {OF_DEAL: _RANKED_OF_DEAL, OF_FIGURES: _RANKED_OF_FIGURES}.get(tuple(allowed), _RANKED)
    if (ranked := known.get(key(name))) and ranked[0] in allowed:
        return ranked
    field = names.named(name)
    if field is None or field in ("attribute", "owner"):  # whoever else a file calls an owner need not be the rep
        return None, _LAST
    column = Column.RECEIVED if field == "sent_at" else Column(field)
    return (column if column in allowed else None), _LAST


def _given(word: str) -> Column | None:
    if word in ("", "-"):
        return None
    try:
        return Column(word)
    except ValueError as error:
        raise UnknownColumn(word) from error


def _place(columns: Sequence[str], name: str) -> int:
    for same in (lambda column: column == name, lambda column: key(column) == key(name)):
        for place, column in enumerate(columns):
            if same(column):
                return place
    raise UnknownColumn(name)


def _kept(columns: Sequence[str], keep: str, read: set[int]) -> tuple[int, ...]:
    if keep.strip().lower() == "all":
        return tuple(place for place, name in enumerate(columns) if name and place not in read)
    names = [name.strip() for name in keep.split(",") if name.strip() and name.strip().lower() != "none"]
    return tuple(dict.fromkeys(_place(columns, name) for name in names))
