from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.kit import cli

TEAM = """
[workspace]
name = "Sample Inc."
locale = "{locale}"
timezone = "Asia/Tokyo"
[channels]
mql = "#mql"
[[policy.escalations]]
after_hours = 24
to = "@sales-leads"
[[members]]
email = "Sato@example.com"
name = "佐藤 葵"
roles = ["rep"]
manager = "tanaka@example.com"
[[members]]
{manager}
name = "田中 美咲"
roles = ["manager"]
"""


def checked(folder: Path, text: str) -> tuple[int, str]:
    file = folder / "team.toml"
    file.write_text(text, encoding="utf-8")
    done = cli("config", "check", str(file))
    assert {path.name for path in folder.iterdir()} == {"team.toml"}  # no database was made
    return done.exit_code, done.output


def test_a_file_without_a_mistake_is_called_good_and_what_only_slack_knows_is_named(tmp_path: Path) -> None:
    code, output = checked(tmp_path, TEAM.format(locale="ja", manager='email = "tanaka@example.com"'))
    assert code == 0, output
    assert "誤りはありません" in output
    assert "アカウントがあり、有効か: sato@example.com、tanaka@example.com" in output
    assert "参加しているか: #mql" in output
    assert "ユーザーグループがあるか: @sales-leads" in output
    assert "トークン" not in output  # the file names no workspace


def test_a_mistake_is_named_with_its_line_as_if_it_were_applied(tmp_path: Path) -> None:
    text = TEAM.format(locale="en", manager='email = "tanaka@example.com"').replace('["manager"]', '["marketer"]')
    code, output = checked(tmp_path, text + '[webhook]\nurl = "http://crm.example.com/"\n')
    assert code == 1
    line = text.splitlines().index('manager = "tanaka@example.com"') + 1
    assert f"line {line}, Manager (members[1].manager)" in output
    code, output = checked(tmp_path, text.replace('"marketer"', '"manager"') + '[webhook]\nurl = "http://10.0.0.1/"\n')
    assert (code, "webhook.url" in output) == (1, True)


@pytest.mark.parametrize(("manager", "certain"), [('user = "U0TANAKA01"', False), ('email = "t@example.com"', True)])
def test_whether_an_address_is_one_of_the_ids_is_left_to_slack(tmp_path: Path, manager: str, certain: bool) -> None:
    code, output = checked(tmp_path, TEAM.format(locale="en", manager=manager))
    assert code == certain, output
    assert "tanaka@example.com" in output


def test_a_pool_by_a_user_group_is_good_without_asking_who_is_in_it(tmp_path: Path) -> None:
    pool = '[[pools]]\nname = "East"\nmembers = ["@east", "#east"]\n[[routes]]\nname = "All"\npool = "{pool}"\n'
    text = TEAM.format(locale="en", manager='email = "tanaka@example.com"') + pool
    code, output = checked(tmp_path, text.format(pool="East"))
    assert code == 0, output
    assert "user groups are there: @sales-leads, @east" in output
    assert "with the bot in them: #mql, #east" in output
    code, output = checked(tmp_path, text.format(pool="West"))
    assert (code, "West" in output) == (1, True)


def test_a_file_that_is_not_there_is_another_exit_code() -> None:
    assert cli("config", "check", "nowhere.toml").exit_code == 2
