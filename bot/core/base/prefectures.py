"""The prefectures of Japan, by the names that forms and people use, and the regions that hold them."""

from __future__ import annotations

import re
from functools import cache

_AREAS = {
    ("北海道", "hokkaido"): "北海道 Hokkaido",
    ("東北", "tohoku"): "青森 Aomori 岩手 Iwate 宮城 Miyagi 秋田 Akita 山形 Yamagata 福島 Fukushima",
    ("関東", "kanto"): "茨城 Ibaraki 栃木 Tochigi 群馬 Gunma 埼玉 Saitama 千葉 Chiba 東京 Tokyo 神奈川 Kanagawa",
    ("首都圏",): "埼玉 Saitama 千葉 Chiba 東京 Tokyo 神奈川 Kanagawa",
    ("甲信越", "koshinetsu"): "新潟 Niigata 山梨 Yamanashi 長野 Nagano",
    ("北陸", "hokuriku"): "富山 Toyama 石川 Ishikawa 福井 Fukui",
    ("東海", "tokai"): "岐阜 Gifu 静岡 Shizuoka 愛知 Aichi 三重 Mie",
    ("中部", "chubu"): "新潟 Niigata 富山 Toyama 石川 Ishikawa 福井 Fukui 山梨 Yamanashi 長野 Nagano 岐阜 Gifu "
    "静岡 Shizuoka 愛知 Aichi",
    ("近畿", "関西", "kinki", "kansai"): "三重 Mie 滋賀 Shiga 京都 Kyoto 大阪 Osaka 兵庫 Hyogo 奈良 Nara "
    "和歌山 Wakayama",
    ("中国地方", "chugoku"): "鳥取 Tottori 島根 Shimane 岡山 Okayama 広島 Hiroshima 山口 Yamaguchi",
    ("四国", "shikoku"): "徳島 Tokushima 香川 Kagawa 愛媛 Ehime 高知 Kochi",
    ("九州", "kyushu"): "福岡 Fukuoka 佐賀 Saga 長崎 Nagasaki 熊本 Kumamoto 大分 Oita 宮崎 Miyazaki 鹿児島 Kagoshima",
    ("沖縄", "okinawa"): "沖縄 Okinawa",
}
_KANJI: dict[str, str] = {}
for _names in _AREAS.values():
    _words = _names.split()
    _KANJI |= dict(zip((word.casefold() for word in _words[1::2]), _words[::2], strict=True))
_FULL = {
    name: name + {"東京": "都", "大阪": "府", "京都": "府", "北海道": ""}.get(name, "県") for name in _KANJI.values()
}
# A short name stands in many words: "mie" in "premier".
_ROMAN = [name if len(name) > 4 else rf"(?<![a-z]){name}(?=ken|pref|japan|[^a-z]|$)" for name in _KANJI]
# At each place the longest name first: in 東京都 stands 東京, and 京都 does not.
_ANY = re.compile("|".join(sorted([*_FULL.values(), *_KANJI.values(), *_ROMAN], key=len, reverse=True)))


@cache
def names(*, roman: bool) -> tuple[str, ...]:
    """Return the regions and then the prefectures by name: 関東, 東京都; where `roman`, Kanto, Tokyo."""
    areas = [name for spelled in _AREAS for name in spelled if name.isascii() == roman]
    known = _KANJI if roman else _FULL.values()
    return tuple(dict.fromkeys(name.title() if roman else name for name in (*areas, *known)))


@cache
def named(word: str) -> frozenset[str]:
    """Return the prefectures that a folded word means, a region or one of them; empty where it means none."""
    for names, held in _AREAS.items():
        if word in names:
            return frozenset(held.split()[::2])
    match = _ANY.fullmatch(re.sub(r"(?<=[a-z])(ken|fu|to|prefecture)$", "", word))
    return frozenset({_plain(match[0])} if match else ())


def found_in(value: str) -> frozenset[str]:
    """Return the prefectures that a folded text names: of an address the one in which it lies."""
    return frozenset(_plain(match[0]) for match in _ANY.finditer(value))


def _plain(name: str) -> str:
    return _KANJI.get(name) or next(short for short, full in _FULL.items() if name in (short, full))
