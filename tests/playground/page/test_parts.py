# ruff: noqa: E501 - tables of blocks read better one to a line
"""The page's files: words in both languages, what may be loaded, how mrkdwn is read, every block and element."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.request import urlopen

import pytest
import yaml
from playwright.sync_api import expect

from bot.cli.sample_manifest import MANIFEST
from playground import Playground
from storage.vocabulary import Locale
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import PAGE, ROOT, WORDS, Company

SCRIPTS = sorted(PAGE.glob("*.js"))
CODE = "\n".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
LEADS = json.loads((PAGE / "leads.json").read_text(encoding="utf-8"))
# Keys that the code puts together: t(`role.${…}`).
MADE = ("role.", "tab.", "feed.", "trouble.", "inspector.", "look.", "tour.", "desk.", "time.", "crm.")


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    for key, words in WORDS.items():
        assert set(words) == {"ja", "en"}, key
        assert all(words.values()), key
        assert len({frozenset(re.findall(r"\{(\w+)\}", word)) for word in words.values()}) == 1, key


def test_every_word_that_the_code_asks_for_exists_and_none_is_left_over() -> None:
    asked = set(re.findall(r"\bt\(\s*'([\w.]+)'", CODE)) | set(re.findall(r"['\"]([a-z_]+\.[\w.]+)['\"]", CODE))
    assert {key for key in re.findall(r"\bt\(\s*'([\w.]+)'", CODE) if key not in WORDS} == set()
    assert {key for key in WORDS if key not in asked and not key.startswith(MADE)} == set()


def test_the_index_names_every_module_and_no_file_is_long() -> None:
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'modulepreload" href="/page/([\w-]+\.js)"', index))
    assert named == {script.name for script in SCRIPTS}
    for file in [*SCRIPTS, *PAGE.glob("style/*.css"), *PAGE.glob("*.json")]:
        assert len(file.read_text(encoding="utf-8").splitlines()) < 300, file.name
    assert "innerHTML" not in CODE


def test_no_file_of_the_page_points_to_another_machine() -> None:
    for file in [*SCRIPTS, *PAGE.glob("style/*.css"), PAGE / "index.html"]:
        links = re.findall(
            r"""(?:src|href|url|from|import|fetch)\W{1,3}(https?:)?//""", file.read_text(encoding="utf-8")
        )
        assert links == [], file.name


def test_leads_are_of_companies_that_do_not_exist() -> None:
    every = [lead for kind in ("leads", "hostile") for leads in LEADS[kind].values() for lead in leads]
    assert all(lead["email"].endswith((".example", "@example.com")) for lead in every)


def test_the_page_may_load_nothing_from_elsewhere() -> None:
    with Playground() as slack:
        for path in ("/", "/page/main.js", "/page/vendor/preact-htm.js"):
            with urlopen(slack.base_url + path) as answer:
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        for path in ("/page/../pages.py", "/page/%2e%2e/pages.py", "/page/none.js", "/page/__init__.py"):
            with pytest.raises(OSError, match="404"):
                urlopen(slack.base_url + path)


def test_the_playground_grants_what_the_manifest_does() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    features, settings = manifest["features"], manifest["settings"]
    shown = ("command", "description", "usage_hint")
    assert MANIFEST["features"]["slash_commands"] == [
        {key: slash_command[key] for key in shown} for slash_command in features["slash_commands"]
    ]
    assert MANIFEST["features"]["app_home"] == features["app_home"]
    assert MANIFEST["oauth_config"]["scopes"]["bot"] == sorted(manifest["oauth_config"]["scopes"]["bot"])
    assert MANIFEST["settings"]["event_subscriptions"]["bot_events"] == settings["event_subscriptions"]["bot_events"]
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] == settings["interactivity"]["is_enabled"]
    assert MANIFEST["functions"] == {
        step: {side: {name: _bare(value) for name, value in function[side].items()} for side in SIDES}
        for step, function in manifest["functions"].items()
    }


SIDES = ("input_parameters", "output_parameters")


def _bare(parameter: dict[str, Any]) -> dict[str, Any]:
    return {key: parameter[key] for key in ("type", "is_required")}


