"""The tables [routing], [[pools]] and [[routes]] of a team file: read with every name resolved, and written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from bot.core.routing.conditions import can_be_met, takes_all_of
from bot.core.routing.routes import Caps, Pool, PoolMember, Route, Routing
from bot.core.teamfile.name_resolution import Directory, Unresolved
from bot.core.teamfile.name_resolution import channel as channel_id
from bot.core.teamfile.positions import Path
from bot.core.teamfile.problems import Problems, nearest
from bot.core.teamfile.schema import EMAIL, USER, Person, PoolPersonTable, PoolTable, RouteTable, RoutingTable
from storage.vocabulary import Role, Strategy

Model = TypeVar("Model", bound=BaseModel)
_CAPS = tuple(Caps.model_fields)


class Tables(Protocol):
    """The tables of one document."""

    def table(self, name: str, kind: type[Model], default: Model | None = None) -> Model | None:
        """Return one table."""

    def tables(self, name: str, kind: type[Model], *, optional: bool = False) -> dict[int, Model]:
        """Return the good ones of an array of tables, by index."""

    def items(self, name: str) -> list[Any]:
        """Return what stands in an array of tables, good or bad."""


def read(
    tables: Tables, members: Mapping[int, Person], directory: Directory | None, problems: Problems, *, complete: bool
) -> Routing:
    """Return how the file routes. What is wrong is noted in `problems`. `complete`: every member of the file could be
    read, so that nobody is called a stranger to it wrongly."""
    whole = tables.table("routing", RoutingTable, default=RoutingTable())
    people = _People(list(members.values()), directory, problems, complete=complete)
    pool_tables = tables.tables("pools", PoolTable, optional=True)
    route_tables = tables.tables("routes", RouteTable, optional=True)
    pools = {index: _pool(index, table, people, problems) for index, table in pool_tables.items()}
    _named_once("pools", "pool_twice", {index: pool.name for index, pool in pools.items()}, problems)
    routes = {index: _route(index, table, people) for index, table in route_tables.items()}
    _named_once("routes", "route_twice", {index: route.name for index, route in routes.items()}, problems)
    # Also those that cannot be read: their own problems are enough.
    names = [str(raw.get("name")).strip() for raw in tables.items("pools") if isinstance(raw, dict)]
    for index, route in routes.items():
        _check_route(index, route, names, problems)
    _reached(routes, problems)
    whole = whole or RoutingTable()
    return Routing(
        routes=tuple(routes.values()),
        pools=tuple(pools.values()),
        pause_after=whole.pause_after,
        within_hours=whole.within_hours,
    )


class _People:
    """Who is meant by what stands in a pool or a route."""

    def __init__(
        self, members: Sequence[Person], directory: Directory | None, problems: Problems, *, complete: bool
    ) -> None:
        self._directory, self._problems, self._complete = directory, problems, complete
        self._reps = {person.user_id for person in members if person.active and Role.REP in person.roles}
        self._known = {person.user_id: person for person in members}

    def one(self, path: Path, written: str) -> str | None:
        """Return the id of a rep by id or e-mail address."""
        user: str | None = written
        if "@" in written:
            if self._directory is None:
                self._problems.add(path, "person_needs_token", given=written)
                return None
            account = self._directory.user_by_email(written)
            user = account.id if account else None
        if user in self._reps:
            return user
        if user in self._known:
            self._problems.add(path, "not_a_rep", given=self._known[user].name)
        elif self._complete:
            self._problems.add(path, "not_on_roster", given=written)
        return None

    def many(self, path: Path, written: str) -> tuple[str | None, list[str]]:
        """Return the id of a user group or Slack channel, and the reps in it."""
        if self._directory is None:
            self._problems.add(path, "pool_needs_token", given=written)
            return None, []
        place = self._group(path, written) if re.fullmatch(r"@.*|S[A-Z0-9]+", written) else None
        if re.fullmatch(r"#.*|[CG][A-Z0-9]+", written):
            place = channel_id(path, written, self._directory, self._problems)
        reps = [user for user in self._directory.people_of(place) if user in self._reps] if place else []
        if place and not reps and self._complete:
            self._problems.add(path, "no_reps_in_it", given=written)
        return place, reps

    def _group(self, path: Path, written: str) -> str | None:
        try:
            return self._directory.user_group(written) if self._directory else None
        except Unresolved as error:
            self._problems.add(path, error.code, given=written, **error.values)
            return None


def _pool(index: int, table: PoolTable, people: _People, problems: Problems) -> Pool:
    by_user, sources = dict[str, PoolMember](), list[str]()
    for place, written in enumerate(table.members):
        path: Path = ("pools", index, "members", place)
        if re.fullmatch(f"{USER}|{EMAIL}", written):
            user = people.one(path, written)
            by_user |= {user: PoolMember(user=user)} if user else {}
            continue
        source, users = people.many(path, written)
        sources += [source] if source else []
        by_user = {user: PoolMember(user=user, via=source) for user in users} | by_user
    for place, person in enumerate(table.people):
        user = people.one(("pools", index, "people", place, "user"), person.user)
        if user:
            by_user[user] = _member(user, person, by_user.get(user))
    _check_pool(index, table, tuple(by_user.values()), problems)
    caps = {name: getattr(table, name) for name in _CAPS}
    return Pool(name=table.name, members=tuple(by_user.values()), sources=tuple(sources), **caps)


def _member(user: str, person: PoolPersonTable, known: PoolMember | None) -> PoolMember:
    caps = {name: getattr(person, name) for name in _CAPS}
    return PoolMember(
        user=user,
        weight=person.weight,
        ramp=tuple(person.ramp),
        since=person.since,
        via=known.via if known else None,
        **caps,
    )


def _check_pool(index: int, table: PoolTable, members: Sequence[PoolMember], problems: Problems) -> None:
    path: Path = ("pools", index)
    if problems.any_under(path):
        return
    if not members:
        problems.add(path, "pool_of_nobody", name=table.name)
    elif not any(member.weight for member in members):
        problems.add((*path, "people"), "nobody_weighs", name=table.name)
    for place, person in enumerate(table.people):
        if bool(person.ramp) != (person.since is not None):
            problems.add((*path, "people", place, "since" if person.since else "ramp"), "ramp_without_since")


def _route(index: int, table: RouteTable, people: _People) -> Route:
    person = people.one(("routes", index, "person"), table.person) if table.person else None
    return Route(
        name=table.name,
        when=table.when,
        pool=table.pool,
        prefer=tuple(dict.fromkeys(Strategy(word) for word in table.prefer)),
        strategy=Strategy(table.strategy),
        person=person or table.person,
        accept_minutes=table.accept_minutes,
        named=table.named,
    )


def _check_route(index: int, route: Route, pools: Sequence[str], problems: Problems) -> None:
    path: Path = ("routes", index)
    if route.pool is not None and route.pool not in pools:
        problems.add((*path, "pool"), "no_such_pool", given=route.pool, meant=nearest(route.pool, pools), choices=pools)
    if (route.strategy == Strategy.PERSON) != (route.person is not None):
        problems.add((*path, "person" if route.person else "strategy"), "person_and_strategy")
    if not can_be_met(route.when):
        problems.add((*path, "when"), "never_met", name=route.name)


def _reached(routes: Mapping[int, Route], problems: Problems) -> None:
    """Name each route that no lead can reach, because an earlier one takes all of its leads."""
    earlier: list[tuple[int, Route]] = []
    for index, route in routes.items():
        taken = next(((at, other) for at, other in earlier if takes_all_of(other.when, route.when)), None)
        if taken is not None:
            line = problems.line(("routes", taken[0]))
            problems.add(("routes", index), "never_reached", name=route.name, earlier=taken[1].name, line=line)
        else:
            earlier.append((index, route))


def _named_once(table: str, code: str, names: Mapping[int, str], problems: Problems) -> None:
    first: dict[str, int] = {}
    for index, name in names.items():
        if name in first:
            problems.add((table, index, "name"), code, given=name, line=problems.line((table, first[name])))
        first.setdefault(name, index)


def written(routing: Routing) -> dict[str, Any]:
    """Return the tables as a parser of TOML would give them."""
    whole = {"pause_after": routing.pause_after, "within_hours": routing.within_hours or None}
    return {
        "routing": whole if any(whole.values()) else None,
        "pools": [_written_pool(pool) for pool in routing.pools] or None,
        "routes": [_written_route(route) for route in routing.routes] or None,
    }


def _written_pool(pool: Pool) -> dict[str, Any]:
    plain = [member for member in pool.members if member == PoolMember(user=member.user)]
    own = [member for member in pool.members if not _is_plain(member)]
    by_name = [member.user for member in plain]
    people = [dict(_own_keys(member)) for member in own]
    caps = {name: getattr(pool, name) for name in _CAPS}
    return {"name": pool.name, "members": [*by_name, *pool.sources], **caps} | ({"people": people} if people else {})


def _is_plain(member: PoolMember) -> bool:
    return member == PoolMember(user=member.user, via=member.via)


def _own_keys(member: PoolMember) -> Iterator[tuple[str, Any]]:
    yield "user", member.user
    given = member.model_dump(mode="json", exclude={"user", "via"}, exclude_defaults=True)
    yield from given.items()


def _written_route(route: Route) -> dict[str, Any]:
    given = route.model_dump(mode="json", exclude_defaults=True)
    when = given.pop("when", None)
    return given | ({"when": when} if when else {})
