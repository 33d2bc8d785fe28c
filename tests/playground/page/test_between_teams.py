"""What marketing and sales say to each other about an MQL, and what does not reach anybody, as people see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import expect

from bot.core import teamfile
from bot.core.mql import deals, feedback, intake, response
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from storage import members, mqls, workspaces
from storage.models import outbox as outbox_table
from storage.vocabulary import DealResult, Disposition, MessageKind, OutboxState, Source
from tests import queued
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company

SATO = "U0SATO0001"
COMPANIES = ("株式会社青空商事", "北風システムズ株式会社", "みどり製作所", "有限会社 山と川", "ひまわりフーズ")


def _receives(company: Company, mqls_of_sato: int) -> None:
    """So many MQLs that Sato accepts."""
    with company.database.transaction() as tx:
        for name in COMPANIES[:mqls_of_sato]:
            lead = Lead.model_validate({"company": name, "person": "山田 太郎", "score": 82, "channel": "ウェビナー"})
            received = intake.receive(tx, company.slack.team_id, lead, Source.GENERIC, company.clock.now())
            mql_id = received.mql_id
            response.reassign(tx, company.slack.team_id, mql_id, "U0KIM00001", SATO, None, company.clock.now())
            response.accept(tx, company.slack.team_id, mql_id, SATO, company.clock.now())


def _reports(company: Company, number: int, **answer: object) -> int:
    with company.database.transaction() as tx:
        subject = mqls.by_number(tx, company.slack.team_id, number)
        assert subject is not None
        given = Answer.model_validate(answer, strict=False)
        feedback.give(tx, company.slack.team_id, subject.id, SATO, given, company.clock.now())
    return subject.id


def _hears(company: Company) -> None:
    company.slack.admin.invite_bot("marketing")
    with company.database.transaction() as tx:
        known = teamfile.current(tx, company.slack.team_id)
        assert known is not None
        where = company.slack.channel("marketing").id
        teamfile.apply(tx, replace(known, marketing_channel=where), company.clock.now())


@pytest.mark.thorough
def test_marketing_hears_each_outcome_in_its_own_channel(open_tab: OpenTab, company: Company) -> None:
    _hears(company)
    _receives(company, 4)
    why = (
        "まだ情報収集の段階で、予算は来期とのこと"
        if company.locale == "ja"
        else "Still looking around; the budget is next year's"
    )
    _reports(company, 1, disposition=Disposition.DISQUALIFIED, lost_reason="gathering_information", comment=why)
    qualified = _reports(company, 2, disposition=Disposition.QUALIFIED, amount=5_000_000, next_step="見積")
    _reports(company, 3, disposition=Disposition.RECYCLED, recycle_on=date(2027, 4, 1))
    with company.database.transaction() as tx:
        workspace = workspaces.get(tx, company.slack.team_id)
        assert workspace is not None
        won = Deal(result=DealResult.WON, on=date(2026, 11, 17), amount=4_800_000)
        deals.record(tx, workspace, qualified, SATO, won, company.clock.now())
    tab = open_tab("ito")
    tab.open("marketing")
    expect(tab.page.locator("main .message")).to_have_count(4)
    tab.shot("outcomes-of-marketing")


@pytest.mark.thorough
def test_a_disqualification_is_disputed_and_decided(open_tab: OpenTab, company: Company) -> None:
    t = company.t
    _receives(company, 2)
    for number in (1, 2):
        _reports(company, number, disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
    tab = open_tab("ito")
    tab.page.set_viewport_size({"width": 1280, "height": 1100})
    for number in (1, 2):
        tab.message(f"MQL #{number}").locator(".thread-link").click()
        tab.page.locator(".thread").get_by_role("button", name=t("button.dispute")).click()
        why = (
            "昨日の問い合わせでは、来月の予算が決まっているとのこと"
            if company.locale == "ja"
            else "They told us that next month's budget is set"
        )
        tab.modal.locator("textarea, input[type=text]").first.fill(why)
        tab.shot("dispute-form")
        tab.modal.get_by_role("button", name=t("dispute.submit"), exact=True).click()
        expect(tab.modal).to_have_count(0)
    expect(tab.message("MQL #1")).to_contain_text(t("dispute.open"))
    tab.shot("dispute-card-and-thread")
    tab.act_as("tanaka")
    tab.open("app")
    expect(tab.page.locator("main .message").filter(has_text=t("dispute.choose")[:10])).to_have_count(2)
    tab.shot("dispute-asked")
    tab.page.get_by_role("button", name=t("button.accept_dispute")).first.click()
    expect(tab.page.get_by_role("button", name=t("button.accept_dispute"))).to_have_count(1)
    tab.page.get_by_role("button", name=t("button.uphold")).first.click()
    kept = "来月の予算は別の案件のもの" if company.locale == "ja" else "Next month's budget is for another project"
    tab.modal.locator("textarea, input[type=text]").first.fill(kept)
    tab.shot("dispute-uphold-form")
    tab.modal.get_by_role("button", name=t("dispute.uphold_submit"), exact=True).click()
    expect(tab.page.get_by_role("button", name=t("button.uphold"))).to_have_count(0)
    tab.shot("dispute-decided")
    for person in ("ito", "sato"):
        tab.act_as(person)
        tab.open("app")
        expect(tab.page.locator("main .message").first).to_be_visible()
        tab.shot(f"dispute-told-{person}")
    tab.open("mql")
    tab.message("MQL #1").locator(".thread-link").click()
    expect(tab.page.locator(".thread .message")).not_to_have_count(0)
    tab.shot("dispute-thread-after")


@pytest.mark.thorough
def test_several_outcomes_are_reported_in_one_form(open_tab: OpenTab, company: Company) -> None:
    t = company.t
    _receives(company, 5)
    tab = open_tab("sato")
    tab.page.set_viewport_size({"width": 1280, "height": 1300})
    tab.say("/mql-feedback all")
    expect(tab.modal).to_contain_text(t("several.about")[:20])
    tab.shot("several-form")
    tab.modal.get_by_role("button", name=t("several.submit"), exact=True).click()
    expect(tab.modal).to_contain_text(t("several.choose_one"))
    tab.shot("several-nothing-chosen")
    menu = tab.modal.locator("select").first
    menu.select_option(index=1)
    tab.modal.get_by_role("button", name=t("several.submit"), exact=True).click()
    expect(tab.modal).to_contain_text(t("several.done", count=1))
    tab.shot("several-done")


@pytest.mark.thorough
def test_what_slack_refuses_stands_in_the_home_tab_of_admins(open_tab: OpenTab, company: Company) -> None:
    t = company.t
    _receives(company, 1)
    with company.database.transaction() as tx:
        now = company.clock.now()
        members.update(tx, company.slack.team_id, "U0KIM00001", locale=company.locale)
        for number, (kind, target, code) in enumerate(
            (
                (MessageKind.DIGEST, "C0GONE0001", "channel_not_found"),
                (MessageKind.MEETING, "C0MARKETING", "is_archived"),
                (MessageKind.ACTION_CHANGED, SATO, "account_inactive"),
                (MessageKind.DEFINITION_PROPOSED, "U0TANAKA01", "invalid_blocks"),
            )
        ):
            row = queued.message(company.slack.team_id, f"dead{number}", kind, target, now)
            tx.execute(outbox_table.insert().values(**row | {"state": OutboxState.DEAD, "error": code}))
    tab = open_tab("kim")
    tab.page.set_viewport_size({"width": 1280, "height": 1500})
    tab.open("app")
    tab.page.get_by_role("tab", name=company.w("tab.home")).click()
    expect(tab.page.locator(".home")).to_contain_text(t("button.resend_all", count=4))
    tab.shot("home-refused")
