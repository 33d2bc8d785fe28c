"""Each tool's form of a notification, in Japanese and English."""

from __future__ import annotations

import pytest

from bot.connectors import notification
from bot.connectors.notification import Unreadable
from bot.connectors.parser.ours import Ours
from bot.core.mql.lead import Lead
from tests.reading import of_known_layout

JANE = "<mailto:jane.doe@example.com|jane.doe@example.com>"
AOI = "<mailto:aoi.sato@example.co.jp|aoi.sato@example.co.jp>"


def lead(text: str = "", **message: object) -> Lead:
    result = of_known_layout({"type": "message", "ts": "1700000000.000100", "bot_id": "B1", "text": text, **message})
    assert isinstance(result, list), result
    (only,) = result
    return only


def unreadable(text: str = "", **message: object) -> Unreadable:
    result = notification.read({"type": "message", "text": text, **message})
    assert isinstance(result, Unreadable), result
    return result


def hubspot(*lines: str, **attachment: object) -> Lead:
    return lead(
        "", subtype="bot_message", attachments=[{"text": "\n".join(lines), "fallback": "New lead", **attachment}]
    )


def section(*fields: str) -> dict[str, object]:
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": field} for field in fields]}


def rich(*elements: dict[str, object]) -> dict[str, object]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


# --- HubSpot native


def test_a_hubspot_notification_is_read() -> None:
    read = hubspot(
        "*First Name*: Jane",
        "*Last Name*: Doe",
        "*Company Name*: <http://acme.example|acme.example>",
        f"*Email*: {JANE}",
        "*Phone Number*: <tel:+15550100|+1 555-0100>",
        "*Job Title*: Head of R&amp;D",
        "*Original Source*: Webinar",
        "*HubSpot Score*: 82",
        "*Record ID*: 90125",
    )
    assert read == Lead(
        person="Jane Doe",
        company="acme.example",
        email="jane.doe@example.com",
        phone="+1 555-0100",
        title="Head of R&D",
        channel="Webinar",
        score=82,
        external_id="90125",
    )


def test_a_hubspot_notification_in_japanese_is_read() -> None:
    read = hubspot(
        "*姓*: 佐藤", "*名*: 葵", "*会社名*: 株式会社サンプル", f"*Eメール*: {AOI}", "*役職*: 部長", "*流入元*: 展示会"
    )
    assert (read.person, read.company, read.email) == ("佐藤 葵", "株式会社サンプル", "aoi.sato@example.co.jp")
    assert (read.title, read.channel) == ("部長", "展示会")


def test_an_empty_value_does_not_swallow_the_next_line() -> None:
    read = hubspot("*Company*: ", "*First Name*:", "*Last Name*: Doe", f"*Email*: {JANE}", "*Phone*:")
    assert (read.company, read.person, read.phone) == (None, "Doe", None)


def test_an_empty_value_does_not_swallow_a_line_of_prose() -> None:
    read = hubspot("*First Name*: Jane", "*Company*:", "This lead came from the spring campaign.")
    assert read.company is None


def test_the_last_field_may_run_over_several_lines() -> None:
    read = hubspot("*Company*: Acme", "*Message*: Hello,", "", "Budget: open", "Phone: later", "Regards")
    assert read.message == "Hello,\n\nBudget: open\nPhone: later\nRegards"
    assert read.phone is None
    assert read.attributes == {}


def test_a_link_below_the_fields_opens_the_record_and_is_not_part_of_the_message() -> None:
    url = "https://app.hubspot.com/contacts/1/contact/2"
    read = hubspot("*Company*: Acme", "*Message*: Hello", f"<{url}|View in HubSpot>")
    assert read.message == "Hello"
    assert str(read.crm_url) == url


def test_a_title_link_opens_the_record_and_a_label_in_the_title_is_read() -> None:
    read = hubspot("*Company*: Acme", title="New form submission: Contact us", title_link="https://crm.example.com/7")
    assert str(read.crm_url) == "https://crm.example.com/7"
    assert read.form == "Contact us"


def test_the_fallback_is_read_only_where_nothing_else_is() -> None:
    assert lead("", attachments=[{"fallback": "Company: Acme"}]).company == "Acme"
    assert hubspot("*Company*: Acme", fallback="Company: Other").attributes == {}


# --- Workflow text


