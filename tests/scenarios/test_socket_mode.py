"""The same story where Slack cannot reach us: the bot opens the connection."""

from __future__ import annotations

from storage.vocabulary import Status
from tests.scenarios.stage import Team, ja
from tests.scenarios.test_intake import HUBSPOT


def test_the_story_runs_over_a_connection_that_the_bot_opens(team: Team) -> None:
    team.stop_bot()
    team.start_bot(socket_mode=True)
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    team.user("sato").press(ja("button.accept"))
    sato = team.user("sato")
    sato.types("/mql-feedback 1", channel="sales")
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "other"})
    assert "コメント" in sato.modal.submit().errors["comment"]
    sato.modal.fill({"comment": "社内の検証用でした"})
    assert sato.modal.submit().errors == {}
    assert team.mql(1).status == Status.DISQUALIFIED
    team.user("tanaka").types("/mql show 1", channel="sales")
    assert "社内の検証用でした" in team.user("tanaka").modal.text