PARSED: list[tuple[str, str]] = [
    ("*bold* _it_ ~no~ `code`", "[bold:bold] [italic:it] [strike:no] [code:code]"),
    ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
    ("これは*太字*ではない", "これは*太字*ではない"),
    ("*a _b_ c*", "[bold:a [italic:b] c]"),
    ("&lt;!channel&gt; &amp;amp;", "<!channel> &amp;"),
    ("<@U0SATO0001> <#C0MQL00001> <!here>", "[user:U0SATO0001] [channel:C0MQL00001] [broadcast:here]"),
    ("<!subteam^S0LEADS001> <!subteam^x>", "[usergroup:S0LEADS001] <!subteam^x>"),
    ("<https://a.example|see *this*>", "[link:https://a.example see *this*]"),
    ("<javascript:alert(1)|x>", "<javascript:alert(1)|x>"),
    ("<data:text/html,x>", "<data:text/html,x>"),
    ("<mailto:a@b.example|a>", "[link:mailto:a@b.example a]"),
    ("see https://a.example/x?y=1&amp;z.", "see [link:https://a.example/x?y=1&z https://a.example/x?y=1&z]."),
    ("<!date^1792000000^{date}|then>", "[date:1792000000 {date}]"),
    ("&gt; quoted\nnot", "[quote:quoted]not"),
    ("a\n```x *y* &lt;```b", "a/[pre:x *y* <]b"),
    ("• one\n• two", "[item:one][item:two]"),
    ("`*not bold*` *`c`*", "[code:*not bold*] [bold:[code:c]]"),
    ("unclosed *bold and `code and ```pre", "unclosed *bold and `code and ```pre"),
]
SHOW = """([text, verbatim]) => import('/page/marks.js').then(({ parse }) => {
  const one = (node) => node.kind === 'text' ? node.text : node.kind === 'break' ? '/' : '[' + node.kind + ':' +
    (node.nodes ? node.nodes.map(one).join('') : node.text ?? node.id ?? node.range ??
      (node.kind === 'date' ? node.timestamp + ' ' + node.format : (node.url || node.name) + (node.label ? ' ' + node.label : ''))) + ']';
  return parse(text, { verbatim }).map(one).join('');
})"""


@pytest.mark.thorough
@pytest.mark.parametrize("locale", [Locale.EN], indirect=True)
def test_mrkdwn_is_read_as_slack_reads_it(open_tab: OpenTab) -> None:
    page = open_tab("sato").page
    for text, wanted in PARSED:
        assert page.evaluate(SHOW, [text, False]) == wanted
    assert page.evaluate(SHOW, ["https://a.example", True]) == "https://a.example"
    long = "*a" * 2500 + "<" * 2500 + "`_~" * 900
    assert len(page.evaluate(SHOW, [long, False])) >= len(long)


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": _plain(f"Option {number}"), "value": f"v{number}"} for number in range(3)]
CONFIRM = {
    "title": _plain("Sure?"),
    "text": _plain("It cannot be undone."),
    "confirm": _plain("Do it"),
    "deny": _plain("No"),
}
CHART = {
    "type": "bar",
    "series": [{"name": "MQLs", "data": [{"label": "Mon", "value": 3}, {"label": "Tue", "value": 5}]}],
    "axis_config": {"categories": ["Mon", "Tue"]},
}
PIE = {"type": "pie", "segments": [{"label": "Won", "value": 3}, {"label": "Lost", "value": 5}]}
RICH = [
    {
        "type": "rich_text_section",
        "elements": [{"type": "user", "user_id": "U0SATO0001"}, {"type": "broadcast", "range": "here"}],
    },
    {
        "type": "rich_text_list",
        "style": "ordered",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "first", "style": {"bold": True}}]}
        ],
    },
    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]},
]
MESSAGE: list[dict[str, Any]] = [
    {"type": "section", "text": _plain("With a menu"), "accessory": {"type": "static_select", "action_id": "a", "options": OPTIONS}},
    {"type": "image", "image_url": "https://images.example/a.png", "alt_text": "A picture of nothing"},
    {"type": "rich_text", "elements": RICH},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "Rep"}, {"type": "raw_text", "text": "Leads"}], [{"type": "raw_text", "text": "Sato"}, {"type": "raw_number", "value": 3}]]},
    {"type": "data_visualization", "title": "Leads by day", "chart": CHART},
    {"type": "data_visualization", "title": "Outcomes", "chart": PIE},
    {"type": "actions", "elements": [{"type": "button", "text": _plain("Delete"), "style": "danger", "action_id": "gone", "confirm": CONFIRM}, {"type": "datepicker", "action_id": "day"}]},
]  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("locale", [Locale.JA], indirect=True)
def test_every_block_is_drawn_and_what_is_unknown_says_so(open_tab: OpenTab, company: Company) -> None:
    company.slack.app("Painter").posts("general", "x", blocks=MESSAGE)
    tab = open_tab("sato")
    tab.open("general")
    shown = tab.page.locator("main .message")
    for words in ("A picture of nothing", "@佐藤 葵", "@here", "first", "Leads by day", "Sato"):
        expect(shown).to_contain_text(words)
    expect(shown.locator("svg")).to_have_count(2)
    tab.shot("blocks")
    shown.get_by_role("button", name="Delete").click()
    expect(tab.page.get_by_role("dialog", name="Sure?")).to_be_visible()
    tab.shot("confirm")
    tab.page.get_by_role("button", name="No", exact=True).click()
    assert [entry for entry in company.slack.log if "block_actions" in str(entry.request)] == []
    company.slack.channel("general").messages[0].record.blocks.append({"type": "hologram", "block_id": "h"})
    tab.page.reload()
    expect(tab.page.locator(".unknown.block")).to_contain_text("hologram")


