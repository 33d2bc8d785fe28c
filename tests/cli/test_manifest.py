from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml

from playground.manifest import manifest_problems
from tests.cli.kit import cli
from tests.installation import MANIFEST

EXAMPLE = "https://mql-bot.example.com"


def printed(*options: str) -> Any:
    done = cli("manifest", *options)
    assert done.exit_code == 0, done.output
    assert "#" not in done.output.replace("#1d3557", "").replace("slack#/", "")
    made = yaml.safe_load(done.output)
    assert manifest_problems(made) == []
    return made


def wanted(*, address: str | None, steps: bool = True) -> dict[str, Any]:
    """The manifest of the repository with what the options are to change."""
    made = deepcopy(MANIFEST)
    places = [*made["features"]["slash_commands"], made["settings"]["event_subscriptions"]]
    for place in [*places, made["settings"]["interactivity"]]:
        for key in {"url", "request_url", "message_menu_options_url"} & place.keys():
            if address is None:
                del place[key]
            else:
                place[key] = f"{address}/slack/events"
    made["settings"]["socket_mode_enabled"] = address is None
    if not steps:
        del made["functions"]
        made["settings"]["event_subscriptions"]["bot_events"].remove("function_executed")
        del made["settings"]["function_runtime"]
        made["settings"]["org_deploy_enabled"] = False
    return made


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--url", "https://mql.acme.co.jp"), wanted(address="https://mql.acme.co.jp")),
        (("--url", "https://acme.co.jp:8443/mql/"), wanted(address="https://acme.co.jp:8443/mql")),
        (("--socket",), wanted(address=None)),
        (("--socket", "--without-steps"), wanted(address=None, steps=False)),
        (("--url", EXAMPLE, "--without-steps"), wanted(address=EXAMPLE, steps=False)),
    ],
)
def test_it_is_the_manifest_of_the_repository_for_ones_own_address(
    options: tuple[str, ...], expected: dict[str, Any]
) -> None:
    assert printed(*options) == expected


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--socket", "--url", "https://mql.acme.co.jp"),
        ("--url", "http://mql.acme.co.jp"),
        ("--url", "mql.acme.co.jp"),
        ("--url", "https://mql.acme.co.jp/slack/events"),
        ("--url", "https://mql.acme.co.jp: x"),
        ("--url", "https://mql.acme.co.jp?a=b"),
    ],
)
def test_what_slack_would_not_take_is_refused(options: tuple[str, ...]) -> None:
    done = cli("manifest", *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--url https://" in done.stderr
