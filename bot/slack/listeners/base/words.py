"""What may be typed after /mql in place of its own words, and which word was probably meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from difflib import get_close_matches

CLOSE = 0.6
"""How alike a word must be to one of ours to be proposed, from 0 to 1."""

SYNONYMS = {
    "list": ("一覧", "リスト", "ls", "open", "mine"),
    "new": ("登録", "新規", "追加", "add", "create"),
    "show": ("詳細", "表示"),
    "search": ("検索", "探す", "find"),
    "team": ("チーム", "みんな", "部下", "reps"),
    "away": ("不在", "休み", "休暇", "有休", "off", "vacation"),
    "back": ("復帰", "戻りました", "出社", "here"),
    "feedback": ("結果", "結果報告", "報告", "outcome"),
    "report": ("レポート", "集計", "週次", "reports"),
    "withdraw": ("取り下げ", "取下げ", "取消", "cancel"),
    "merge": ("統合",),
    "kpi": ("目標", "売上目標"),
    "checkup": ("セルフチェック", "診断"),
    "definition": ("定義",),
    "source": ("連携", "送信元", "連携元", "sources"),
    "route": ("振り分け", "振り分けルール", "ルート", "routes"),
    "audit": ("監査", "監査ログ", "変更履歴", "履歴", "log"),
    "meeting": ("会議", "定例"),
    "help": ("ヘルプ", "使い方", "?", "h"),
}
"""By our word what else people type for it."""
_MEANT = {other: word for word, others in SYNONYMS.items() for other in others}


def plain(word: str) -> str:
    """Return a word in lower case and of one width, with a leading slash or number sign taken away."""
    return unicodedata.normalize("NFKC", word).lower().strip("/")


def meant(typed: str) -> str:
    """Return our word for what was typed; what is none of ours as it is. A number asks for its MQL."""
    word = plain(typed)
    return "show" if word.lstrip("#").isdecimal() else _MEANT.get(word, word)


def close_to(typed: str, known: Collection[str]) -> str | None:
    """Return the word of ours that is most like what was typed; None where none is."""
    word = plain(typed)
    (match, *_) = (*get_close_matches(word, [*known, *_MEANT], 1, CLOSE), None)
    return _MEANT.get(match, match) if match else None
