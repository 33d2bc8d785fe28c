"""A file in the direct message with the bot: looked at, imported, taken back; and what goes wrong on the way."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.slack import uploads as work
from bot.slack.uploads import Uploads
from playground import ClientRefused, Conversation, Fault, Message
from storage import imports
from storage.database import Database
from storage.models import mql, upload
from storage.vocabulary import ImportState, Status, UploadState
from tests.scenarios.stage import Team

PAST = """レコード番号,会社名,氏名,メールアドレス,流入経路,リード獲得日,対応状況,判定日,失注理由,受注日,受注金額
17,青空商事,山田 太郎,yamada@aozora.example,展示会,2026年8月3日,受注,2026年8月12日,,2026年9月30日,480万円
18,さくら工業,鈴木 花子,suzuki@sakura.example,Web,2026年9月1日,対象外,2026年9月8日,予算なし,,
19,もみじ商会,高橋 一郎,takahashi@momiji.example,Web,2026年9月31日,,,,,
"""
LEADS = "会社名,氏名,メールアドレス\n青葉,田中 花子,tanaka@aoba.example\n若葉,佐藤 次郎,sato@wakaba.example\n"


class Desk:
    """Marketing's direct message with the bot, and the worker of uploads."""

    def __init__(self, team: Team) -> None:
        self.team, self.ito = team, team.user("ito")

    @property
    def dm(self) -> Conversation:
        return self.team.dm("ito")

    def shares(self, name: str, content: str | bytes, who: str = "ito") -> None:
        self.team.user(who).shares(name, content)
        self.works()

    def works(self, worker: Uploads | None = None) -> None:
        assert self.team.bot is not None
        (worker or Uploads(self.team.bot.parts.context)).work()
        self.team.settle()

    def presses(self, action_id: str) -> None:
        self.ito.press(action_id, in_=self.newest)
        self.works()

    def says(self, *words: str) -> None:
        shown = f"{self.newest.text} {self.newest.blocks}"
        assert all(word in shown for word in words), shown

    @property
    def newest(self) -> Message:
        return self.dm.messages[-1]

    def state(self) -> UploadState:
        with self.team.database.snapshot() as tx:
            return UploadState(tx.execute(sa.select(upload.c.state).order_by(upload.c.id.desc())).scalars().all()[0])

    def statuses(self) -> list[Status]:
        with self.team.database.snapshot() as tx:
            return [row["status"] for row in tx.execute(mql.select().order_by(mql.c.id)).mappings()]


@pytest.fixture
def desk(team: Team) -> Desk:
    return Desk(team)


def test_history_is_looked_at_imported_and_taken_back_in_the_direct_message(desk: Desk) -> None:
    desk.shares("kintone.csv", PAST.encode("cp932"))
    desk.says("過去の実績", "kintone.csv", "3行", "新しく記録するMQL: 2件", "日付として読めない: 1件(4行目)")
    assert desk.statuses() == []
    desk.presses("upload_import")
    desk.says("記録2件", "4行目")
    assert desk.statuses() == [Status.QUALIFIED, Status.DISQUALIFIED]
    desk.presses("upload_undo")
    desk.says("取り消しました", "2件を削除")
    assert desk.statuses() == []


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    for _ in range(2):
        desk.shares("kintone.csv", PAST)
        if "upload_import" in str(desk.newest.blocks):
            desk.presses("upload_import")
    desk.says("新しく取り込む行がありません", "変わらない行: 2件")
    assert len(desk.statuses()) == 2


def test_new_leads_go_to_sales_once(desk: Desk) -> None:
    desk.shares("leads.csv", LEADS)
    desk.says("新しいリード", "いま営業に引き渡すリード: 2件")
    asked = desk.newest
    desk.ito.press("upload_import", in_=asked)
    with pytest.raises(ClientRefused):
        desk.ito.press("upload_import", in_=asked)
    desk.works()
    assert desk.statuses() == [Status.ASSIGNED, Status.ASSIGNED]
    desk.says("2件を営業に引き渡しました")


def test_outcomes_with_a_wrong_row_are_refused_whole(desk: Desk) -> None:
    desk.shares("kintone.csv", PAST)
    desk.presses("upload_import")
    header = "関連付けられたコンタクトID,取引ステージ,完了予定日,金額\n"
    desk.shares("deals.csv", f"{header}17,失注,2026/10/5,\n99,受注,2026/10/5,100\n")
    desk.says("新しく取り込む行がありません", "当たるMQLがない: 1件(3行目)")
    desk.shares("deals.csv", f"{header}17,失注,2026/10/5,\n")
    desk.presses("upload_import")
    desk.says("商談の結果を1件")


def test_a_file_of_which_the_names_of_columns_do_not_say_what_it_is_is_asked_about(desk: Desk) -> None:
    desk.shares("list.csv", "会社名,登録日\n青葉,2026-09-01\n")
    desk.says("どのデータですか")
    desk.presses("upload_history")
    desk.says("新しく記録するMQL: 1件")


