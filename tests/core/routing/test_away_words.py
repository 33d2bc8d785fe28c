"""Titles and statuses as companies write them, against what a person reads in them."""

import pytest

from bot.core.routing.away_words import Says, meaning, says_at_work

OWN, OTHERS = ["鈴木 蓮", "Ren Suzuki"], ["佐藤 美咲", "Misaki Sato", "高橋 翔"]

AWAY = """
休暇|有給休暇|有休|有給|年休|【有休】|有給休暇(私用)|（有休）|お休み|休み|終日休み|夏季休暇|夏休み|冬季休暇|
年末年始休暇|年末年始|GW休暇|産休|育休|育児休業|介護休暇|忌引|忌引き|病欠|欠勤|代休|振休|振替休日|特別休暇|
リフレッシュ休暇|慶弔休暇|不在|終日不在|不在（私用）|鈴木 休暇|鈴木蓮 有休|蓮 休み|鈴木さん休み|
休暇 8/13-8/16|夏季休暇（8/12〜8/15）|ﾘﾌﾚｯｼｭ休暇|公休|休職|OOO|OOF|ooo - Ren|Out of office|Out of the office|
PTO|Vacation|Summer vacation|On vacation|Annual leave|Sick leave|Sick day|On leave|Parental leave|
Maternity leave|Bereavement leave|Day off|2 days off|Time off|Off|Off today|Out sick|Out today|Holiday|
On holiday|Public holiday|Ren Suzuki OOO|Vacationing|休暇中|病欠中|休暇いただきます
"""
MORNING = """
午前休|AM休|ＡＭ休|午前半休|午前休暇|午前有休|午前お休み|半休(午前)|半休（AM）|有休 午前|am off|Morning off|
Half day (AM)|Half-day off, morning|午前中休み|【午前休】
"""
AFTERNOON = """
午後休|PM休|午後半休|午後休暇|午後有休|半休(午後)|半休 PM|pm off|Afternoon off|Half day (PM)|在宅（午後休）|
午後休→通院
"""
SOME_HOURS = """
半休|時間休|時間有休|時間単位年休|時短|早退|中抜け|Half day off
"""
TRIP = """
出張|大阪出張|出張中|【出張】名古屋|Business trip|On a trip|Business trip to Osaka
"""
NOTHING = """
定例会議|休暇申請の締切|休暇管理システムのデモ|有給取得率レビュー|夏季休暇キャンペーン打合せ|不在者対応|
不在票|休暇制度説明会|年末年始の体制について|休暇明け 1on1|佐藤 休暇|佐藤さん休み|高橋 午前休|Misaki Sato OOO|
Sato PTO|部長不在|田中さん有給|山本様 不在|昼休み|お昼休憩|休憩|定休日|祝日|在宅|在宅勤務|リモート|テレワーク|
直行|直帰|出張報告会|外出|通院|移動|オフィス|自宅|Busy|予定あり|Home|Office|Lunch|打ち合わせ|商談 青空商事|
OOO policy review|Vacation planning meeting|PTO request deadline|Kickoff|Kick-off|Off-site|Offsite|
Day-off request approval|Leave for Osaka|Checkout|Takeoff|Hand-off|Out for lunch|Holiday party|
Vacation rental demo|WFH|Working from home|Remote|Focus time|Sick of waiting: retro|有給休暇（取り消し）|
休暇キャンセル|夏季休暇(仮)|OOO?? tbd|Vacation (tentative)|Back from vacation|半休の相談|
Holiday calendar review|||勤労感謝の日|Out of scope|Award ceremony|Offer letter|Leaflet|Coffee|Pm sync|
AM stand-up|午前 商談|午後 会議|午前中 訪問
"""


def _titles(text: str) -> list[str]:
    return [title.strip("\n") for title in text.split("|")]


@pytest.mark.parametrize(
    ("titles", "says"),
    [
        (AWAY, Says.AWAY),
        (MORNING, Says.MORNING),
        (AFTERNOON, Says.AFTERNOON),
        (SOME_HOURS, Says.SOME_HOURS),
        (TRIP, Says.TRIP),
        (NOTHING, None),
    ],
)
def test_a_title_is_read_as_a_person_reads_it(titles: str, says: Says | None) -> None:
    read = {title: meaning(title, OWN, OTHERS) for title in _titles(titles)}

    assert {title: meant for title, meant in read.items() if meant != says} == {}


def test_a_status_may_say_that_its_writer_works() -> None:
    assert all(says_at_work(text) for text in ("在宅勤務", "出張中", "Working from Okinawa", "会議中", "Commuting"))
    assert not any(says_at_work(text) for text in ("", "沖縄", "Okinawa!", "🌴"))
