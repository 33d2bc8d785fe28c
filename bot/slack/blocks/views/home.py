"""The App Home: the one thing to do now, then what waits for this reader, by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.core.base import permissions, team
from bot.core.base.permissions import Permission
from bot.core.views.home import First, HomeView
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import (
    VIEW_BLOCKS,
    Block,
    Element,
    View,
    actions,
    button,
    context,
    divider,
    first_of,
    header,
    lines,
    section,
)
from bot.slack.blocks.base.phrases import deadline, due_text, link, numbered, status, until_day, why_paused
from bot.slack.blocks.base.text import line
from bot.slack.blocks.mql import buttons, disputes, queue
from bot.slack.blocks.mql.lead_details import email_link, phone_link
from bot.slack.blocks.reports.own_week import switch
from bot.slack.blocks.routing.absences import open_button
from bot.slack.blocks.views.home_admin import health, trouble
from bot.slack.blocks.views.home_marketing import became, definition
from bot.slack.blocks.views.home_team import board, decisions, open_mqls
from bot.slack.blocks.views.listed import next_step
from storage.models import ActionItem

SIZES = (1.0, 0.6, 0.3)
"""How much of each part is shown: all of it, unless somebody has so many roles that Slack would not take it."""
OWN_SHOWN = {"overdue": 8, "today": 6, "week": 4, "later": 2, "outcomes": 6, "paused": 3}
DISPUTES_SHOWN = 3
ENTRIES_SHOWN = 5
REPS_SHOWN = 12
ACTIONS_SHOWN = 3


def home(view: HomeView, t: Translator, now: datetime, above: Sequence[Block] = ()) -> View:
    """Return the whole tab, within Slack's 100 blocks. `above`: what stands before everything else."""
    blocks: list[Block] = []
    for share in SIZES:
        blocks = [*above, *_blocks(view, t, now, share)]
        if len(blocks) <= VIEW_BLOCKS:
            break
    return {"type": "home", "blocks": blocks[:VIEW_BLOCKS]}


def _blocks(view: HomeView, t: Translator, now: datetime, share: float) -> list[Block]:
    if view.member is None:
        return [header(t("home.title")), section(t.md("home.not_on_roster"))]
    decides = permissions.may(view.member, Permission.DECIDE)
    blocks = [header(t(f"home.title_{_title(view)}")), *_first(view.first, t), *_away(view, t, now)]
    if view.health is not None:
        blocks += trouble(view.health, t, _shown(5, share))
    blocks += _own(view, t, now, share)
    if view.team is not None:
        blocks += decisions(view.team, t, _shown(3, share))
    blocks += _disputes(view, t, share, decides=decides) + _actions(view.actions, t, now, share)
    if view.team is not None:
        blocks += [divider(), *board(view.team.board, t, REPS_SHOWN), *open_mqls(view.team, t, now, _shown(10, share))]
    if view.marketing is not None:
        blocks += [*became(view.marketing, t), *definition(view.marketing, t)]
    blocks += _unreadable(view, t, share)
    if view.health is not None:
        blocks += health(view.health, t)
    if view.gets_own_week is not None:
        blocks += actions([switch(t, wanted=view.gets_own_week)])
    at = t.moment(view.drawn_at) if view.drawn_at is not None else ""
    return [*blocks, context(t.md("home.help"), *([t.md("home.as_of", at=at)] if at else []))]


def _title(view: HomeView) -> str:
    """Return the word in the key of the tab's title: whose work it shows first."""
    if view.gets_own_week is not None:
        return "own"
    if view.team is not None:
        return "team"
    return "marketing" if view.marketing is not None else "other"


def _shown(most: int, share: float) -> int:
    return max(1, round(most * share))


def _first(first: First, t: Translator) -> list[Block]:
    whom = numbered(first.view.mql, t) if first.view is not None else ""
    text = t.md(f"home.first_{first.matter}", count=first.count, whom=whom)
    return [section(Mrkdwn(f"*{text}*"), next_step(first.view, t) if first.view is not None else None)]


