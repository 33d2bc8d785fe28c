"""What leaders read of a target."""

from __future__ import annotations

from dataclasses import replace

from bot.core.reports.kpi import Capacity
from bot.i18n import Translator
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.reports import digest, kpi
from storage.vocabulary import Locale
from tests.slack.blocks import plans, samples

ja, en = (Translator(locale, "Asia/Tokyo") for locale in (Locale.JA, Locale.EN))


def read(view: View) -> str:
    return "\n".join(text for text in _texts(view["blocks"]))


def _texts(node: object) -> list[str]:
    if isinstance(node, list):
        return [text for inner in node for text in _texts(inner)]
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for inner in node.values() for text in _texts(inner)]
    return []


def test_the_example_of_the_field_reads_20_134_893() -> None:
    page = read(kpi.page(plans.page(plans.EXAMPLE), ja))
    assert "2027年4月〜2028年3月の売上目標¥100,000,000(平均受注単価¥5,000,000)" in page
    for words in ("受注\n*20件*", "商談\n*134件*", "MQL\n*約893件*", "リード\n*約5,956件*"):
        assert words in page
    page = read(kpi.page(plans.page(plans.EXAMPLE), en))
    for words in ("Wins\n*20*", "Opportunities\n*134*", "MQLs\n*≈ 893*", "Leads\n*≈ 5,956*"):
        assert words in page


def test_each_rate_says_where_it_comes_from() -> None:
    page = read(kpi.page(plans.page(plans.TARGETS["with rates"]), ja))
    assert "受注率(商談→受注): 12.5%(入力した値)" in page
    assert "18%(自社の実績: MQL150件中27件、95%信頼区間 12.7%〜24.9%)" in page
    assert "15%(目安の値。MQLになる前のリードはこのボットに届きません)" in page


def test_a_range_stands_only_where_something_was_counted() -> None:
    assert "件〜" not in read(kpi.page(plans.page(plans.EXAMPLE), ja)).split("月別")[0]
    assert "MQL\n*約889件(642〜1,262件)*" in read(kpi.page(plans.page(plans.TARGETS["with rates"]), ja))


def test_a_month_stands_beside_what_it_brought() -> None:
    page = read(kpi.page(plans.page(plans.EXAMPLE), ja))
    assert "2026年11月: リード 約497件 【実績: MQL 51件・商談 8件】" in page
    assert "2026年12月: リード 約497件・MQL 約75件\n" in page


def test_what_was_due_before_this_month_is_said() -> None:
    early = replace(plans.EXAMPLE, first=plans.MONTHS[12])
    page = read(kpi.page(plans.page(early), ja))
    assert "2026年11月より前にMQLが約300件必要でしたが、記録にあるのは204件です" in page
    assert "より前に" not in read(kpi.page(plans.page(plans.EXAMPLE), ja))


def test_the_teams_capacity_says_whether_it_is_enough_and_how_it_is_counted() -> None:
    page = read(kpi.page(plans.page(plans.EXAMPLE), ja))
    assert "24時間の期限内に対応できるMQLは、実績から見て月に約420件です。計画で最も多い月(約75件)にも" in page
    assert "中央値4件 × 営業担当5名 × 月平均21営業日" in page
    assert "約75件で、約35件上回ります" in read(kpi.page(plans.page(plans.EXAMPLE, able=40), ja))
    few = replace(plans.page(plans.EXAMPLE), capacity=Capacity(None, 7, 2.0, 5, 21))
    assert "データ不足" in read(kpi.page(few, ja))
    assert "20日分必要です(直近90日で7日分)" in read(kpi.page(few, ja))


def test_the_digest_sets_the_month_beside_its_plan() -> None:
    text = digest.weekly_text(samples.report(plan=plans.PROGRESS), ja)
    assert "2026年11月のMQL(計画): 51件、目標約74件" in text
    assert "MQLs in November 2026, plan: 51; goal ≈ 74" in digest.weekly_text(samples.report(plan=plans.PROGRESS), en)
    assert "計画" not in digest.weekly_text(samples.report(), ja)