def test_columns_and_the_order_of_days_are_chosen_in_a_form(desk: Desk) -> None:
    desk.shares("odd.csv", "Bude,Wann,Industry\nAcme,3/4/2026,IT\n")
    desk.presses("upload_history")
    desk.says("どの列がリードの発生日か分かりません")
    desk.presses("upload_columns")
    form = desk.ito.modal
    assert form is not None
    values = {"upload_kind": "history", "upload_column:0": "company", "upload_column:1": "received"}
    form.fill(values | {"upload_column:2": "keep"}).submit()
    desk.works()
    desk.says("月が先か日が先か判断できません")
    desk.presses("upload_columns")
    form = desk.ito.modal
    assert form is not None
    form.fill({"upload_order": "day-first"}).submit()
    desk.works()
    desk.presses("upload_import")
    with desk.team.database.snapshot() as tx:
        (row,) = tx.execute(mql.select()).mappings()
    assert (row["company"], row["received_at"].month, row["attributes"]) == ("Acme", 4, {"Industry": "IT"})


def test_sales_cannot_have_files_imported_and_nobody_anothers(desk: Desk) -> None:
    desk.shares("leads.csv", LEADS, who="sato")
    desk.team.dm("sato").expect("マーケ担当と管理者だけ")
    desk.ito.shares("leads.csv", LEADS, channel="mql")
    desk.works()
    with desk.team.database.snapshot() as tx:
        assert tx.execute(upload.select()).fetchall() == []


@pytest.mark.alike
@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOSE_ANSWER,
        Fault.ERROR_500,
        Fault.RATE_LIMIT,
        Fault.HTML_PAGE,
        Fault.REDIRECT,
        Fault.TRUNCATED,
        Fault.EMPTY_ANSWER,
        Fault.REFUSE,
    ],
)
def test_a_file_that_slack_does_not_give_is_asked_for_again(desk: Desk, fault: Fault) -> None:
    desk.team.slack.faults.add("file", fault, times=1)
    desk.shares("leads.csv", LEADS)
    assert desk.state() == UploadState.READING
    desk.team.time.advance(work.AGAIN)
    desk.works()
    desk.says("いま営業に引き渡すリード: 2件")


def test_a_file_that_is_gone_no_table_or_too_large_is_said_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.team.may_break = ("files.info: ",)
    desk.ito.shares("gone.csv", LEADS)
    desk.team.slack.admin.delete_file("gone.csv")
    desk.works()
    desk.says("もう一度送ってください")
    desk.shares("book.xlsx", b"PK\x03\x04rest")
    desk.says("Excelブック")
    desk.presses("upload_cancel")
    desk.says("取り込みませんでした")
    monkeypatch.setattr(work, "MOST_BYTES", 10)
    desk.shares("large.csv", LEADS)
    desk.says("20MB")


def test_an_import_that_was_interrupted_goes_on_where_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.connectors.tables.history_file.BATCH", 10)
    rows = "".join(f"{number},Acme {number},2026-09-01,失注,2026-09-20\n" for number in range(45))
    desk.shares("many.csv", f"レコード番号,会社名,リード獲得日,商談結果,失注日\n{rows}")
    desk.ito.press("upload_import", in_=desk.newest)
    assert desk.team.bot is not None
    worker = Uploads(desk.team.bot.parts.context)
    going_on, steps = worker._go_on, iter(range(3))

    def killed(*args: object, **given: object) -> bool:
        if next(steps, None) is None:
            raise KeyboardInterrupt  # nothing more runs in this process
        return bool(going_on(*args, **given))  # type: ignore[arg-type]

    worker._go_on = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        worker.work()
    assert len(desk.statuses()) == 40
    desk.works()
    assert desk.state() == UploadState.IMPORTING  # somebody may still be at it
    desk.team.time.advance(work.LEASE)
    desk.works()
    assert len(desk.statuses()) == 45
    desk.says("記録45件")
    with desk.team.database.snapshot() as tx:
        (run,) = imports.newest(tx, desk.team.id, 5)
    assert (run.state, run.added) == (ImportState.DONE, 45)


def test_the_command_tells_how_and_names_the_last_imports(desk: Desk) -> None:
    desk.shares("kintone.csv", PAST)
    desk.presses("upload_import")
    answer = desk.ito.types("/mql import")
    assert "ダイレクトメッセージに送ってください" in answer.text
    assert "kintone.csv" in str(answer.message.blocks if answer.message else "")
    assert "マーケ担当と管理者だけ" in desk.team.user("sato").types("/mql import").text


def test_the_database_holds_no_cell_of_a_file(database: Database, desk: Desk) -> None:
    desk.shares("kintone.csv", PAST)
    with database.snapshot() as tx:
        kept = str(tx.execute(upload.select()).fetchall())
    assert "メールアドレス" in kept
    assert not [cell for cell in ("yamada", "青空", "山田", "予算なし") if cell in kept]