def _away(view: HomeView, t: Translator, now: datetime) -> list[Block]:
    """Return the switch of a rep: whether they get new MQLs, and the way to change it."""
    member = view.member
    if member is None or not team.is_rep(member):
        return []
    if not team.is_away(member, now) or member.away_until is None:
        return [section(t.md("home.here"), open_button(t))]
    return [section(t.md("home.away", until=until_day(member.away_until, t)), button(t("button.back"), ids.BACK, 0))]


def _own(view: HomeView, t: Translator, now: datetime, share: float) -> list[Block]:
    """Return a rep's own work; of anybody else nothing is said where they have none."""
    own, blocks = view.own, list[Block]()
    for part, most in OWN_SHOWN.items():
        views: Sequence[MqlView] = getattr(own, part)
        if not views:
            continue
        several = button(t("button.several"), ids.SEVERAL, 0) if part == "outcomes" and len(views) > 1 else None
        title = section(heading(f"home.own_{part}", len(views), t), several)
        shown = first_of(views, _shown(most, share), partial(own_row, t=t, now=now), t, more="home.more_own")
        blocks += [divider(), title, *shown]
    is_rep = team.is_rep(view.member)
    return blocks if blocks or not is_rep else [divider(), section(t.md("home.nothing_open"))]


def own_row(view: MqlView, t: Translator, now: datetime) -> list[Block]:
    """Return one of the reader's MQLs: when it is due, how to reach the lead, and what can be done at once."""
    due = deadline(view)
    soon = "⏳ " if due is not None and due.soon(now) else ""
    when = Mrkdwn(f"{soon}{escape(due_text(due, t))}") if due is not None else why_paused(view, t)
    reach = [phone_link(view.mql.phone) if view.mql.phone else "", email_link(view.mql.email) if view.mql.email else ""]
    reached = Mrkdwn("  ".join(f"{mark} {way}" for mark, way in zip(("📞", "✉️"), reach, strict=True) if way))
    text = lines([Mrkdwn(f"*{link(view, t)}*"), status(view, t, now), when, reached])
    return [section(text, buttons.show(view, t)), *actions(buttons.for_owner(view, t))]


def _disputes(view: HomeView, t: Translator, share: float, *, decides: bool) -> list[Block]:
    if not view.disputes:
        return []
    title = heading("home.disputes" if decides else "home.own_disputes", len(view.disputes), t)
    rows = partial(disputes.row, t=t, decides=decides)
    return [divider(), section(title), *first_of(view.disputes, _shown(DISPUTES_SHOWN, share), rows, t)]


def _actions(items: Sequence[ActionItem], t: Translator, now: datetime, share: float) -> list[Block]:
    if not items:
        return []
    today = t.local_date(now).isoformat()

    def row(item: ActionItem) -> list[Block]:
        due = t("home.action_due", day=t.day(datetime.fromisoformat(item.due_on).date()))
        text = lines(
            [Mrkdwn(f"*{escape(line(item.what))}*"), Mrkdwn(f"{'🔴 ' if item.due_on < today else ''}{escape(due)}")]
        )
        return [section(text, _done(item, t))]

    title = section(heading("home.actions", len(items), t))
    return [divider(), title, *first_of(items, _shown(ACTIONS_SHOWN, share), row, t)]


def _done(item: ActionItem, t: Translator) -> Element:
    done = t("button.action_done")
    return button(done, ids.ACTION_DONE, item.id, say=f"{done}: {line(item.what, 40)}")


def _unreadable(view: HomeView, t: Translator, share: float) -> list[Block]:
    rules = [button(t("button.sender_rules", count=view.sender_rules), ids.SENDER_RULES, 0)]
    below = actions(rules if view.sender_rules else [])
    if not view.unreadable:
        return [divider(), *below] if below else []
    title = section(heading("home.unreadable", len(view.unreadable), t))
    most = _shown(ENTRIES_SHOWN, share)
    return [divider(), title, *first_of(view.unreadable, most, lambda entry: queue.row(entry, t), t), *below]


def heading(key: str, count: int, t: Translator) -> Mrkdwn:
    """Return the title of a part, with how many there are."""
    return Mrkdwn(f"*{escape(t(key, count=count))}*")
