"""What marketing, sales and strangers do: one random act at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from bot.core.mql import disputes, feedback, intake, merge, next_touch, pauses, response, undo, withdrawal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.routing import absences, learnt_absences
from bot.slack.blocks.base import ids
from bot.slack.intake import channel as slack_intake
from playground import messages, wire
from playground.model import Record
from storage import models
from storage.vocabulary import AbsenceSource, Disposition, Evidence, Source
from tests.simulation.agreements import CHANNELS, FORMS
from tests.simulation.offices import LinkedCalendars
from tests.simulation.story import OPEN
from tests.simulation.world import World

INTAKE = "C0INTAKE01"
MOST_OPEN = 30
DAYS = timedelta(days=1)


class People:
    """Everybody around the workspace. Each act is told as a short sentence."""

    def __init__(self, world: World, rng: Random, *, with_offices: bool) -> None:
        self.world, self.rng = world, rng
        self._count = 0
        self.acts: dict[Callable[[], str], int] = {
            self.sends_lead: 15,
            self.sends_lead_again: 4,
            self.accepts: 16,
            self.contacts: 9,
            self.tells_how: 2,
            self.notes_in_crm: 5,
            self.reports: 14,
            self.corrects: 2,
            self.disputes: 4,
            self.decides: 3,
            self.declines: 4,
            self.takes_over: 4,
            self.reassigns: 6,
            self.reminds: 3,
            self.pauses: 4,
            self.pauses_again: 7,
            self.answers_request: 3,
            self.resumes: 3,
            self.goes_away: 4,
            self.all_go_away: 1,
            self.withdraws: 5,
            self.merges: 4,
            self.parts: 2,
            self.promises: 4,
            self.undoes: 6,
        }
        self._calendars = LinkedCalendars(rng)
        if with_offices:
            self.acts[self.calendar_is_read] = 5

    def act(self) -> str:
        """Somebody does something."""
        (act,) = self.rng.choices(list(self.acts), list(self.acts.values()))
        return act()

    # Marketing

    def sends_lead(self) -> str:
        """A lead that nobody has seen before."""
        if len(self._open()) >= MOST_OPEN:
            return "nothing"
        return self._send(self._lead(f"p{self._count}@example.com"))

    def sends_lead_again(self) -> str:
        """One that came before, perhaps with another score."""
        known = [lead["email"] for lead in self.world.journal.leads.values() if lead["email"]]
        return self._send(self._lead(self.rng.choice(known[-20:]))) if known else "nothing"

    def _lead(self, email: str) -> dict[str, Any]:
        self._count += 1
        maybe: dict[str, Any] = {
            "email": self.rng.choice([email, email.upper(), email]),
            "phone": "+81 3 0000 0000",
            "score": self.rng.randint(0, 100),
            "channel": self.rng.choice(CHANNELS),
            "form": self.rng.choice(FORMS).title(),
            "attributes": {"region": self.rng.choice(["west", "East ", "north"])},
            "message": "Please call me.",
            "title": "CTO",
        }
        return {"company": f"Company {self._count}"} | {k: v for k, v in maybe.items() if self.rng.random() < 0.7}

    def _send(self, lead: dict[str, Any]) -> str:
        columns = Lead.model_validate(lead).model_dump(mode="json")
        columns["email"] = columns["email"].lower() if columns["email"] else None
        self.world.journal.leads[lead["company"]] = columns
        source = self.rng.choice([Source.GENERIC, Source.GENERIC, Source.MANUAL, Source.NOTIFICATION])
        times = self.rng.choice([1, 1, 2])
        if source == Source.GENERIC:
            dated = self._dated(lead)
            assert self.world.webhook("generic", dated, f"msg_{self._count}", times) == 202
        elif source == Source.MANUAL:
            with self.world.database.transaction() as tx:
                given = Lead.model_validate(lead)
                intake.receive(tx, self.world.id, given, source, self.world.time.now(), by=self._somebody())
        else:
            self._posts(lead, self.rng.choice([0, 1, 2]))
        return f"{lead['company']} comes in by {source}, {times} times"

    def _dated(self, lead: dict[str, Any]) -> dict[str, Any]:
        """The lead as a tool sends it that says when it came: some hours ago, or ahead where its clock is wrong."""
        if self.rng.random() < 0.7:
            return lead
        ago = self.rng.choice([-20, 2, 90, 600, 3000]) * timedelta(minutes=self.rng.random())
        sent_at = self.world.time.now() - ago
        self.world.journal.sent[lead["company"]] = sent_at
        return lead | {"sent_at": sent_at.isoformat()}

    def _posts(self, lead: dict[str, Any], times: int) -> None:
        """A form tool posts into the intake channel, and so many events of it reach the bot; the rest is caught up."""
        slack, company = self.world.slack.workspace, lead["company"]
        lead = {name: lead[name] for name in ("company", "email", "phone", "score") if name in lead}
        self.world.journal.leads[company] = Lead.model_validate(lead).model_dump(mode="json")
        if "email" in lead:
            self.world.journal.leads[company]["email"] = lead["email"].lower()
        labels = {"company": "Company", "email": "Email", "phone": "Phone", "score": "Score"}
        text = "\n".join(f"{labels[name]}: {value}" for name, value in lead.items())
        with slack.change():
            channel = slack.channels[INTAKE]
            record = Record(INTAKE, slack.next_ts(), text, "U0FORMTOOL", "B0FORMTOOL")
            messages.post(slack, channel, record)
            message = wire.message(slack, channel, record)
        self.world.journal.posted(company, record.ts)
        for _ in range(times):
            with self.world.database.transaction() as tx:
                slack_intake.take_message(tx, self.world.context, self.world.id, INTAKE, message)

    def withdraws(self) -> str:
        """It was a test or a mistake, says somebody who may say so, or who may not."""
        mqls = self._open()
        mql = self.rng.choice([mqls[-1], *mqls]) if mqls and self.rng.random() < 0.9 else self._closed()
        return self._does(withdrawal.withdraw, mql, self.rng.choice([None, "a test"]), by=self._leader())

    def promises(self) -> str:
        """The owner, mostly, says when the lead will be contacted next."""
        mql = self._mql("contacted")
        day = self.world.time.now().date() + self.rng.randint(2, 9) * DAYS
        return self._does(next_touch.promise, mql, day) if mql else "nothing"

    def undoes(self) -> str:
        """Somebody takes back what was done last, mostly whoever did it."""
        acts = self.world.query(sa.select(models.undo).order_by(models.undo.c.id.desc()).limit(3))
        if not acts:
            return "nothing"
        act = self.rng.choice(acts)
        by = act.by if self.rng.random() < 0.9 else self._somebody()
        with self.world.database.transaction() as tx:
            done = undo.undo(tx, self.world.id, act.id, by, self.world.time.now())
        return f"{by} undoes act {act.id}: {type(done).__name__}"

    def merges(self) -> str:
        """Two are one lead, says somebody who may say so, or who may not."""
        mqls = self._open()
        if len(mqls) < 2:
            return "nothing"
        into, mql = self.rng.sample(mqls, 2) if self.rng.random() < 0.3 else sorted(self.rng.sample(mqls, 2), key=_id)
        by = self._leader()
        with self.world.database.transaction() as tx:
            merge.merge(tx, self.world.id, mql.id, into.id, by, self.world.time.now())
        taken = sa.select(models.event).where(models.event.c.type == "merged_in", models.event.c.mql_id == into.id)
        for event in self.world.query(taken.order_by(models.event.c.id.desc()).limit(1)):
            if event.data["mql"] == mql.id:
                filled = {name: getattr(mql, name) for name in event.data["filled"]}
                self.world.journal.filled.setdefault(event.id, filled)
        return f"{by} merges #{mql.number} into #{into.number}"

    def parts(self) -> str:
        """They are two after all."""
        merged = sa.select(models.mql).where(models.mql.c.merged_into_id.is_not(None))
        mqls = self.world.query(merged.order_by(models.mql.c.id.desc()).limit(3))
        return self._does(merge.undo, self.rng.choice(mqls), by=self._leader()) if mqls else "nothing"

    # Sales

    def accepts(self) -> str:
        """Somebody, mostly the owner, takes an MQL on."""
        return self._presses(ids.ACCEPT, self._mql("assigned", "unassigned"))

    def contacts(self) -> str:
        """The lead has been called."""
        return self._presses(ids.CONTACTED, self._mql("accepted", "accepted", "assigned"))

    def tells_how(self) -> str:
        """It was a call, also long after the press, and after the outcome."""
        mql = self.rng.choice([self._mql("accepted"), self._mql("contacted"), self._closed()])
        return self._does(
            response.contacted, mql, how=self.rng.choice([Evidence.CALL, Evidence.NOTE, Evidence.MEETING])
        )

    def notes_in_crm(self) -> str:
        """The CRM reports a contact of some time ago."""
        mql = self._mql("assigned", "accepted", "contacted", "unassigned") or self._closed()
        if mql is None:
            return "nothing"
        self._count += 1
        ago = self.rng.choice([5, 90, 600, 3000]) * timedelta(minutes=self.rng.random())
        report = {"kind": "call", "at": (self.world.time.now() - ago).isoformat(), "number": str(mql.number)}
        report |= {"actor": self._who(mql)} if self.rng.random() < 0.7 else {}
        status = self.world.webhook("activity", report, f"act_{self._count}", self.rng.choice([1, 2]))
        return f"the CRM reports {report}: {status}"

    def takes_over(self) -> str:
        """A leader, or a peer to whom it was offered, or somebody who may not."""
        mql = self._mql("assigned", "accepted")
        return self._presses(ids.TAKE_OVER, mql, self._somebody())

    def reminds(self) -> str:
        """Somebody nudges the owner."""
        return self._presses(ids.REMIND, self._mql("assigned", "accepted"), self._leader())

    def resumes(self) -> str:
        """Somebody ends a pause."""
        paused = sa.select(models.clock.c.mql_id).where(models.clock.c.state == "paused")
        mqls = [mql for mql in self._open() if mql.id in {row.mql_id for row in self.world.query(paused)}]
        return self._presses(ids.RESUME, self.rng.choice(mqls) if mqls else None)

    def reports(self) -> str:
        """What became of it."""
        mql = self._mql("contacted", "accepted", "accepted", "assigned", "unassigned")
        return self._answers(mql, self._who(mql)) if mql else "nothing"

    def corrects(self) -> str:
        """What really became of it."""
        mql = self._closed()
        return self._answers(mql, self._leader()) if mql else "nothing"

    def disputes(self) -> str:
        """Marketing, or whoever may not, says that a disqualification is wrong."""
        return self._does(disputes.dispute, self._closed(), "they asked for a price", by=self._somebody())

    def decides(self) -> str:
        """Somebody decides a dispute, also one that is over."""
        opened = sa.select(models.event).where(models.event.c.type == "disputed").order_by(models.event.c.id.desc())
        rows = self.world.query(opened.limit(4))
        if not rows:
            return "nothing"
        dispute, by = self.rng.choice(rows), self._leader()
        if self.rng.random() < 0.5:
            return self._presses(ids.ACCEPT_DISPUTE, dispute, by)
        with self.world.database.transaction() as tx:
            disputes.uphold(tx, self.world.id, dispute.id, by, self.world.time.now(), "the budget is another one's")
        return f"{by} upholds {dispute.id}"

    def declines(self) -> str:
        """Not for me."""
        return self._does(response.decline, self._mql("assigned"), "too busy")

    def reassigns(self) -> str:
        """To anybody, also to who cannot take it."""
        return self._does(response.reassign, self._mql(*OPEN), self._somebody(), None, by=self._leader())

    def pauses(self) -> str:
        """Until some day, mostly soon."""
        span = self.rng.choice([timedelta(minutes=20), timedelta(hours=7), 1 * DAYS, 2.5 * DAYS, 10 * DAYS])
        return self._does(pauses.pause, self._mql(*OPEN), self.world.time.now() + span, "the customer asked for it")

    def pauses_again(self) -> str:
        """Whoever has a lead puts it off, again and again: one of the oldest, so that it adds up."""
        mqls = [mql for mql in self._open() if mql.owner is not None][:3]
        if not mqls:
            return "nothing"
        mql = self.rng.choice(mqls)
        until = (self.world.time.now() + self.rng.choice([2, 3, 5]) * DAYS).date()
        ended = self._does(pauses.resume, mql, by=str(mql.owner)) if self.rng.random() < 0.3 else "nothing"
        return f"{ended}, {self._does(pauses.pause, mql, until, 'not yet', by=str(mql.owner))}"

    def answers_request(self) -> str:
        """Somebody consents to a pause or does not, also to a request that is over."""
        asked = sa.select(models.event).where(models.event.c.type == "pause_asked").order_by(models.event.c.id.desc())
        rows = self.world.query(asked.limit(3))
        if not rows:
            return "nothing"
        request, by = self.rng.choice(rows), self._leader()
        if self.rng.random() < 0.6:
            return self._presses(ids.CONSENT_PAUSE, request, by)
        with self.world.database.transaction() as tx:
            pauses.refuse(tx, self.world.id, request.id, by, "call them first", self.world.time.now())
        return f"{by} refuses {request.id}"

    def goes_away(self) -> str:
        """Somebody is away, or back."""
        now, user = self.world.time.now(), self._somebody()
        until = self.rng.choice([None, now + timedelta(hours=5), now + 2 * DAYS, now + 12 * DAYS])
        with self.world.database.transaction() as tx:
            if until is None:
                absences.come_back(tx, self.world.id, user, now)
            else:
                absences.announce(tx, self.world.id, user, now, until)
        return f"{user} is away until {until}"

    def calendar_is_read(self) -> str:
        """Somebody's linked calendar says when they are away, which may be something else than before."""
        now, user = self.world.time.now(), self._somebody()
        stretches = self._calendars.changes(user, now)
        with self.world.database.transaction() as tx:
            learnt_absences.learn(tx, self.world.id, user, AbsenceSource.CALENDAR, stretches, now)
        return f"{user} is away, says their calendar: {stretches}"

    def all_go_away(self) -> str:
        """Nobody is there for a while, leads wait, and they are back one after the other."""
        now, minutes = self.world.time.now(), timedelta(minutes=1)
        back = {member.user_id: now + self.rng.choice([5, 90, 95, 100, 600]) * minutes for member in self._members()}
        with self.world.database.transaction() as tx:
            for user, until in back.items():
                absences.announce(tx, self.world.id, user, now, until)
        came = [self.sends_lead() for _ in range(self.rng.randint(2, 8))]
        return f"everybody is away until {max(back.values())}; {'; '.join(came)}"

    def _answers(self, mql: Any, by: str) -> str:
        disposition = self.rng.choice(list(Disposition))
        answer: dict[str, Any] = {"disposition": disposition}
        if disposition == Disposition.DISQUALIFIED:
            answer["lost_reason"] = self.rng.choice(["no_budget", "no_need", "other", "duplicate"])
        if disposition == Disposition.RECYCLED:
            days = self.rng.choice([None, 1, 4])
            answer["recycle_on"] = (self.world.time.now() + days * DAYS).date() if days else None
            answer["comment"] = "next year"
        with self.world.database.transaction() as tx:
            feedback.give(tx, self.world.id, mql.id, by, Answer(**answer), self.world.time.now())
        return f"{by} reports #{mql.number} {disposition}"

    def _presses(self, action_id: str, mql: Any, by: str | None = None) -> str:
        if mql is None:
            return "nothing"
        self._count += 1
        who, times = by or self._who(mql), self.rng.choice([1, 1, 1, 2])
        self.world.press(action_id, mql.id, who, f"trigger.{self._count}", times)
        return f"{who} presses {action_id} of {mql.id}, {times} times"

    def _does(self, act: Callable[..., Any], mql: Any, *given: Any, by: str | None = None, **named: Any) -> str:
        if mql is None:
            return "nothing"
        who = by or self._who(mql)
        with self.world.database.transaction() as tx:
            act(tx, self.world.id, mql.id, who, *given, self.world.time.now(), **named)
        return f"{who} does {act.__name__} #{mql.number} {given} {named}"

    # Whom and what

    def _open(self) -> list[Any]:
        return self.world.query(sa.select(models.mql).where(models.mql.c.status.in_(OPEN)).order_by(models.mql.c.id))

    def _mql(self, *statuses: str) -> Any:
        status = self.rng.choice(statuses)
        mqls = [mql for mql in self._open() if mql.status == status]
        return self.rng.choice(mqls) if mqls else None

    def _closed(self) -> Any:
        closed = sa.select(models.mql).where(models.mql.c.status.not_in(OPEN)).order_by(models.mql.c.id.desc())
        done = self.world.query(closed.limit(10))
        return self.rng.choice(done) if done else None

    def _members(self) -> list[Any]:
        return self.world.query(sa.select(models.member).order_by(models.member.c.id))

    def _somebody(self) -> str:
        return str(self.rng.choice(self._members()).user_id)

    def _leader(self) -> str:
        leaders = [
            member for member in self._members() if member.active and {"manager", "head", "admin"} & set(member.roles)
        ]
        return str(self.rng.choice(leaders).user_id) if leaders and self.rng.random() < 0.8 else self._somebody()

    def _who(self, mql: Any) -> str:
        return str(mql.owner) if mql.owner and self.rng.random() < 0.85 else self._somebody()


def _id(mql: Any) -> int:
    return int(mql.id)
