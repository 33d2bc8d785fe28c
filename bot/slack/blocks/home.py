"""The App Home: what waits for this reader, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.core.views.home import HomeView
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks import buttons, disputes, ids, queue
from bot.slack.blocks.absences import open_button
from bot.slack.blocks.kit import (
    VIEW_BLOCKS,
    Block,
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
from bot.slack.blocks.own_week import switch
from bot.slack.blocks.phrases import deadline, place, until_day, why_refused
from bot.slack.blocks.replies import row
from storage.models import Outbox
from storage.vocabulary import Role

MINE_SHOWN = 11
OTHERS_SHOWN = 5
DISPUTES_SHOWN = 3
NOTICES_SHOWN = 5
LEADERS = (Role.MANAGER, Role.HEAD, Role.ADMIN)


def home(view: HomeView, t: Translator, now: datetime) -> View:
    """Return the whole tab. Each part is capped, so that all of them together stay within Slack's 100 blocks."""
    blocks = [header(t("home.title")), section(_greeting(view, t, now))]
    if view.member is not None:
        blocks += _mine(view, t, now)
        decides = view.member.has(*LEADERS)
        blocks += _disputes(view, t, decides=decides)
        if decides:
            blocks += _team(view, t, now)
        blocks += _unreadable(view, t) + _undelivered(view, t)
        if view.gets_own_week is not None:
            blocks += actions([open_button(t), switch(t, wanted=view.gets_own_week)])
        blocks.append(context(t.md("home.help")))
    return {"type": "home", "blocks": blocks[:VIEW_BLOCKS]}


def _greeting(view: HomeView, t: Translator, now: datetime) -> Mrkdwn:
    member = view.member
    if member is None:
        return t.md("home.not_on_roster")
    late = sum(1 for item in view.mine if (due := deadline(item)) and due.passed(now))
    team = _of_team(view, t) if member.has(*LEADERS) else []
    sentence: Mrkdwn | None = None
    if late:
        sentence = t.md("home.late", count=late)
    elif view.mine:
        sentence = t.md("home.open", count=len(view.mine))
    elif member.has(Role.REP) or not team:
        sentence = t.md("home.nothing_open")
    away = member.away_until if member.away_until and member.away_until > now else None
    return lines([sentence, *team, t.md("home.away", until=until_day(away, t)) if away else None])


def _of_team(view: HomeView, t: Translator) -> list[Mrkdwn]:
    counts = {"home.team_waiting": len(view.breaches) + len(view.unassigned), "home.to_decide": len(view.disputes)}
    return [t.md(key, count=count) for key, count in counts.items() if count]


def _mine(view: HomeView, t: Translator, now: datetime) -> list[Block]:
    if not view.mine:
        return []
    several = sum(mql_view.mql.awaits_outcome for mql_view in view.mine) > 1
    together = button(t("button.several"), ids.SEVERAL, 0) if several else None
    title = section(_title("home.mine", len(view.mine), t), together)

    def rows(mql: MqlView) -> list[Block]:
        return [row(mql, t, now), *actions(buttons.for_owner(mql, t))]

    return [divider(), title, *first_of(view.mine, MINE_SHOWN, rows, t)]


def _disputes(view: HomeView, t: Translator, *, decides: bool) -> list[Block]:
    if not view.disputes:
        return []
    title = _title("home.disputes" if decides else "home.own_disputes", len(view.disputes), t)
    rows = partial(disputes.row, t=t, decides=decides)
    return [divider(), section(title), *first_of(view.disputes, DISPUTES_SHOWN, rows, t)]


def _team(view: HomeView, t: Translator, now: datetime) -> list[Block]:
    return [
        *_listed("home.unassigned", view.unassigned, t, now),
        *_listed("home.breaches", view.breaches, t, now),
        *_listed("home.debt", view.debt, t, now),
        *([] if view.unassigned or view.breaches or view.debt else [divider(), section(t.md("home.team_clear"))]),
    ]


def _listed(key: str, views: Sequence[MqlView], t: Translator, now: datetime) -> list[Block]:
    if not views:
        return []

    def rows(mql: MqlView) -> list[Block]:
        return [row(mql, t, now, owner=True), *actions([buttons.reassign(mql, t), *buttons.urge(mql, t)])]

    return [divider(), section(_title(key, len(views), t)), *first_of(views, OTHERS_SHOWN, rows, t)]


def _unreadable(view: HomeView, t: Translator) -> list[Block]:
    rules = [button(t("button.sender_rules", count=view.sender_rules), ids.SENDER_RULES, 0)]
    below = actions(rules if view.sender_rules else [])
    if not view.unreadable:
        return [divider(), *below] if below else []
    title = section(_title("home.unreadable", len(view.unreadable), t))
    rows = first_of(view.unreadable, NOTICES_SHOWN, lambda entry: queue.row(entry, t), t)
    return [divider(), title, *rows, *below]


def _undelivered(view: HomeView, t: Translator) -> list[Block]:
    if not view.undelivered:
        return []
    count = view.undelivered_count
    title = section(_title("home.undelivered", count, t))

    def rows(entry: tuple[Outbox, int | None]) -> list[Block]:
        return [section(_refused(*entry, t), button(t("button.resend"), ids.RESEND, entry[0].id))]

    resend_all = [button(t("button.resend_all", count=count), ids.RESEND_ALL, count)] if count > 1 else []
    return [
        divider(),
        title,
        *first_of(view.undelivered, NOTICES_SHOWN, rows, t, count=count),
        *actions(resend_all),
    ]


def _refused(message_row: Outbox, number: int | None, t: Translator) -> Mrkdwn:
    what = t(f"kind.{message_row.kind}") + (f" #{number}" if number else "")
    why = why_refused(message_row.error or "", message_row.target, t)
    return t.md(
        "home.undelivered_one", what=what, target=place(message_row.target), error=why, at=t.moment(message_row.due_at)
    )


def _title(key: str, count: int, t: Translator) -> Mrkdwn:
    return Mrkdwn(f"*{escape(t(key, count=count))}*")