def test_a_workflow_text_with_the_colon_inside_the_bold_is_read() -> None:
    read = lead(f"*Company:* Acme\n*Name:* Jane Doe\n*Email:* {JANE}\n*Lead score:* 82 / 100\n*Industry:* Software")
    assert (read.company, read.person, read.score) == ("Acme", "Jane Doe", 82)
    assert read.attributes == {"Industry": "Software"}


def test_a_japanese_workflow_text_is_read() -> None:
    read = lead(
        "🎉 新しいMQLです\n会社名：株式会社サンプル\nお名前（必須）：佐藤 葵 様\n"
        f"メールアドレス：{AOI}\nTEL：<tel:0300000000|03-0000-0000>\n部署：情報システム部\nリードスコア：82点\n"
        "キャンペーン名：秋のセミナー\nお問い合わせ内容：\n導入を検討しています。\n\n来週お話しできますか。"
    )
    assert read == Lead(
        company="株式会社サンプル",
        person="佐藤 葵",
        email="aoi.sato@example.co.jp",
        phone="03-0000-0000",
        score=82,
        campaign="秋のセミナー",
        message="導入を検討しています。\n\n来週お話しできますか。",
        attributes={"部署": "情報システム部"},
    )


def test_questions_of_a_workflow_form_stand_above_their_answers() -> None:
    read = lead("*会社名*\n株式会社サンプル\n*ご予算は？*\n100万円\n*氏名*\n佐藤 葵")
    assert (read.company, read.person, read.attributes) == ("株式会社サンプル", "佐藤 葵", {"ご予算は？": "100万円"})


@pytest.mark.parametrize(
    "text",
    [
        "■会社名\n株式会社サンプル\n■お名前\n佐藤 葵\n■ご質問\n・料金\n・納期",
        "【会社名】株式会社サンプル\n【お名前】佐藤 葵\n【ご質問】\n・料金\n・納期",
        "■会社名：株式会社サンプル\n■お名前：佐藤 葵\n■ご質問：・料金\n・納期",
        "*会社名：* 株式会社サンプル\n*お名前：* 佐藤 葵\n*ご質問：*\n・料金\n・納期",
        ":office: 会社名: 株式会社サンプル\n:bust_in_silhouette: 氏名: 佐藤 葵\n💬 質問: ・料金\n・納期",
        "&gt; 会社名 : 株式会社サンプル\n&gt; 氏名 : 佐藤 葵\nご質問 : ・料金\n・納期",
    ],
)
def test_japanese_ways_to_set_off_a_label_are_read(text: str) -> None:
    read = lead(text)
    assert (read.company, read.person, read.message) == ("株式会社サンプル", "佐藤 葵", "・料金\n・納期")


@pytest.mark.parametrize(
    "text",
    [
        "Company: Acme\nName: Jane Doe",
        "COMPANY：Acme\nＮＡＭＥ：Jane Doe",
        "*Company*: Acme\n*Name*: Jane Doe",
        "*Company: *Acme\n*Name : * Jane Doe",
        "*Company* Acme\n*Name* Jane Doe",
        "*Company: Acme*\n*Name: Jane Doe*",
        "**Company:** Acme\n**Name:** Jane Doe",
        "_Company:_ Acme\n_Name:_ Jane Doe",
        "🏢 *Company:* Acme\n:wave: *Name:* Jane Doe",
        "*🏢 Company:* Acme\n*👤 Name:* Jane Doe",
        "• Company: Acme\n• Name: Jane Doe",
        "1. Company: Acme\n2. Name: Jane Doe",
        "Company :: Acme\nName :: Jane Doe",
        "Company - Acme\nName - Jane Doe",
        "Company – Acme\nName – Jane Doe",
        "| Company | Acme |\n|---|---|\n| Name | Jane Doe |",
        "Company\tAcme\nName\tJane Doe",
        "*Company*:\nAcme\n*Name*:\nJane Doe",
        "Company:Acme\r\nName:Jane Doe".replace("\r", ""),
    ],
)
def test_ways_to_set_off_a_label_are_read(text: str) -> None:
    read = lead(text)
    assert (read.company, read.person, read.attributes) == ("Acme", "Jane Doe", {})


def test_a_dash_in_a_single_sentence_is_not_a_label() -> None:
    assert unreadable("Company - we need to talk").reason == "no_fields"


