"""What happens to a connection besides changes: processes end and are killed, credentials are renewed, and the CRM
takes no calls just while its form is read anew. All of it is counted."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import NamedTuple, Protocol

from bot.connectors.crm import setup
from bot.connectors.crm.contract import Credentials
from bot.connectors.crm.sync import LEASE, Sync
from bot.connectors.sources.vault import Vault
from playground.crm.account_engagement import AccountEngagement
from playground.crm.faults import CrmFault
from playground.crm.hubspot import HubSpot
from playground.crm.kintone import Kintone
from playground.crm.marketo import Marketo
from playground.crm.salesforce import Salesforce
from playground.crm.service import Answer, Call, Service
from playground.faults import FaultRule
from storage import crm_connections
from storage.database import Database
from storage.models import CrmConnection
from storage.vocabulary import CrmKind
from tests.connectors.crm.office import LOCAL, Moment
from tests.crm import measures, process
from tests.crm.process import Work
from tests.patience import LONGEST

RESTARTS, KILLS, ROTATIONS, DESCRIPTIONS = 0.02, 0.01, 0.004, 0.004
"""How often each of these comes after an edit."""
LATEST_KILL = 0.12
"""Seconds after its start: a process has done what it was to do soon after."""


class Pace(NamedTuple):
    """How much happens between two looks: on how many leads, how often the connection works after an edit, and after
    how many edits all comes to rest. `kills`: whether processes are killed, which a seed does not repeat to the
    moment."""

    leads: int
    a_round: float
    a_rest: int
    kills: bool = False


CLOSE, FEW, WIDE = Pace(6, 0.5, 60), Pace(3, 0.5, 60), Pace(20, 0.06, 500, kills=True)
"""Looked at after nearly every edit; and by the thousand, where a round has many changes to share."""


class Stage(Protocol):
    """A workspace beside a CRM."""

    database: Database
    clock: Moment
    vault: Vault
    sync: Sync

    @property
    def connection(self) -> CrmConnection:
        """The connection as it is stored."""


class Disruptions:
    """Lets them happen to one connection, and looks at every write of fields on its way."""

    def __init__(self, stage: Stage, service: Service, random: random.Random, *, kills: bool = False) -> None:
        """Watch a service. `kills`: whether processes are killed, which a seed does not repeat to the moment."""
        self._stage, self._service, self._random, self._kills = stage, service, random, kills
        self.counts = Counter[str]()
        self._victim: BaseProcess | None = None
        self._calls_left = 0
        self._kind = CrmKind(stage.connection.kind)
        self._watch()

    def _watch(self) -> None:
        perform = self._service.perform

        def watched(call: Call, handler: Callable[[Call], Answer]) -> Answer:
            is_write = measures.writes_fields(self._kind, call)
            before = measures.held(self._service) if is_write else {}
            answer = perform(call, handler)
            if is_write:
                after = measures.held(self._service)
                changed = sum(after.get(key) != value for key, value in before.items())
                changed += len(after.keys() - before.keys())
                self.counts["calls that write fields"] += 1
                self.counts["fields written"] += changed
            self._strike()
            return answer

        self._service.perform = watched  # type: ignore[method-assign]
        take = self._service.faults.take

        def counted(method: str, channel: str | None = None) -> FaultRule[CrmFault] | None:
            rule = take(method, channel)
            self.counts["faults met"] += rule is not None
            return rule

        self._service.faults.take = counted  # type: ignore[method-assign]

    def _strike(self) -> None:
        """Kill the process in hand at the call that was chosen, before it hears the answer."""
        self._calls_left -= 1
        if self._victim is not None and self._calls_left == 0:
            self._victim.kill()

    def happen(self) -> None:
        """Let one of them happen, or mostly none."""
        chance = self._random.random()
        if chance < RESTARTS:
            self.restart()
        elif chance < RESTARTS + KILLS:
            self.kill()
        elif chance < RESTARTS + KILLS + ROTATIONS:
            self.rotate()
        elif chance < RESTARTS + KILLS + ROTATIONS + DESCRIPTIONS:
            self.describe()

    def restart(self) -> None:
        """Let another process work, the one before having ended."""
        self._stage.sync.release()
        self._begin_anew()
        self.counts["restarts"] += 1

    def _begin_anew(self) -> None:
        stage, connection = self._stage, self._stage.connection
        stage.sync = Sync(stage.database, connection.workspace_id, connection.id, stage.vault, stage.clock.now, LOCAL)

    def kill(self, renewed: Credentials | None = None) -> None:
        """Kill a process with SIGKILL while it works: in a call to the CRM, or at any other moment."""
        if not self._kills:
            return
        stage, connection = self._stage, self._stage.connection
        stage.sync.release()
        work = Work(
            str(stage.database.engine.url),
            connection.workspace_id,
            connection.id,
            stage.vault,
            stage.clock.now(),
            renewed,
        )
        in_a_call, moment = self._random.random() < 0.5, self._random.uniform(0, LATEST_KILL)
        calls_left = self._random.randint(1, 4) if in_a_call else 0
        child, begun = process.begin(work)
        begun.poll(LONGEST)
        self._victim, self._calls_left = child, calls_left
        was_killed = process.end(child, None if in_a_call else moment)
        self._victim = None
        word = "in a call" if in_a_call else "between"
        self.counts[f"kills {word}" if was_killed else "processes that were done first"] += 1
        stage.clock.advance(seconds=LEASE.total_seconds() + 1)
        self._begin_anew()

    def rotate(self) -> None:
        """Renew the credentials, in a process that is killed meanwhile; whoever did it does it again, and ends it."""
        old, new = self._renewed()
        self.kill(new)
        stage, now = self._stage, self._stage.clock.now()
        with stage.database.snapshot() as tx:
            valid = setup.credentials_of(tx, stage.vault, stage.connection)
        if valid[0] != new:
            with stage.database.transaction() as tx:
                setup.rotate(tx, stage.vault, stage.connection, new, now)
        stage.clock.advance(seconds=10)
        stage.sync.round()
        with stage.database.transaction() as tx:
            setup.end_rotation(tx, stage.connection, stage.clock.now())
        self._revoke(old)
        self.counts["rotations"] += 1

    def _renewed(self) -> tuple[Credentials, Credentials]:
        """Return the credentials of before and new ones that the CRM takes, beside the old ones where it can."""
        with self._stage.database.snapshot() as tx:
            old = setup.credentials_of(tx, self._stage.vault, self._stage.connection)[0]
        service = self._service
        if isinstance(service, HubSpot):
            return old, {**old, "key": service.rotate_key()}
        if isinstance(service, Kintone):
            token = secrets.token_hex(20)
            service.tokens[token] = service.tokens[old["token"]]
            return old, {**old, "token": token}
        if isinstance(service, Marketo):
            service.revoke()
            return old, {**old, "client_secret": service.client_secret}
        assert isinstance(service, Salesforce | AccountEngagement)
        service.oauth.app.client_secret = secrets.token_hex(32)
        service.oauth.sessions.clear()
        return old, {**old, "client_secret": service.oauth.app.client_secret}

    def _revoke(self, old: Credentials) -> None:
        if isinstance(self._service, HubSpot):
            self._service.revoke(old["key"])
        elif isinstance(self._service, Kintone):
            del self._service.tokens[old["token"]]

    def describe(self) -> None:
        """Let a day pass, and the CRM take no call while its form is read anew."""
        self._service.faults.add(measures.FORMS[self._kind], CrmFault.RATE_LIMIT, times=1)
        self._stage.clock.advance(days=1)
        self._stage.sync.round()
        self.counts["form read while limited"] += 1

    def faults(self) -> list[str]:
        """Return what does not hold of credentials and the connection."""
        with self._stage.database.snapshot() as tx:
            valid = crm_connections.secrets(tx, self._stage.connection)
        connection = self._stage.connection
        wrong = [f"{len(valid)} secrets"] if len(valid) != 1 and self.counts["rotations"] else []
        return wrong + ([f"the connection says {connection.failure}"] if connection.failure else [])