@pytest.mark.thorough
@pytest.mark.parametrize("locale", [Locale.JA], indirect=True)
def test_a_mentioned_user_group_is_read_by_its_handle_and_stands_out_to_its_members(
    open_tab: OpenTab, company: Company
) -> None:
    part = {"type": "usergroup", "usergroup_id": "S0LEADS001"}
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "<!subteam^S0LEADS001> <!subteam^S0GONE0001|@gone>"}},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [part]}]},
    ]
    company.slack.app("Painter").posts("general", "x", blocks=blocks)
    tab = open_tab("sato")
    tab.open("general")
    mentions = tab.page.locator("main .message .mention")
    expect(mentions).to_have_text(["@sales-leads", "@gone", "@sales-leads"])
    expect(mentions.first).to_have_attribute("title", "営業リーダー / Sales leads")
    expect(tab.page.locator("main .message .mention.me")).to_have_count(0)
    tab.act_as("tanaka")
    tab.open("general")
    expect(tab.page.locator("main .message .mention.me")).to_have_text(["@sales-leads", "@sales-leads"])
    tab.shot("usergroup")


FORM: list[tuple[str, dict[str, Any]]] = [
    ("plain_text_input", {}), ("email_text_input", {}), ("url_text_input", {}), ("number_input", {"is_decimal_allowed": False, "min_value": "1"}),
    ("static_select", {"options": OPTIONS}), ("multi_static_select", {"options": OPTIONS}), ("users_select", {}),
    ("multi_users_select", {}), ("channels_select", {}), ("conversations_select", {}), ("checkboxes", {"options": OPTIONS}),
    ("radio_buttons", {"options": OPTIONS}), ("datepicker", {}), ("timepicker", {}), ("datetimepicker", {}), ("rich_text_input", {}),
]  # fmt: skip
FILL = {
    "plain_text_input": "text", "email_text_input": "a@b.example", "url_text_input": "https://a.example", "number_input": "7",
    "datepicker": "2026-11-30", "timepicker": "09:30", "datetimepicker": "2026-11-30T09:30", "rich_text_input": "rich",
}  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("locale", [Locale.EN], indirect=True)
def test_every_input_takes_a_value_and_says_what_is_wrong(open_tab: OpenTab, company: Company) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "input", "block_id": kind, "label": _plain(kind), "element": {"type": kind, "action_id": "v", **more}}
        for kind, more in FORM
    ]
    view = {
        "type": "modal",
        "title": _plain("Everything"),
        "submit": _plain("Send"),
        "callback_id": "x",
        "blocks": blocks,
    }
    tab = open_tab("sato")
    with company.slack.workspace.change():
        company.slack.views.open(company.slack.user("sato").id, view)
    expect(tab.modal).to_be_visible()
    tab.modal.locator("button[type=submit]").click()
    expect(tab.modal.locator(".error")).to_have_count(len(FORM))
    tab.modal.locator("#email_text_input-v").fill("nobody")
    for kind, given in FILL.items():
        tab.modal.locator(f"#{kind}-v").fill(given)
    people = tab.modal.locator("#users_select-v option").all_inner_texts()
    assert people.index("mql-bot") == len(people) - 1, (
        "Slack offers bots, and whoever looks for a person reads people first"
    )
    for kind in ("static_select", "users_select", "channels_select", "conversations_select"):
        tab.modal.locator(f"#{kind}-v").select_option(index=1)
    for kind in ("multi_static_select", "multi_users_select", "checkboxes", "radio_buttons"):
        tab.modal.locator(f"#{kind}-v input").first.check()
    expect(tab.modal.locator(".error")).to_have_count(0)
    tab.shot("modal-everything")
    tab.modal.locator("button[type=submit]").click()
    expect(tab.page.locator(".note.problem")).to_be_visible()  # The bot has no such form.
    tab.problems.clear()
    modal = company.slack.user("sato").modal
    assert modal is not None
    values = {kind: actions["v"] for kind, actions in modal.values.items()}
    assert values["number_input"]["value"] == "7"
    assert values["datetimepicker"]["selected_date_time"] == 1795998600
    assert values["multi_static_select"]["selected_options"][0]["value"] == "v0"
    assert values["users_select"]["selected_user"].startswith("U")
    assert "rich" in str(values["rich_text_input"])
