"""What a title in a calendar or a status in Slack says of somebody being away, in Japanese and English. Pure.

The words are those that Japanese and English companies write, with what looks like them and means something else. What
cannot be read says nothing: a lead that goes to somebody who is away is handed on by the clock, a rep who is skipped
without a reason is never seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum


class Says(StrEnum):
    """What is said of a day or a stretch of time."""

    AWAY = "away"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    SOME_HOURS = "some_hours"
    """Away for a part that only the hours of the entry tell."""
    TRIP = "trip"
    """On a business trip: some answer on the way, some do not, so they are asked."""


def meaning(text: str, names: Collection[str] = (), others: Collection[str] = ()) -> Says | None:
    """Return what a title or a status says; None where it does not say that its writer is away. `names`: the writer's
    own, `others`: those of colleagues, whose absence is often noted in one's own calendar."""
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if _MEETING.search(words) or _of_somebody_else(words, names, others):
        return None
    for says, pattern in _SAYING.items():
        if pattern.search(words):
            return says
    return Says.TRIP if _TRIP.search(words) else None


def says_at_work(text: str) -> bool:
    """Return whether a status says that its writer works, wherever they are."""
    return bool(_AT_WORK.search(unicodedata.normalize("NFKC", text).casefold()))


def _of_somebody_else(words: str, names: Collection[str], others: Collection[str]) -> bool:
    if any(part in words for part in _parts(names)):
        return False
    if _HONORIFIC.search(words):
        return True
    return any(re.search(rf"(?<![a-z]){re.escape(part)}(?![a-z])", words) for part in _parts(others) - _parts(names))


def _parts(names: Collection[str]) -> set[str]:
    """Return names as they may stand in a title: whole, and the family or given name alone."""
    whole = [unicodedata.normalize("NFKC", name).casefold().split() for name in names]
    return {part for words in whole for part in (*words, "".join(words), " ".join(words)) if len(part) > 1}


_REST = r"(?:半?(?:日)?休暇?|(?:お|有|年|代|振|欠)休|お?休み|有給|off)"
_MORNING = rf"(?:午前中?|\bam|朝)\s*[(:・]?\s*{_REST}|{_REST}\s*[(・:/]?\s*(?:午前|am\b)|\bmorning off\b"
_AFTERNOON = rf"(?:午後|\bpm)\s*[(:・]?\s*{_REST}|{_REST}\s*[(・:/]?\s*(?:午後|pm\b)|\bafternoon off\b"
_HALF_DAY = r"half[- ]day(?: off| leave)?\s*[(,:]?\s*"
_SAYING = {
    Says.MORNING: re.compile(rf"{_MORNING}|{_HALF_DAY}(?:am\b|morning)"),
    Says.AFTERNOON: re.compile(rf"{_AFTERNOON}|{_HALF_DAY}(?:pm\b|afternoon)"),
    Says.SOME_HOURS: re.compile(
        r"半休|半日休|半有給|時間(?:単位)?(?:有|年|休|給)|時短|早退|中抜け|half[- ]day (?:off|leave)"
    ),
    Says.AWAY: re.compile(
        r"休暇|有休|有給|年休|公休|代休|振休|振替休日|特休|産休|育休|休業|休職|欠勤|病欠|忌引|不在|年末年始|"
        r"(?:^|[^昼定祝])休み|夏休|冬休|お休|"
        r"\booo\b|\boof\b|\bout of (?:the )?office\b|\bout (?:sick|today|all day)\b|^out$|\bpto\b|"
        r"\bvacation(?:ing)?\b|\b(?:sick|annual|parental|maternity|paternity|bereavement|compassionate) leave\b|"
        r"\bon (?:leave|holiday|pto)\b|^leave$|^holidays?$|\b(?:summer|winter|bank|public) holidays?\b|"
        r"\btime off\b|\bdays? off\b|^off\b(?!-)|\boff (?:today|work)\b|^sick$|\bsick day\b|"
        r"^away$|\baway (?:today|until|till)\b"
    ),
}
_TRIP = re.compile(r"出張|\bbusiness trip\b|\bon a (?:business )?trip\b|^(?:business )?trip\b")
# An entry about absences is none; nor is one that was called off, or may yet be.
_MEETING = re.compile(
    r"会議|会(?:$|[ (])|ミーティング|\bmtg\b|打ち?合わ?せ|説明|研修|相談|確認|申請|締め?切|提出|期限|連絡|調整|"
    r"共有|面談|面接|商談|"
    r"キャンペーン|プロジェクト|制度|規程|規定|企画|セミナー|について|の件|対応|計画|明け|前の|不在[者票時]|取り?消|"
    r"取りやめ|中止|"
    r"キャンセル|\(仮\)|【仮】|未定|検討|レビュー|レポート|リスト|管理|システム|付与|取得率|消化率|買い?取り|募集|"
    r"お知らせ|案内|準備|"
    r"\bmeeting\b|\bsync\b|\breview\b|\bcall\b|\bpolicy\b|\bplan(?:s|ning)?\b|\brequests?\b|\bdeadline\b|\bparty\b|"
    r"\bcampaign\b|\bproject\b|\bdiscuss(?:ion)?\b|\btraining\b|\b1:1\b|\b1on1\b|\bwebinar\b|\bdemo\b|\bcoverage\b|"
    r"\bhand(?:over|off)\b|\breminder\b|\bapprov(?:e|al)\b|\bcancel(?:l?ed)?\b|\btentative\b|\bmaybe\b|\btbc\b|\btbd\b|"
    r"\bback from\b|\bbefore\b|\brental\b|\bemail\b|\breply\b"
)
_HONORIFIC = re.compile(
    r"(?:さん|様|氏|君|ちゃん|部長|課長|社長)[のが]?\s*(?:\S{0,4})?(?:休|不在|有給|欠勤|病欠|忌引|ooo)"
)
_AT_WORK = re.compile(
    r"在宅|リモート|テレワーク|出社|勤務|作業|出張|直行|直帰|会議|打ち?合わ?せ|通勤|移動|外出|訪問|商談|"
    r"\bwfh\b|\bwork(?:ing|s)?\b|\bremote(?:ly)?\b|\bmeeting\b|\boffice\b|\bcommuting\b|\btravel|\bcustomer\b|\bevent\b"
)