def test_a_form_mail_with_rules_and_mixed_labels_is_read() -> None:
    read = lead(
        "お問い合わせがありました。\n--------------------\n"
        "会社名　：　株式会社サンプル\n部署名　：　営業部\n氏名　　：　佐藤　葵\n"
        f"メール　：　{AOI}\n--------------------\n【お問い合わせ内容】\n資料をください。\n予算：未定\n---\n佐藤\n"
        "--------------------\n送信日時：2026/11/22 10:30"
    )
    assert read == Lead(
        company="株式会社サンプル",
        person="佐藤　葵",
        email="aoi.sato@example.co.jp",
        message="資料をください。\n予算：未定\n---\n佐藤",
        attributes={"部署名": "営業部", "送信日時": "2026/11/22 10:30"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "Company: Acme, Inc., Name: Jane Doe, Score: 82",
        "Company: Acme, Inc. | Name: Jane Doe | Score: 82",
        "```Company: Acme, Inc.\nName: Jane Doe\nScore: 82```",
        "会社名　Acme, Inc.\n氏名　Jane Doe\nスコア　82",
        ":fire: *Hot lead* :fire:\n&gt;*Company*: Acme, Inc.\n&gt;*Name*: Jane Doe\n&gt;*Score*: 82",
    ],
)
def test_fields_in_one_line_in_a_fence_in_columns_or_in_a_quote_are_read(text: str) -> None:
    assert lead(text) == Lead(company="Acme, Inc.", person="Jane Doe", score=82)


def test_a_bold_heading_with_a_colon_does_not_swallow_the_fields_below_it() -> None:
    read = lead("*New lead:* from the website\nName: Jane Doe\nCompany: Acme")
    assert read == Lead(person="Jane Doe", company="Acme", attributes={"New lead": "from the website"})


def test_a_message_keeps_its_commas() -> None:
    assert lead("Name: Jane\nMessage: call me, phone: later").message == "call me, phone: later"


def test_a_remark_behind_the_score_is_kept_beside_it() -> None:
    read = lead("Company: Acme\nScore: 82 (hot)")
    assert (read.score, read.attributes) == (82, {"Score": "82 (hot)"})


# --- Webhooks with blocks


def test_a_webhook_with_blocks_is_read() -> None:
    read = lead(
        "New MQL",
        blocks=[
            {"type": "header", "text": {"type": "plain_text", "text": "New MQL :tada:"}},
            section("*Name:*\nJane Doe", "*Company:*\nAcme &amp; Sons", f"*Email:*\n{JANE}", "*Phone:*\nNone"),
            section("*Score:*\n82 / 100", "*Source:*\nN/A", "*Industry:*\nSoftware"),
            {"type": "divider"},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Message:*\nWe need a demo.\nScore: 100"}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "*Campaign:* Autumn webinar"}]},
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "text": {"type": "plain_text", "text": "Mute"},
                        "url": "https://example.com/mute",
                    },
                    {
                        "type": "button",
                        "text": {"type": "plain_text", "text": "Open in CRM"},
                        "url": "https://crm.example.com/1",
                    },
                ],
            },
        ],
    )
    assert read.model_dump(mode="json", exclude_defaults=True) == {
        "person": "Jane Doe",
        "company": "Acme & Sons",
        "email": "jane.doe@example.com",
        "score": 82,
        "message": "We need a demo.\nScore: 100",
        "campaign": "Autumn webinar",
        "crm_url": "https://crm.example.com/1",
        "attributes": {"Industry": "Software"},
    }


@pytest.mark.parametrize(
    "nothing", ["None", "none", "N/A", "-", "—", "なし", "未入力", "（未入力）", " ", "{{contact.phone}}", "null"]
)
def test_words_for_no_value_are_read_as_absent(nothing: str) -> None:
    read = lead(blocks=[section("*会社名:*\n株式会社サンプル", f"*氏名:*\n{nothing}", f"*従業員数:*\n{nothing}")])
    assert (read.person, read.attributes) == (None, {})


def test_fields_that_are_labels_and_values_by_turns_are_read() -> None:
    assert lead(blocks=[section("*Company*", "Acme", "*Name*", "Jane Doe")]) == Lead(company="Acme", person="Jane Doe")


def test_a_field_of_two_plain_lines_is_label_and_value() -> None:
    assert lead(blocks=[section("会社名\n株式会社サンプル", "ご予算\n100万円")]).attributes == {"ご予算": "100万円"}


