from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli.sample.team import sample_team
from bot.cli.teamfile import config
from bot.core.base.wall_clock import utcnow
from bot.core.teamfile import current, parse
from playground import SAMPLE_TEAM, Playground
from storage import workspaces
from storage.database import Database
from tests.cli.kit import agree, cli

TEAM = SAMPLE_TEAM.id


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def test_the_sample_team_is_the_team_of_the_playground() -> None:
    team = parse(sample_team(), None)
    assert team.workspace_id == TEAM
    assert {(member.user_id, member.name) for member in team.members} == {
        (person.id, person.real_name) for person in SAMPLE_TEAM.people
    }
    assert {team.mql_channel, team.intake_channel} <= {channel.id for channel in SAMPLE_TEAM.channels}


def test_apply_shows_the_difference_asks_and_writes(team_file: Path) -> None:
    done = cli("config", "apply", str(team_file), answer="y\n")
    assert done.exit_code == 0, done.output
    assert "+ 佐藤 葵(営業担当)" in done.output
    again = cli("config", "apply", str(team_file))
    assert again.exit_code == 0
    assert "変更はありません" in again.output


def test_the_preview_tells_of_quiet_hours_and_of_holidays_that_are_left_open(team_file: Path) -> None:
    output = cli("config", "apply", str(team_file), "--yes").output
    assert "quiet = false" in output
    assert 'holidays = "JP" では、次の日が営業日のままです' in output
    assert "(bank)" in output
    # They were chosen knowingly: another change is not the moment to say it again.
    team_file.write_text(sample_team().replace("response_hours = 24", "response_hours = 20"), encoding="utf-8")
    output = cli("config", "apply", str(team_file), "--yes").output
    assert "初回対応の期限(response_hours) 24時間 → 20時間" in output
    assert "quiet = false" not in output
    assert "(bank)" not in output


@pytest.mark.parametrize(
    ("arguments", "answer", "code"), [((), "n\n", 0), (("--dry-run",), None, 0), ((), "", 2), (("--yes",), None, 0)]
)
def test_nothing_is_written_without_a_yes(
    team_file: Path, arguments: tuple[str, ...], answer: str | None, code: int
) -> None:
    done = cli("config", "apply", str(team_file), *arguments, answer=answer)
    assert done.exit_code == code, done.output
    database = Database("sqlite:///data/mql-bot.db")
    with database.snapshot() as tx:
        assert (current(tx, TEAM) is not None) == (arguments == ("--yes",))
    database.close()


def test_a_bad_file_is_refused_whole_in_the_language_it_asks_for(team_file: Path) -> None:
    agree(team_file)
    text = sample_team().replace('"monday"', '"mondy"').replace("response_hours = 24", "respons_hours = 24")
    team_file.write_text(text.replace("Sample Inc.", "Other Inc."), encoding="utf-8")
    done = cli("config", "apply", str(team_file), "--yes")
    assert done.exit_code == 1
    head, first, second = done.stderr.splitlines()
    assert "2件" in head
    assert f"{line_of(text, 'mondy')}行目 曜日(digest.weekday)" in first
    assert f"{line_of(text, 'respons_hours')}行目 policy.respons_hours" in second
    assert 'name = "Sample Inc."' in cli("config", "export").stdout


def test_a_file_that_is_missing_or_not_utf8_is_named(team_file: Path) -> None:
    missing = cli("config", "apply", "nowhere.toml")
    assert missing.exit_code == 2
    assert "nowhere.toml" in missing.stderr
    team_file.write_bytes(sample_team().encode("cp932", errors="replace"))
    refused = cli("config", "apply", str(team_file))
    assert refused.exit_code == 1
    assert "UTF-8" in refused.stderr


def test_a_file_as_an_editor_of_windows_saves_it_is_read_and_its_curly_quotes_are_named(team_file: Path) -> None:
    team_file.write_bytes(sample_team().replace("\n", "\r\n").encode("utf-8-sig"))
    assert cli("config", "apply", str(team_file), "--yes").exit_code == 0
    team_file.write_text(sample_team().replace('"C0MQL00001"', "“C0MQL00001”"), encoding="utf-8")
    refused = cli("config", "apply", str(team_file))
    line = sample_team().split('"C0MQL00001"')[0].count("\n") + 1
    assert refused.exit_code == 1
    assert re.search(rf"\b{line}\b", refused.stderr), refused.stderr


def test_a_name_that_a_channel_had_before_is_refused_and_the_settings_stay(team_file: Path, slack: Playground) -> None:
    agree(team_file)
    before = cli("config", "export").stdout
    with slack.workspace.change():
        slack.workspace.channels["C0MQL00001"].name = "leads"
    team_file.write_text(sample_team().replace("C0MQL00001", "#mql"), encoding="utf-8")
    refused = cli("config", "apply", str(team_file), "--yes")
    assert refused.exit_code == 1
    assert "#mql" in refused.stderr
    assert cli("config", "export").stdout == before


def test_what_is_exported_applies_back_without_a_difference(team_file: Path, tmp_path: Path) -> None:
    agree(team_file)
    exported = cli("config", "export").stdout
    team_file.write_text(exported, encoding="utf-8")
    assert "変更はありません" in cli("config", "apply", str(team_file)).output
    assert cli("config", "export").stdout == exported


def test_names_and_addresses_are_looked_up_where_there_is_a_token(team_file: Path, slack: Playground) -> None:
    text = sample_team().replace('user = "U0SATO0001"', 'email = "sato@sample.example"').replace("C0MQL00001", "#mql")
    team_file.write_text(text, encoding="utf-8")
    done = cli("config", "apply", str(team_file), "--yes")
    assert done.exit_code == 0, done.output
    exported = cli("config", "export").stdout
    assert 'user = "U0SATO0001"' in exported
    assert 'mql = "C0MQL00001"' in exported


def test_settings_that_somebody_saved_meanwhile_are_not_overwritten(
    team_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("config", "apply", str(team_file), "--yes").exit_code == 0
    team_file.write_text(sample_team().replace("response_hours = 24", "response_hours = 20"), encoding="utf-8")

    def saves_meanwhile(*_: object) -> bool:
        with Database("sqlite:///data/mql-bot.db").transaction() as tx:
            workspaces.save(tx, TEAM, utcnow(), settings_version=2, settings_by="U0KIM00001", settings_at=utcnow())
        return True

    monkeypatch.setattr(config, "confirmed", saves_meanwhile)
    refused = cli("config", "apply", str(team_file))
    assert refused.exit_code == 1
    assert next(person.real_name for person in SAMPLE_TEAM.people if person.id == "U0KIM00001") in refused.stderr
    with Database("sqlite:///data/mql-bot.db").snapshot() as tx:
        team = current(tx, TEAM)
    assert team is not None
    assert team.policy.response_hours == 24
