"""What the playground grants the bot: manifest.yml without its addresses. A test holds the two to each other."""

from __future__ import annotations

from typing import Any

from bot.slack.scopes import SCOPES

MANIFEST: dict[str, Any] = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "slash_commands": [
            {
                "command": "/mql",
                "description": "MQLs, deadlines, figures / MQLの一覧・登録・集計",
                "usage_hint": "new | list | show 12 | withdraw 12 | away | report | help",
            },
            {
                "command": "/mql-feedback",
                "description": "Report what became of an MQL / MQLの結果を報告",
                "usage_hint": "[12 | all]",
            },
        ],
    },
    "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "message.channels", "message.groups"]},
        "interactivity": {"is_enabled": True},
    },
}