def test_rich_text_is_read() -> None:
    bold = {"bold": True}
    read = lead(
        "Company: Acme",
        blocks=[
            rich(
                {"type": "emoji", "name": "tada"},
                {"type": "text", "text": "New lead\n"},
                {"type": "text", "text": "Company:", "style": bold},
                {"type": "text", "text": " Acme <b> & Sons\n"},
                {"type": "text", "text": "Email: ", "style": bold},
                {"type": "link", "url": "mailto:jane.doe@example.com", "text": "jane.doe@example.com"},
                {"type": "text", "text": "\nRecord link: "},
                {"type": "link", "url": "https://crm.example.com/1|2", "text": "Jane"},
                {"type": "text", "text": "\nOwner: "},
                {"type": "user", "user_id": "U1"},
            )
        ],
    )
    assert (read.company, read.email) == ("Acme <b> & Sons", "jane.doe@example.com")
    assert str(read.crm_url) == "https://crm.example.com/1%7C2"
    assert read.attributes == {"Owner": "@U1"}


def test_a_rich_text_list_is_read_item_by_item() -> None:
    items = [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": t}]}
        for t in ("会社名：甲商事", "氏名：佐藤")
    ]
    read = lead(blocks=[{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": items}]}])
    assert (read.company, read.person) == ("甲商事", "佐藤")


@pytest.mark.parametrize(
    "rows",
    [
        [["Company", "Acme"], ["Name", "Jane Doe"], ["Seats", "20"]],
        [["Company", "Name", "Seats"], ["Acme", "Jane Doe", "20"]],
    ],
)
def test_a_table_is_read_by_columns_or_by_rows(rows: list[list[str]]) -> None:
    if len(rows) == 2:
        rows[0][2] = "Employees"
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows]}
    read = lead(blocks=[table])
    assert (read.company, read.person, list(read.attributes.values())) == ("Acme", "Jane Doe", ["20"])


def test_a_markdown_block_is_read() -> None:
    text = "**Company:** Acme\n**Record link:** [Open](https://crm.example.com/1)"
    assert str(lead(blocks=[{"type": "markdown", "text": text}]).crm_url) == "https://crm.example.com/1"


def test_text_that_stands_in_for_blocks_is_not_read_twice() -> None:
    read = lead("Company: Acme (new)", blocks=[section("*Company:*\nAcme")])
    assert (read.company, read.attributes) == ("Acme", {})


def test_blocks_that_hold_only_a_button_leave_the_text_to_be_read() -> None:
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "詳細を見る"},
        "url": "https://crm.example.com/1",
    }
    read = lead("会社名：株式会社サンプル", blocks=[{"type": "actions", "elements": [button]}])
    assert read.company == "株式会社サンプル"
    assert str(read.crm_url) == "https://crm.example.com/1"


def test_blocks_inside_an_attachment_are_read() -> None:
    assert lead("", attachments=[{"color": "#36a64f", "blocks": [section("*会社名*\n株式会社サンプル")]}]).company


def test_the_preview_of_a_linked_page_is_not_the_lead() -> None:
    preview = {"from_url": "https://example.com", "title": "Example", "text": "Company: Example Inc"}
    assert lead("Name: Jane Doe", attachments=[preview]) == Lead(person="Jane Doe")


# --- Form tools


@pytest.mark.parametrize(
    "name", [("姓", "佐藤", "名", "葵"), ("First name", "葵", "Last name", "佐藤"), ("名", "葵", "姓", "佐藤")]
)
def test_attachment_fields_are_read_and_japanese_names_begin_with_the_family(name: tuple[str, ...]) -> None:
    first, given, second, family = name
    fields = [
        {"title": first, "value": given},
        {"title": second, "value": family},
        {"title": "ご要望は？", "value": "デモ"},
    ]
    read = lead("", attachments=[{"pretext": "新しい回答", "fields": fields}])
    assert (read.person, read.attributes) == ("佐藤 葵", {"ご要望は？": "デモ"})


def test_western_names_under_english_labels_begin_with_the_first_name() -> None:
    assert lead("Last name: Doe\nFirst name: Jane").person == "Jane Doe"


def test_western_names_under_japanese_labels_keep_the_order_of_the_form() -> None:
    assert lead("姓：Doe\n名：Jane").person == "Doe Jane"


def test_the_value_of_an_attachment_field_is_never_searched_for_labels() -> None:
    fields = [
        {"title": "Company", "value": "Acme"},
        {"title": "Comments", "value": "*Score:* 99\nEmail: x@example.com"},
    ]
    read = lead("", attachments=[{"fields": fields}])
    assert (read.score, read.email, read.message) == (None, None, "*Score:* 99\nEmail: x@example.com")


