"""Everything that people see of routes and turns, with ordinary and hostile words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.core.agreement.rules import Failure, Rule
from bot.core.mql.route_preview import RoutePreview
from bot.core.routing.conditions import Conditions
from bot.core.routing.rehearsal import Rehearsed
from bot.core.routing.shares import PoolShares, Share
from bot.core.views.mql import Candidate, Decision
from bot.core.whatif.fairness_account import Account, Line
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message, message
from bot.slack.blocks.mql import direct_messages, route_preview
from bot.slack.blocks.routing import assignment, turns
from storage.models import Member
from storage.vocabulary import AssignmentVerdict, Status, Strategy
from tests.slack.blocks import samples
from tests.slack.blocks.samples import HOSTILE, NOW, member

COULD = (AssignmentVerdict.CHOSEN, AssignmentVerdict.ELIGIBLE)


def rep(name: str, **columns: Any) -> Member:
    return member(name).model_copy(update={"id": 7, "lapses": 3, **columns})


def decision(name: str, strategy: Strategy, people: int = 3) -> Decision:
    """A decision by a route with every condition."""
    considered = [Candidate(name, verdict, 3, -0.4, 50, 4, 5) for verdict in AssignmentVerdict] * people
    met = tuple((condition, name) for condition in (*Conditions.model_fields, name))
    return Decision(NOW, name, tuple(considered), name, name, strategy, met)


def pool(name: str, people: int) -> PoolShares:
    each = [Share("U1", name, 50, 12, 12.4, 3, 2, 1, 1), Share("U2", name, 100, 0, 0.0, 0, 0, 0, 0)]
    return PoolShares(name, 12, (*each * people, Share("U3", name, 0, 1, 0.5, 0, 0, 0, 0)))


def account(name: str) -> Account:
    lines = [
        Line(NOW, 12, name, verdict, place, 4)
        for verdict in AssignmentVerdict
        for place in ((1, 3) if verdict in COULD else (None,))
        if verdict != AssignmentVerdict.BY_HAND
    ]
    shares = pool(name, 1)
    return Account(name, ((shares, shares.people[0]),), tuple(lines * 3), 40, 40)


def messages(t: Translator) -> Iterator[tuple[str, Message]]:
    for name in ("佐藤 葵", HOSTILE):
        for status in (Status.UNASSIGNED, Status.ASSIGNED, Status.WITHDRAWN):
            shown = samples.view(status, owner=name, company=name)
            hidden = replace(shown, mql=shown.mql.model_copy(update={"offer_hides": True}))
            yield f"first offer {status}", direct_messages.first_offer(shown, t)
            yield f"first offer {status}, without a name", direct_messages.first_offer(hidden, t)
        yield "lapses", turns.lapses(rep(name), 3, 1, t)
        yield "lapses, paused", turns.lapses(rep(name, turns_paused_at=NOW), 3, 1, t)
        yield "lapses, left", turns.lapses(rep(name, lapses=0), 3, 1, t)
        yield "turns paused", turns.turns_paused(rep(name, turns_paused_at=NOW), name, t)
        yield "turns go on", turns.turns_paused(rep(name), name, t)
        yield "fairness", turns.fairness(account(name), t)
        yield "fairness, differing", turns.fairness(replace(account(name), same=39, shares=(), lines=()), t)
        shared = turns.shares([pool(name, 40), replace(pool(name, 1), pool=None)], t)
        yield "shares", message(t.md("routing.shares"), shared)


def views(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "route form", route_preview.form(t)
    for name in ("佐藤 葵", HOSTILE):
        shown = samples.view(owner=name, company=name)
        own = turns.share_line(pool(name, 1).people[0], pool(name, 1), t)
        for strategy in Strategy:
            yield f"why, by {strategy}", assignment.why(shown, decision(name, strategy), t, own)
        failing = tuple(Failure(rule, "company" if rule == Rule.REQUIRED else name) for rule in Rule)
        preview = RoutePreview(3, failing, 12, decision(name, Strategy.ROTATION), name, (), name, NOW)
        for seen in (
            preview,
            replace(preview, failing=(), joins=None, tier=None),
            replace(preview, definition=None, failing=(), chosen=None, offered=(name,) * 40),
            replace(preview, chosen=None, decision=replace(preview.decision, route=None)),
        ):
            yield "route preview", route_preview.page(route_preview.of_lead(seen, t), t)
        users = {f"U{n}": n for n in range(60)}
        rehearsed = Rehearsed(users, {"U1": 9}, {name: 5, "*": 3}, 2, 60)
        yield "quarter", route_preview.page(route_preview.of_quarter(rehearsed, {"U1": name}, t), t)
        nothing = replace(rehearsed, total=0)
        yield "quarter without leads", route_preview.page(route_preview.of_quarter(nothing, {}, t), t)
