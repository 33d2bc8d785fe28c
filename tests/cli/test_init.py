"""`mql-bot init`: from nothing to a team file that `config check` and `config apply` take as it is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.teamfile import current
from bot.i18n import Translator
from bot.slack import setup_channels
from bot.slack.web_api.gateway import Denied, Gateway
from playground import Playground
from playground.faults import Fault
from playground.methods import conversations
from storage.database import Database
from storage.vocabulary import Locale, Role
from tests.cli.kit import cli
from tests.installation import MANIFEST, Access
from tests.patience import unhurried
from tests.scenarios.newcomers import office
from tests.thorough import thoroughly


@pytest.fixture
def t(language: str) -> Translator:
    return Translator(Locale(language), "UTC")


@pytest.fixture
def new_slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    """A workspace without a channel for the bot."""
    with unhurried(Playground(MANIFEST, office(Locale.JA))) as playground:
        playground.admin.add_channel("sales", ("sato", "suzuki"), bot=False)
        for name, value in Access.of(playground).environment().items():
            monkeypatch.setenv(name, value)
        yield playground


def test_questions_end_in_a_file_that_is_applied_as_it_is(t: Translator, new_slack: Playground) -> None:
    nobody = "nobody@sample.example"
    people = [nobody, "#sales", "tanaka@sample.example", "", "", "kim@sample.example"]
    answers = ["ja", "", "", *people, "", "", "", "hot"]
    done = cli("init", answer="\n".join([*answers, "JP", "new_year,obon", ""]))
    assert done.exit_code == 0, done.output
    assert t("init.no_such_address", given=nobody) in done.stderr
    text = Path("team.toml").read_text(encoding="utf-8")
    assert 'mql = "#mql"' in text
    assert 'email = "sato@sample.example"' in text
    assert f"# {Translator(Locale.JA, 'UTC')('init.comment.members')}" in text
    everybody = {new_slack.user(name).id for name in ("sato", "suzuki", "tanaka", "kim")}
    assert set(new_slack.workspace.conversation("mql").members) == {new_slack.bot_user_id, *everybody}
    assert t("init.invited", name="mql", count=4) in done.output

    checked = cli("config", "check", "team.toml")
    assert checked.exit_code == 0, checked.output
    applied = cli("config", "apply", "team.toml", "--yes")
    assert applied.exit_code == 0, applied.output
    database = Database("sqlite:///data/mql-bot.db")
    with database.snapshot() as tx:
        team = current(tx, new_slack.team_id)
    database.close()
    assert team is not None
    assert [tier.response_hours for tier in team.policy.tiers] == [1]
    assert [closure.each_year for closure in team.policy.calendar.closures] == [True, True]
    assert {person.name for person in team.members if Role.REP in person.roles} == {"佐藤 葵", "鈴木 蓮"}


def test_every_answer_can_be_an_option(t: Translator, new_slack: Playground) -> None:
    new_slack.workspace.person("suzuki").email = ""
    options = ["--from-channel", "#sales", "--manager", "tanaka@sample.example", "--policy", "hours", "--yes"]
    places = ["--mql-channel", "#leads", "--managers-channel", "sales", "--language", "en", "--holidays", "none"]
    done = cli("init", "--file", "other.toml", *options, *places, "--name", "Minato", "--timezone", "Asia/Tokyo")
    assert done.exit_code == 0, done.output
    text = Path("other.toml").read_text(encoding="utf-8")
    assert f'user = "{new_slack.user("suzuki").id}"' in text
    assert 'to = "#sales"' in text
    assert cli("config", "apply", "other.toml", "--dry-run").exit_code == 0


@pytest.mark.parametrize("rep", [False, True])
def test_a_manager_in_the_reps_channel_is_no_rep_unless_named_as_one(new_slack: Playground, *, rep: bool) -> None:
    named = ["--rep", "suzuki@sample.example"] if rep else []
    done = cli("init", "--yes", "--from-channel", "#sales", *named, "--manager", "suzuki@sample.example")
    assert done.exit_code == 0, done.output
    members = tomllib.loads(Path("team.toml").read_text(encoding="utf-8"))["members"]
    roles = {member["email"]: member["roles"] for member in members}
    assert roles["sato@sample.example"] == ["rep"]
    assert roles["suzuki@sample.example"] == [*(["rep"] if rep else []), "manager", "admin"]


def test_a_channel_of_reps_may_be_named_without_the_sign_that_a_shell_takes_for_a_comment(
    new_slack: Playground,
) -> None:
    done = cli("init", "--yes", "--from-channel", "sales", "--manager", "tanaka@sample.example")
    assert done.exit_code == 0, done.output
    assert 'email = "sato@sample.example"' in Path("team.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["ura_max_channels", "cant_invite"])
def test_whoever_slack_lets_into_no_channel_is_named_with_the_reason(
    t: Translator, new_slack: Playground, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    guest = new_slack.user("suzuki")
    usual = conversations.why_not_invited
    monkeypatch.setattr(conversations, "why_not_invited", lambda *of: code if of[-1] == guest.id else usual(*of))
    done = cli("init", "--yes", "--from-channel", "#sales", "--manager", "tanaka@sample.example")
    assert done.exit_code == 0, done.output
    known = t(f"init.not_invited.{code}") if code == "ura_max_channels" else t("init.not_invited.otherwise", code=code)
    who = t("init.refused", name=guest.real_name, reason=known)
    assert t("init.not_invited", name="mql", names=who) in done.stderr.splitlines()
    assert t("init.invited", name="mql", count=2) in done.output
    assert guest.id not in new_slack.workspace.conversation("mql").members


@pytest.mark.parametrize("fault", thoroughly(Fault, but=[Fault.ERROR_500, Fault.LOSE_ANSWER, Fault.RATE_LIMIT]))
def test_whatever_slack_answers_to_an_invitation_who_is_in_is_told_and_the_file_is_written(
    t: Translator, new_slack: Playground, fault: Fault
) -> None:
    new_slack.faults.add("conversations.invite", fault, times=1, seconds=0.1)
    done = cli("init", "--yes", "--from-channel", "#sales", "--manager", "tanaka@sample.example")
    assert done.exit_code == 0, done.output
    assert Path("team.toml").exists()
    assert len(new_slack.workspace.conversation("mql").members) == 1 + 3
    assert t("init.invited", name="mql", count=3) in done.output
    assert new_slack.user("sato").real_name not in done.stderr


def test_a_slack_that_takes_no_invitation_costs_no_file(t: Translator, new_slack: Playground) -> None:
    new_slack.faults.add("conversations.invite", Fault.ERROR_500)
    done = cli("init", "--yes", "--from-channel", "#sales", "--manager", "tanaka@sample.example")
    assert done.exit_code == 0, done.output
    assert Path("team.toml").exists()
    assert t("init.invited", name="mql", count=3) not in done.output
    assert new_slack.user("sato").real_name in done.stderr


def test_where_slack_does_not_say_who_is_in_a_channel_everybody_counts_as_refused(
    new_slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pages(_: Gateway, method: str, items: str, **args: object) -> None:
        raise Denied(method, "missing_scope")

    gateway, sato = Gateway(new_slack.bot_token, new_slack.api_url), new_slack.user("sato").id
    channel = setup_channels.make(gateway, "mql", str(gateway.call("auth.test")["user_id"]))
    monkeypatch.setattr(Gateway, "pages", pages)
    assert setup_channels.invite(gateway, channel, [sato]) == {sato: "missing_scope"}


def test_no_channel_is_made_for_a_team_that_cannot_be_written(new_slack: Playground) -> None:
    done = cli("init", "--yes", "--from-channel", "#sales", "--manager", "nobody@sample.example")
    assert done.exit_code == 2, done.output
    with pytest.raises(LookupError):
        new_slack.workspace.conversation("mql")


def test_a_file_that_is_there_stays_unless_somebody_says_otherwise(t: Translator) -> None:
    Path("team.toml").write_text("mine", encoding="utf-8")
    options = ["--name", "A", "--rep", "佐藤 <sato@a.example>", "--manager", "m@a.example", "--yes"]
    refused = cli("init", *options)
    assert (refused.exit_code, t("init.kept", file="team.toml") in refused.stderr) == (2, True)
    asked = cli("init", answer="n\n")
    assert (asked.exit_code, Path("team.toml").read_text(encoding="utf-8")) == (2, "mine")
    done = cli("init", *options, "--overwrite")
    assert done.exit_code == 0, done.output
    assert t("init.without_slack") in done.output
    assert 'name = "佐藤"' in Path("team.toml").read_text(encoding="utf-8")
    assert cli("config", "check", "team.toml").exit_code == 0


def test_nothing_is_written_where_an_answer_is_missing(t: Translator) -> None:
    for answer, options, key in [
        ("", [], "init.nobody_answers"),
        (None, ["--yes", "--name", "A", "--rep", "a@a.example"], None),
        (None, ["--yes", "--name", "A", "--rep", "#sales"], "init.needs_token"),
    ]:
        done = cli("init", *options, answer=answer)
        assert done.exit_code == 2, done.output
        manager = t("init.missing", question=t("init.ask.people.manager"), option="--manager")
        assert (t(key, given="#sales") if key else manager) in done.stderr
        assert not Path("team.toml").exists()