def test_questions_and_answers_are_read() -> None:
    read = lead(f"Work email :: {JANE}\nHow many seats do you need? :: 20\nor 30\nWhat is: this? :: A test")
    assert read.email == "jane.doe@example.com"
    assert read.attributes == {"How many seats do you need?": "20\nor 30", "What is: this?": "A test"}


def test_prose_with_one_address_is_a_lead_with_the_prose_as_its_message() -> None:
    read = lead(f"{JANE} asked for the price list &amp; a demo.")
    assert read == Lead(email="jane.doe@example.com", message="jane.doe@example.com asked for the price list & a demo.")


def test_japanese_prose_with_one_bare_address_is_a_lead() -> None:
    assert lead("aoi.sato@example.co.jpさんから資料請求がありました。").email == "aoi.sato@example.co.jp"


def test_prose_with_two_addresses_is_nobodys_lead() -> None:
    assert unreadable(f"{JANE} and {AOI} asked.").reason == "several_emails"


def test_the_address_of_our_own_people_is_not_the_leads() -> None:
    assert lead("Company: Acme\nOwner: rep@example.com").email is None
    assert unreadable("Lead owner: rep@example.com\nScore: 82").reason == "nobody"


def test_the_address_beside_a_name_is_the_leads() -> None:
    read = lead(f"Company: Acme\nContact: Jane Doe ({JANE})")
    assert (read.person, read.email) == ("Jane Doe", "jane.doe@example.com")


def test_company_and_person_are_read_from_japanese_prose() -> None:
    read = lead(f"株式会社青葉の山本 花様からお問い合わせがありました。{AOI}")
    assert (read.company, read.person) == ("株式会社青葉", "山本 花")


@pytest.mark.parametrize("written", ["青葉工機 佐藤様", "株式会社青葉　佐藤", "佐藤（有限会社青葉）"])
def test_a_company_beside_the_name_is_the_company(written: str) -> None:
    read = lead(f"お名前：{written}\nメール：{AOI}")
    assert (read.company is not None, read.person) == (True, "佐藤")


def test_a_name_of_two_parts_is_no_company() -> None:
    assert lead("お名前：佐藤 葵様\n電話：03-0000-0000").company is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Company: Acme\n<https://app.hubspot.com/contacts/1/record/0-1/77|View in HubSpot>", "hubspot:77"),
        ("会社名：青葉\n<https://aoba.cybozu.com/k/12/show#record=34>", "kintone:12/34"),
        ("Company: Acme\nLead ID: 00Q5g00000ABCDE", "00Q5g00000ABCDEEA5"),
        ("Company: Acme\n<https://app.hubspot.com/contacts/1/deal/2|View in HubSpot>", None),
        ("Company: Acme\nRecord ID: 90125", "90125"),
    ],
)
def test_the_record_of_a_lead_has_one_id_by_whatever_door(text: str, known: str | None) -> None:
    assert lead(text).external_id == known


# --- Several leads


def test_several_leads_are_read_in_their_order_each_with_its_own_link() -> None:
    records = [f"https://app.hubspot.com/contacts/1/record/0-1/{number}" for number in (7, 8)]
    blocks = []
    for name, url in zip(("Ann", "Ben"), records, strict=True):
        blocks.append(section(f"*Name:*\n{name}", f"*Email:*\n{name}@x.example"))
        button = {"type": "button", "text": {"type": "plain_text", "text": "View"}, "url": url}
        blocks.append({"type": "actions", "elements": [button]})
    reading = notification.read({"blocks": blocks})
    assert isinstance(reading, list)
    assert [(each.person, str(each.crm_url)) for each in reading] == list(zip(("Ann", "Ben"), records, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "Name: Ann\nEmail: ann@x.example\nMessage: hi\nEmail: ben@x.example",
        "Email: ann@x.example\nName: Ann\nName: Ben\nEmail: ben@x.example",
    ],
)
def test_leads_that_cannot_be_told_apart_wait_for_a_person(text: str) -> None:
    assert unreadable(text).reason == "several_leads"


# --- Our own people


OURS = Ours.of(["佐藤 葵"], ["sato@ours.example"])


