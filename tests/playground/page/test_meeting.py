"""The review meeting and what messages lead to, as people see and press them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bot.core import teamfile
from storage.models import outbox as outbox_table
from storage.vocabulary import MessageKind, OutboxState
from tests import queued
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company

WEDNESDAY = 2


def _meets(company: Company) -> None:
    """On Wednesdays at 11:30, so that a day after the stage begins the agenda is there."""
    company.slack.admin.invite_bot("marketing")
    with company.database.transaction() as tx:
        known = teamfile.current(tx, company.slack.team_id)
        assert known is not None
        where = company.slack.channel("marketing").id
        planned = replace(known, meeting_weekday=WEDNESDAY, meeting_time="11:30", meeting_channel=where)
        teamfile.apply(tx, planned, company.clock.now())


@pytest.mark.thorough
def test_the_agenda_takes_an_action_and_that_the_meeting_was_held(open_tab: OpenTab, company: Company) -> None:
    t, tab = company.t, open_tab("ito")
    _meets(company)
    tab.feed("webhook")
    tab.panel("desk").get_by_role("button", name=company.w("dialog.close")).click()
    company.clock.move(timedelta(hours=24, minutes=31))
    tab.open("marketing")
    agenda = tab.message("11:30")
    expect(agenda).to_be_visible()
    agenda.get_by_role("button", name=t("button.action_record")).click()
    expect(tab.modal).to_contain_text(t("action.what"))
    tab.modal.locator("input[type=text], textarea").first.fill(
        "新しい資料を送る" if t.locale == "ja" else "Send the deck"
    )
    tab.modal.locator("input[type=date]").fill("2026-11-25")
    tab.shot("meeting-action-form")
    tab.modal.get_by_role("button", name=t("action.submit"), exact=True).click()
    expect(tab.modal).to_have_count(0)
    expect(agenda).to_contain_text(t("meeting.actions", count=1))
    tab.shot("meeting-agenda")
    company.clock.move(timedelta(hours=1))
    agenda.get_by_role("button", name=t("button.meeting_held")).click()
    expect(agenda.get_by_role("button", name=t("button.meeting_held"))).to_have_count(0)
    tab.say("/mql meeting")
    expect(tab.modal).to_contain_text(t("meeting.title"))
    tab.shot("meeting-page")
    tab.modal.get_by_role("button", name=t("button.action_change")).click()
    expect(tab.modal).to_contain_text(t("action.change_title"))
    tab.modal.locator("input[type=date]").fill("2026-12-02")
    tab.modal.get_by_role("button", name=t("action.change_submit"), exact=True).click()
    expect(tab.modal).to_contain_text(t("meeting.title"))
    tab.modal.get_by_role("button", name=t("button.action_change")).click()
    expect(tab.modal).to_contain_text("→")
    tab.shot("meeting-change-form")
    tab.modal.get_by_role("button", name=t("form.cancel"), exact=True).click()
    expect(tab.modal).to_have_count(0)
    tab.say("/mql meeting")
    tab.modal.get_by_role("button", name=t("button.action_done")).click()
    expect(tab.modal).to_contain_text(t("meeting.no_actions"))
    tab.shot("meeting-page-done")
    tab.modal.get_by_role("button", name=t("button.action_reopen")).click()
    expect(tab.modal).to_contain_text(t("meeting.actions", count=1))


@pytest.mark.thorough
def test_a_kind_that_nobody_acts_on_is_muted(open_tab: OpenTab, company: Company) -> None:
    t, tab = company.t, open_tab("tanaka")
    tab.feed("webhook")
    tab.panel("desk").get_by_role("button", name=company.w("dialog.close")).click()
    with company.database.transaction() as tx:
        for kind, count in ((MessageKind.REMINDER, 90), (MessageKind.ESCALATION, 40)):
            for number in range(count):
                at = company.clock.now() - timedelta(days=30, hours=number)
                row = queued.message(company.slack.team_id, f"{kind}{number}", kind, "U0SUZUKI01", at, mql_id=1)
                tx.execute(outbox_table.insert().values(**row | {"state": OutboxState.SENT, "sent_at": at}))
    tab.say("/mql report noise")
    expect(tab.modal).to_contain_text(t("noise.title"))
    tab.shot("noise")
    tab.modal.get_by_role("button", name=t("button.kind_mute")).click()
    expect(tab.modal.get_by_role("button", name=t("button.kind_unmute"))).to_be_visible()
    tab.shot("noise-muted")
