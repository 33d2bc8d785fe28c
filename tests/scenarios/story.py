"""One long story in which everything happens that the bot knows of: for tests that need a database as it is after
some weeks, and a team that can go on from there."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.connectors.sources import rereading
from bot.core.messages import limits
from bot.core.mql import policy_migration
from bot.core.review import meeting
from bot.core.sla.policy import QuietHours
from storage import deliveries, sources, workspaces
from storage.vocabulary import MessageKind, SourceKind
from tests.scenarios.stage import Team, ja
from tests.scenarios.test_intake import HUBSPOT
from tests.tools import Tool, call

NIGHT = QuietHours(start="20:00", end="08:00")
PEOPLE = ("sato", "suzuki", "brown", "tanaka", "yamada", "ito", "kim")
SLACKS_OWN = re.compile(r"p?[0-9]{10}[.]?[0-9]{6}|\b[0-9a-f]{8,}\b")
ODD = "💌 Zeile 1\nZeile 2 <!channel> & 'quoted' \"twice\" \\ \u202e end\u2028"


def live(team: Team) -> None:
    """A Tuesday, and on to the Wednesday of the week after the next."""
    team.may_break = ("the app is not a member",)
    a_tool_wants_to_know(team)
    leads_come_in(team)
    reps_answer(team)
    nobody_is_there(team)
    leaders_step_in(team)
    a_channel_is_lost(team)
    everybody_looks(team)
    leaders_plan(team)
    they_define_an_mql(team)
    they_meet(team)
    they_want_less(team)
    weeks_pass(team)
    tools_send(team)
    a_deal_is_won(team)


def a_tool_wants_to_know(team: Team) -> None:
    """It gets no answer to that as long as nobody sets a secret."""
    with team.database.transaction() as tx:
        workspaces.save(tx, team.id, team.time.now(), webhook_url="https://sfa.example/hooks/mql")


def leads_come_in(team: Team) -> None:
    attributes = {"employees": 300, "big": 2**60, "ratio": 0.1, "tags": ["a", "😀"], "none": None, "yes": True}
    acme = {"person": "花子", "email": "hana@acme.example", "external_id": "42", "score": 82, "attributes": attributes}
    team.receives("Alpha", **acme, score_reason="3 pages", crm_url="https://crm.example/42")
    team.receives("Beta", message=ODD * 5, phone="+81 3 0000 0000", channel="ウェビナー", title="部長")
    for _ in range(2):
        team.posts_webhook({"company": "Gamma", "campaign": "spring", "form": "contact"}, id="msg_twice")
    team.receives("Alpha", external_id="42", message="まだですか")
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    for text in ("Please have a look", "New lead!", "Another one"):
        team.app("HubSpot").posts("mql-intake", text=text)
    first, second, _ = [
        message for message in team.channel("mql-intake").messages if ja("button.enter") in message.buttons
    ]
    ito = team.user("ito")
    ito.press(ja("button.not_mql"), in_=first)
    ito.press(ja("button.enter"), in_=second)
    fill(ito, {"company": "Delta", "email": "delta@example.com"})
    ito.types("/mql new", channel="marketing")
    fill(ito, {"company": "Epsilon"})
    team.app("自社フォーム").posts("mql-intake", text="申込番号: 5\nメモ欄: 至急")
    ito.press(ja("button.teach"))
    fill(ito, {"label_field:申込番号": "external_id"})
    ito.press(ja("button.not_mql"))
    team.app("自社フォーム").posts("mql-intake", text="*Deal won!*\n*Amount:* $5,000")
    ito.press(ja("button.never_app"))


def tools_send(team: Team) -> None:
    """One by its secret address, of whose deliveries one waits until somebody says what is what; and one that signs."""
    assert team.bot is not None
    web = Tool(team.database, team.id, team.bot.address)
    hana = {"会社名": "Alpha", "メールアドレス": "hana@acme.example", "備考": ODD}
    assert web.sends([hana, {"f1": "Theta"}]).json == {"results": ["joined", "waits"]}
    assert web.sends(b"{").status == 400
    assert call(web.address + "/hooks/web/nobody", b"{}").status == 401
    with team.database.transaction() as tx:
        (source,) = sources.every(tx, team.id)
        version = sources.add_mapping(tx, team.id, source.id, {"f1": "company"}, "U0ITO00001", team.time.now())
    with team.database.transaction() as tx:
        for delivery_id in deliveries.to_read_again(tx, team.id, source.id):
            rereading.read_again(tx, source, delivery_id, {"f1": "company"}, version, None, team.time.now())
    form = Tool(team.database, team.id, team.bot.address, SourceKind.TYPEFORM, name="form")
    assert call(form.address + form.path, b"{}").status == 401
    team.settle()


def reps_answer(team: Team) -> None:
    team.advance(hours=1)
    press(team, "sato", "button.accept", "Alpha")
    press(team, "sato", "button.contacted", "Alpha")
    press(team, "sato", "button.how", "Alpha")
    fill(team.user("sato"), {"contact_kind": "call", "contact_note": ODD})
    assert team.reports_activity("meeting", external_id="42", actor=team.slack.user("sato").id).status == 202
    assert team.reports_activity("email", email="nobody@example.com").status == 404
    reports(team, "sato", 1, {"disposition": "qualified"}, {"amount": "5000000000", "next_step": "見積 📄"})
    reports(team, "sato", 1, {"disposition": "recycled"}, {"recycle_on": "2027-04-01", "comment": "来期"})
    reports(team, "sato", 1, {"disposition": "qualified"}, {"amount": "4900000000"})
    press(team, "suzuki", "button.decline", "Beta")
    fill(team.user("suzuki"), {"why_not": "既存のお客様です"})
    reports(team, "brown", 3, {"disposition": "disqualified"}, {"lost_reason": "other", "comment": ODD})
    press(team, "ito", "button.dispute", "Brown")  # who is named in the thread
    fill(team.user("ito"), {"why_dispute": ODD})
    press(team, "suzuki", "button.accept", "Epsilon")  # not theirs
    press(team, "brown", "button.accept", "Epsilon")
    press(team, "sato", "button.pause", "Beta")
    fill(team.user("sato"), {"pause_until": "2026-11-20", "why_pause": "お客様のご希望日"})
    team.advance(hours=5)
    press(team, "sato", "button.resume", "Beta")


def nobody_is_there(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.user(name).types("/mql away 12/1まで", channel="sales")
    team.receives("Zeta")
    team.user("brown").types("/mql calendar", channel="sales")
    fill(team.user("brown"), {"calendar_address": "https://calendar.example.com/brown.ics"})
    team.user("sato").types("/mql back", channel="sales")
    team.user("suzuki").types("/mql back", channel="sales")


def leaders_step_in(team: Team) -> None:
    team.agrees(quiet=NIGHT, response_hours=20)
    with team.database.transaction() as tx:
        known = workspaces.locked(tx, team.id)
        assert known is not None
        policy_migration.apply_to_all(tx, known, team.time.now())
    team.receives("Eta")
    team.receives("Theta")
    press(team, "tanaka", "button.reassign", "Delta")
    fill(team.user("tanaka"), {"new_owner": team.slack.user("brown").id, "comment": "業界に詳しいため"})
    team.advance(hours=24)
    press(team, "tanaka", "button.remind", "Jane Doe", where="dm")
    press(team, "tanaka", "button.take_over", "Delta", where="dm")
    team.advance(hours=26)


def a_channel_is_lost(team: Team) -> None:
    team.slack.admin.remove_bot("mql")
    team.receives("Iota")
    team.slack.admin.invite_bot("mql")
    team.slack.admin.deactivate("brown")
    team.advance(hours=13)
    team.catch_up()


def everybody_looks(team: Team) -> None:
    for name in ("sato", "suzuki", "tanaka", "yamada", "ito", "kim"):
        person = team.user(name)
        person.opens_home()
        for line in ("/mql list", "/mql report", "/mql help", "/mql show 999"):
            person.types(line, channel="mql")
        for line in ("/mql show 1", "/mql-feedback"):
            person.types(line, channel="mql")
            if person.modal is not None:
                person.modal.close()
    press(team, "sato", "button.why", "Theta")
    team.user("sato").modal.close()


def leaders_plan(team: Team) -> None:
    tanaka = team.user("tanaka")
    tanaka.types("/mql kpi", channel="sales")
    fill(tanaka, {"revenue": "1億", "deal": "500万", "first_month": "2026-12", "win_rate": "20"})
    tanaka.types("/mql kpi", channel="sales")
    fill(tanaka)
    team.user("sato").types("/mql kpi", channel="sales")
    kim = team.user("kim")
    kim.types("/mql checkup", channel="sales")
    fill(kim, {label: "一部できている" for label in kim.modal.labels})


def they_define_an_mql(team: Team) -> None:
    ito, tanaka = team.user("ito"), team.user("tanaka")
    for text, threshold in (("資料請求のあった企業 💌", "50"), (ODD, "")):
        ito.types("/mql definition", channel="marketing")
        ito.modal.submit()
        fill(ito, {"definition_text": text, "definition_threshold": threshold, "definition_why": ODD})
        tanaka.press(ja("button.definition_agree"), in_=team.dm("tanaka"))
    ito.types("/mql definition", channel="marketing")
    ito.modal.submit()
    fill(ito, {"definition_threshold": "55", "definition_why": "Third time"})


def they_meet(team: Team) -> None:
    team.slack.admin.invite_bot("marketing")
    with team.database.transaction() as tx:
        where = {"meeting_channel": team.slack.channel("marketing").id}
        workspaces.save(tx, team.id, team.time.now(), meeting_weekday=2, meeting_time="10:00", **where)
        workspace = workspaces.locked(tx, team.id)
        assert workspace is not None
        meeting.AGENDA.schedule(tx, workspace, team.time.now())
    ito = team.user("ito")
    ito.types("/mql meeting", channel="sales")
    sato = team.slack.user("sato").id
    for what, until in (("資料を送る", "2026-11-27"), ('💌 <!channel> & "twice"', "2026-12-20")):
        ito.modal.submit()
        ito.modal.fill({"action_what": what, "action_owner": sato, "action_until": until})
        assert ito.modal.submit().errors == {}
    for act in ("button.action_done", "button.action_reopen", "button.action_done", "button.action_change"):
        ito.modal.press(ja(act))
    ito.modal.fill({"action_owner": team.slack.user("suzuki").id, "action_until": "2026-12-24"})
    assert ito.modal.submit().errors == {}
    ito.modal.press(ja("button.meeting_held"))
    ito.modal.close()


def they_want_less(team: Team) -> None:
    kim = team.slack.user("kim").id
    with team.database.transaction() as tx:
        for muted in (True, False):
            limits.set_muted(tx, team.id, MessageKind.FEEDBACK_REMINDER, kim, team.time.now(), muted=muted)


def weeks_pass(team: Team) -> None:
    team.at(weekday=0, hour=9)
    press(team, "sato", "button.accept", "Theta")
    team.at(weekday=0, hour=9)
    team.at(weekday=2, hour=15)


def a_deal_is_won(team: Team) -> None:
    won = {"number": 1, "outcome": "won", "on": "2026-11-20", "amount": 4_800_000}
    assert team.posts_webhook(won, path="/webhooks/deal").status == 202


def transcript(team: Team) -> dict[str, list[str]]:
    """All that people have read: messages by conversation, forms and Home tabs, answers to commands. Without what
    differs between two tellings: the order of different conversations, and Slack's own ids."""
    places = [team.channel(name) for name in ("mql", "mql-intake", "sales", "marketing")]
    texts = {place.id: [f"{m.author} {m.ephemeral_for}: {m.text}" for m in place.messages] for place in places}
    for name in PEOPLE:
        texts[name] = [f"{m.author}: {m.text}" for m in team.dm(name).messages]
    calls = [call for kind in ("open", "update", "publish") for call in team.slack.log.calls(f"views.{kind}")]
    texts["views"] = sorted(json.dumps(call.request.get("view"), sort_keys=True) for call in calls)
    commands = [entry for entry in team.slack.log if entry.direction == "to_bot" and entry.method.startswith("/mql")]
    texts["commands"] = [json.dumps(command.answer, sort_keys=True) for command in commands]
    return {place: [SLACKS_OWN.sub("…", line) for line in lines] for place, lines in texts.items()}


def press(team: Team, who: str, button: str, company: str, where: str = "mql") -> None:
    """Press a button of the newest message about a company that has it."""
    seen = team.dm(who) if where == "dm" else team.slack.user(who).sees(where)
    shown = [message for message in seen.messages if not message.ephemeral_for]
    about = [message for message in shown if company in message.text and ja(button) in message.buttons]
    team.user(who).press(ja(button), in_=about[-1])


def reports(team: Team, who: str, number: int, *pages: dict[str, str]) -> None:
    """Say what became of an MQL."""
    team.accepts(number)
    team.user(who).types(f"/mql-feedback {number}", channel="sales")
    fill(team.user(who), *pages)


def fill(person: Any, *pages: dict[str, str]) -> None:
    """Fill the open form, page by page, and send it; what it shows in its place is read and closed."""
    for page in pages:
        person.modal.fill(page)
    done = person.modal.submit()
    assert done.errors == {}
    if person.modal is not None:
        person.modal.close()