@pytest.mark.parametrize(
    ("text", "company", "person", "email"),
    [
        ("会社名：甲商事\n担当者：佐藤 葵", "甲商事", None, None),
        ("会社名：甲商事\n担当者：山本 花", "甲商事", "山本 花", None),
        ("会社名：甲商事\n氏名：佐藤葵\nメール：sato@ours.example", "甲商事", None, None),
        ("氏名：佐藤 葵\nメール：aoi@other.example", None, "佐藤 葵", "aoi@other.example"),
        ("会社名：甲商事\nsato@ours.example が hana@kou.example を登録", "甲商事", None, "hana@kou.example"),
    ],
)
def test_our_own_people_are_not_the_lead(text: str, company: str | None, person: str | None, email: str | None) -> None:
    reading = of_known_layout({"text": text}, OURS)
    assert isinstance(reading, list)
    assert [(each.company, each.person, each.email) for each in reading] == [(company, person, email)]


def test_a_message_with_nobody_but_us_says_so() -> None:
    assert notification.read({"text": "Email: SATO@ours.example"}, OURS) == Unreadable("ours_only", ("Email",))


# --- What does not fit is kept


def test_a_malformed_address_is_kept_under_its_label() -> None:
    read = lead("会社名：株式会社サンプル\nメールアドレス：aoi.sato@@example")
    assert (read.email, read.attributes) == (None, {"メールアドレス": "aoi.sato@@example"})


def test_a_malformed_score_or_link_is_kept_under_its_label() -> None:
    read = lead("Company: Acme\nScore: high\nRecord link: see CRM\nLead score: -5")
    assert read.attributes == {"Score": "high", "Record link": "see CRM", "Lead score": "-5"}


def test_a_score_beyond_the_limit_is_kept_under_its_label() -> None:
    assert lead("Company: Acme\nScore: 99999999").attributes == {"Score": "99999999"}


def test_a_long_value_is_cut_and_kept_whole_beside() -> None:
    read = lead(f"Company: {'A' * 300}")
    assert read.company == "A" * 199 + "…"
    assert read.attributes == {"Company": "A" * 300}


def test_a_long_message_is_cut_and_its_rest_is_kept_beside() -> None:
    read = lead(f"Company: Acme\nMessage: {'あ' * 6000}")
    assert read.message == "あ" * 4999 + "…"
    assert read.attributes == {"Message": "…" + "あ" * 1001}


def test_a_second_value_is_kept_under_its_label() -> None:
    read = lead("Company: Acme\nSource: Webinar\nLead source: Ads\nCompany: Acme\nSource: Fair")
    assert read.channel == "Webinar"
    assert read.attributes == {"Lead source": "Ads", "Source": "Fair"}


def test_a_repeated_first_name_is_kept_only_if_it_differs() -> None:
    read = lead("First name: Jane\nLast name: Doe\nFirst name: Jane\nFirst name: Janet")
    assert (read.person, read.attributes) == ("Jane Doe", {"First name": "Janet"})


def test_equal_labels_do_not_overwrite_each_other() -> None:
    assert lead("Company: Acme\nSeats: 1\nSeats: 2").attributes == {"Seats": "1", "Seats (2)": "2"}


def test_unknown_labels_are_bounded_and_what_was_put_aside_goes_first() -> None:
    many = "\n".join(f"Label {'abcdefgh'[n % 8] * (n + 1)}: {n}" for n in range(44))
    read = lead("Company: Acme\n" + many + "\n" + many.replace("Label", "Sort") + "\nEmail: broken")
    assert len(read.attributes) == 50
    assert next(iter(read.attributes)) == "Email"


# --- No lead


@pytest.mark.parametrize(
    ("message", "reason", "labels"),
    [
        ({}, "empty", ()),
        ({"text": ""}, "empty", ()),
        ({"text": " \n\u3000"}, "empty", ()),
        ({"text": "Good morning, everyone!"}, "no_fields", ()),
        ({"text": "おはようございます。"}, "no_fields", ()),
        ({"text": "Deploy: done"}, "no_fields", ("Deploy",)),
        ({"text": "Score: 82\nSource: Webinar"}, "nobody", ("Score", "Source")),
        ({"text": "Company: None\nName: -\nEmail:"}, "nobody", ("Company", "Name", "Email")),
        ({"text": "Email: jane@@example\nScore: 82"}, "bad_value", ("Email", "Score")),
        ({"text": 1, "blocks": "x", "attachments": {"a": 1}}, "empty", ()),
    ],
)
def test_a_message_without_a_lead_says_why(message: dict[str, object], reason: str, labels: tuple[str, ...]) -> None:
    assert notification.read(message) == Unreadable(reason, labels)  # type: ignore[arg-type]
