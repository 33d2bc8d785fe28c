"""A short run of `make chaos`."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from playground import Fault, NotAcknowledged
from storage.database import Database
from tests.chaos.chaos import Chaos, Plan
from tests.chaos.killer import SECONDS_TO_STOP
from tests.patience import LONGEST
from tests.thorough import thoroughly


@pytest.mark.parametrize("kills", thoroughly([4], but=[2]))
def test_killed_again_and_again_the_bot_loses_and_doubles_nothing(
    database: Database, tmp_path: Path, kills: int
) -> None:
    plan = Plan(kills=kills, response=2, lease=6, longest_hold=0.5, pause=0.1, patience=LONGEST)
    figures = Chaos(1, plan, database, tmp_path).run()
    assert figures["kills"] == kills + 2  # and both at once at the end
    assert figures["mqls"] > 0
    assert figures["checkpoints"] > 0


def test_asked_to_stop_a_web_process_ends_in_time_although_slack_hangs(database: Database, tmp_path: Path) -> None:
    chaos = Chaos(1, Plan(kills=0, workers=0), database, tmp_path)
    with chaos.running():
        slack, (web,) = chaos.slack, chaos.deployment.webs
        slack.connect(f"http://127.0.0.1:{web.port}/slack/events")
        slack.faults.add("views.open", Fault.HANG, seconds=LONGEST)

        def ask_for_a_form() -> None:
            with suppress(NotAcknowledged):
                slack.user("sato").types("/mql new")

        asking = threading.Thread(target=ask_for_a_form)
        asking.start()
        assert chaos.trouble.faults.wait_for_hold(LONGEST)
        with web.lock:
            web.wanted = False
            took, code = web.stop()
        asking.join()
    assert code == 0
    assert took < SECONDS_TO_STOP
