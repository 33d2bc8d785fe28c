"""What the playground grants the bot: manifest.yml without its addresses and the titles of what steps take and give. A
test holds the two to each other."""

from __future__ import annotations

from typing import Any

from bot.slack.blocks.base import ids
from bot.slack.web_api.scopes import SCOPES


def _parameters(kind: str, *names: str, required: bool = False) -> dict[str, dict[str, Any]]:
    return {name: {"type": kind, "is_required": required} for name in names}


REGISTER_MQL = {
    "input_parameters": _parameters("string", "company", "person", "email", "phone", "title", "message")
    | _parameters("string", "channel", "campaign", "form", "score_reason", "crm_url")
    | _parameters("number", "score"),
    "output_parameters": _parameters("integer", "number", required=True)
    | _parameters("boolean", "repeated", required=True)
    | _parameters("slack#/types/timestamp", "due", required=True)
    | _parameters("string", "link", required=True)
    | _parameters("slack#/types/user_id", "owner"),
}
REPORT_OUTCOME = {
    "input_parameters": _parameters("integer", "number", required=True)
    | _parameters("slack#/types/user_id", "reported_by", required=True)
    | _parameters("string", "disposition", required=True)
    | _parameters("string", "lost_reason", "comment", "recycle_on")
    | _parameters("integer", "amount"),
    "output_parameters": _parameters("integer", "number", required=True),
}
MANIFEST: dict[str, Any] = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "slash_commands": [
            {
                "command": "/mql",
                "description": "MQLs, deadlines, figures / MQLの一覧・登録・集計",
                "usage_hint": "list | search Acme | show 12 | new | away | team | report | help",
            },
            {
                "command": "/mql-feedback",
                "description": "Report what became of an MQL / MQLの結果を報告",
                "usage_hint": "[12 | all]",
            },
        ],
    },
    "functions": {ids.REGISTER_MQL: REGISTER_MQL, ids.REPORT_OUTCOME: REPORT_OUTCOME},
    "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
    "settings": {
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "file_shared",
                "function_executed",
                "message.channels",
                "message.groups",
                "message.im",
                "user_status_changed",
            ]
        },
        "interactivity": {"is_enabled": True},
    },
}
