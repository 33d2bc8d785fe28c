"""The MQL definition, its form and its older versions, as people see and press them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bot.core.agreement import definition
from bot.core.base.results import Done
from bot.core.mql import feedback, intake, response
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.reports.cohorts import ENOUGH
from storage import definitions
from storage.vocabulary import Disposition, Locale, Source
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company

TEXTS = {
    Locale.JA: (
        "従業員50名以上の企業で、資料請求か問い合わせがあったリード。",
        "従業員50名以上の企業で、資料請求か問い合わせがあったリード。学生・競合企業は除く。",
        "従業員50名以上の企業で、問い合わせかデモの申し込みがあったリード。学生・競合企業は除く。",
    ),
    Locale.EN: (
        "A company with 50 or more employees that has asked for material or a call.",
        "A company with 50 or more employees that has asked for material or a call. No students or competitors.",
        "A company with 50 or more employees that has asked for a call or a demo. No students or competitors.",
    ),
}


def _proposes(company: Company, text: str, threshold: int | None, *, agreed: bool) -> None:
    workspace, ito, tanaka = company.slack.team_id, "U0ITO00001", "U0TANAKA01"
    with company.database.transaction() as tx:
        now = company.clock.now()
        assert definition.propose(tx, workspace, text, threshold, None, ito, now) is None
        newest = definitions.newest(tx, workspace)
        assert newest is not None
        if agreed:
            assert definition.agree(tx, workspace, newest.id, tanaka, now) is None
    company.clock.move(timedelta(days=30))


@pytest.mark.thorough
def test_older_versions_are_listed_and_read(open_tab: OpenTab, company: Company) -> None:
    t = company.t
    first, second, third = TEXTS[company.locale]
    _proposes(company, first, None, agreed=True)
    _proposes(company, second, 70, agreed=False)
    _proposes(company, second, 60, agreed=True)
    _proposes(company, third, 60, agreed=False)
    tab = open_tab("tanaka")
    tab.page.set_viewport_size({"width": 1280, "height": 1200})
    tab.say("/mql definition")
    expect(tab.modal).to_contain_text(third)
    tab.shot("definition-page")
    tab.modal.get_by_role("button", name=t("button.definition_versions")).click()
    expect(tab.modal).to_contain_text(t("definition_history.first"))
    tab.shot("definition-versions")
    tab.modal.get_by_role("button", name=t("definition_history.see_number", number=3)).click()
    expect(tab.modal).to_contain_text(t("definition_history.added"))
    tab.shot("definition-version")
    tab.modal.get_by_role("button", name=t("button.definition_versions_back")).click()
    tab.modal.get_by_role("button", name=t("button.definition_now")).click()
    tab.modal.get_by_role("button", name=t("button.definition_agree")).click()
    expect(tab.modal.get_by_role("button", name=t("button.definition_agree"))).to_have_count(0)
    tab.modal.get_by_role("button", name=t("button.definition_propose")).click()
    expect(tab.modal).to_contain_text(t("definition.why"))
    tab.shot("definition-form")


def _decides_enough_to_judge_the_score(company: Company) -> None:
    """Twelve opportunities of a high score, and twelve MQLs of a low one that came to nothing."""
    workspace, sato = company.slack.team_id, "U0SATO0001"
    good = Answer(disposition=Disposition.QUALIFIED)
    bad = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
    with company.database.transaction() as tx:
        now = company.clock.now()
        for score, answer in ((90, good), (10, bad)) * ENOUGH:
            lead = Lead(company="青空商事", score=score)
            mql_id = intake.receive(tx, workspace, lead, Source.GENERIC, now).mql_id
            response.reassign(tx, workspace, mql_id, "U0KIM00001", sato, None, now)
            response.accept(tx, workspace, mql_id, sato, now)
            assert isinstance(feedback.give(tx, workspace, mql_id, sato, answer, now), Done)


@pytest.mark.thorough
def test_a_scoring_check_that_was_asked_for_leads_to_the_form(open_tab: OpenTab, company: Company) -> None:
    _decides_enough_to_judge_the_score(company)
    t, tab = company.t, open_tab("tanaka")
    tab.say("/mql report scoring 2026-11")
    report = tab.message(t("button.definition_propose"))
    expect(report).to_be_visible()
    tab.shot("scoring-asked")
    report.get_by_role("button", name=t("button.definition_propose")).click()
    expect(tab.modal).to_contain_text(t("definition.text_hint"))
