"""The first set-up of a workspace, as far as Slack is asked: who may do it, and who is in a channel or user group.

Who may: admins and owners of the Slack workspace, as users.info says when they open their App Home. A token does not
say who has installed the app; whoever has installed it without being an admin writes a team file (`mql-bot init`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa
import structlog

from bot.core.setup.answers import MOST_PEOPLE, ROLES, Answers, Candidate
from bot.core.setup.reading import Reading
from bot.core.teamfile import Unresolved
from bot.i18n import Translator
from bot.slack import setup_channels
from bot.slack.context import AppContext
from bot.slack.identity import remember
from bot.slack.people.directory import SlackDirectory
from bot.slack.people.profiles import Kind, Profile
from bot.slack.web_api.gateway import Denied, NotTaken, SlackFailure
from storage import setups, workspaces
from storage.models import Setup
from storage.vocabulary import Locale, Role

AT_ONCE = 20
"""People that are read before what is known is stored."""
LEASE = timedelta(minutes=1)
"""So long after a worker was killed another goes on."""
AGAIN = timedelta(seconds=10)
GONE = {"user_not_found", "user_not_visible", "users_not_found"}

log = structlog.get_logger(__name__)


def meet(context: AppContext, user_id: str) -> None:
    """See whether whoever opens the App Home of a workspace without a team may set it up, and begin it with them."""
    team_id = context.identity.team_id
    with context.database.snapshot() as tx:
        if workspaces.get(tx, team_id) is not None:
            return
        known = setups.get(tx, team_id)
    try:
        profile = Profile.of(context.gateway.call_in_time("users.info", user=user_id, include_locale=True)["user"])
        name = "" if known or not profile.keeps else context.gateway.call_in_time("auth.test").get("team")
    except SlackFailure as failure:
        log.warning("keeper_not_read", workspace=team_id, code=failure.code)
        return
    with context.database.transaction() as tx:
        _let(tx, context, profile, str(name or team_id))


def _let(tx: sa.Connection, context: AppContext, profile: Profile, name: str) -> None:
    team_id, now = context.identity.team_id, context.now()
    known = setups.get(tx, team_id, hold=True)
    if known is None and profile.keeps:
        setups.begin(tx, team_id, profile.user, _usual(profile, name, now.year).stored(), now)
    elif known is not None and profile.keeps != (profile.user in known.keepers):
        others = [user for user in known.keepers if user != profile.user]
        setups.change(tx, known, keepers=[*others, profile.user] if profile.keeps else others)


def _usual(profile: Profile, name: str, year: int) -> Answers:
    timezone = profile.timezone if profile.timezone in available_timezones() else None
    answers = Answers.usual(name, profile.locale or Locale.JA, timezone or "Asia/Tokyo", year)
    return answers.with_people([candidate(profile, (Role.ADMIN,))])


def candidate(profile: Profile, roles: Iterable[Role]) -> Candidate:
    """Return somebody who is considered for the team."""
    return Candidate(user=profile.user, name=profile.name, email=profile.email, roles=tuple(roles))


def translator(known: Setup | None, locale: Locale | None = None) -> Translator:
    """Return the words of a workspace that has no team yet: those that its keeper has chosen."""
    if known is None:
        return Translator(locale or Locale.JA, "UTC")
    answers = Answers.of(known.answers)
    return Translator(locale or answers.locale, answers.timezone)


def work(context: AppContext) -> int:
    """Read the people that are to be added, or invite the team into new Slack channels. Returns in how many steps."""
    steps = 0
    while _step(context):
        steps += 1
    return steps


def _step(context: AppContext) -> bool:
    now, team_id = context.now(), context.identity.team_id
    with context.database.snapshot() as tx:
        known = setups.get(tx, team_id)
    if known is None or known.next_attempt_at is None or known.next_attempt_at > now:
        return False
    with context.database.transaction() as tx:
        known = setups.get(tx, team_id, hold=True)
        if known is None or known.next_attempt_at is None or known.next_attempt_at > now:
            return False
        setups.change(tx, known, next_attempt_at=now + LEASE)
    try:
        if known.finished_at is not None:
            _invite(context, Answers.of(known.answers))
            _settle(context, None, [])
        elif (reading := Reading.of(known.reading)) is not None:
            _settle(context, *_read(context, reading, Answers.of(known.answers)))
    except SlackFailure as failure:
        log.warning("setup_waits", workspace=team_id, code=failure.code)
        wait = (
            timedelta(seconds=failure.retry_after) if isinstance(failure, NotTaken) and failure.retry_after else AGAIN
        )
        _put_off(context, wait)
        return False
    return True


def _read(context: AppContext, reading: Reading, answers: Answers) -> tuple[Reading, list[Candidate]]:
    """Ask Slack for the people of a place, or who some of them are. Raises SlackFailure where nothing could be read."""
    if not reading.places:
        return _read_people(context, reading)
    place, rest = reading.places[0], reading.places[1:]
    try:
        user_ids = SlackDirectory(context.gateway).people_of(place)
    except Unresolved as unresolved:
        return reading.but(problem=unresolved.code), []
    except Denied as denied:
        if denied.code == "missing_scope":
            return reading.but(problem="scope", values={"scope": denied.needed}), []
        return reading.but(problem="not_in_channel", values={"place": place}), []
    # Whoever has a role keeps it, unless a person names them: an admin may well be in the channel of the reps.
    settled = {person.user for person in answers.team}
    people = list(dict.fromkeys([*reading.people, *(user for user in user_ids if user not in settled)]))
    everybody = {person.user for person in answers.people} | set(people)
    if len(everybody) > MOST_PEOPLE:
        return reading.but(problem="too_many", values={"count": len(user_ids), "most": MOST_PEOPLE}), []
    return reading.but(places=rest, people=tuple(people), count=len(people)), []


def _read_people(context: AppContext, reading: Reading) -> tuple[Reading, list[Candidate]]:
    people: list[Candidate] = []
    for user_id in reading.people[:AT_ONCE]:
        try:
            user = context.gateway.call("users.info", user=user_id, include_locale=True)["user"]
        except Denied as denied:
            if denied.code not in GONE:
                raise
            user = {"id": user_id, "deleted": True}
        except SlackFailure:
            if reading.people[0] == user_id:
                raise
            break  # what is known by now is kept, and the next look asks for this one again
        profile = Profile.of(user)
        reading = reading.but(people=tuple(other for other in reading.people if other != user_id))
        left_out = _left_out(profile, reading)
        if left_out is not None:
            reading = reading.but(**{left_out: getattr(reading, left_out) + 1})
            continue
        reading = reading.but(added=reading.added + 1)
        people.append(candidate(profile, ROLES[reading.part]))
    return reading, people


def _left_out(profile: Profile, reading: Reading) -> str | None:
    """Return under what somebody is counted who is not added. A guest is added by name only."""
    if profile.kind == Kind.GUEST and profile.user in reading.named:
        return None
    return {Kind.BOT: "bots", Kind.GUEST: "guests", Kind.CLOSED: "closed"}.get(profile.kind)


def _settle(context: AppContext, reading: Reading | None, people: list[Candidate]) -> None:
    now = context.now()
    with context.database.transaction() as tx:
        known = setups.get(tx, context.identity.team_id, hold=True)
        if known is None or (reading is not None and known.finished_at is not None):
            return
        values: dict[str, Any] = {"next_attempt_at": now if reading and reading.goes_on else None}
        if reading is not None:
            values["reading"] = reading.stored()
            values["answers"] = Answers.of(known.answers).with_people(people).stored()
        setups.change(tx, known, **values)


def _put_off(context: AppContext, wait: timedelta) -> None:
    with context.database.transaction() as tx:
        known = setups.get(tx, context.identity.team_id, hold=True)
        if known is not None and known.next_attempt_at is not None:
            setups.change(tx, known, next_attempt_at=context.now() + wait)


def _invite(context: AppContext, answers: Answers) -> None:
    """Let the team into the Slack channels that we have made. Who is in one already, or cannot be, is passed over."""
    users = [person.user for person in answers.team]
    for channel in answers.created:
        refused = setup_channels.invite(context.gateway, channel, users)
        if refused:
            log.info("team_not_invited", workspace=context.identity.team_id, codes=sorted(set(refused.values())))


def know_ourselves(tx: sa.Connection, context: AppContext) -> None:
    """Keep with the workspace that has just begun who we are in it, for links to its cards."""
    remember(tx, context.identity, context.now())
