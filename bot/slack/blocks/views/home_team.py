"""The App Home of leaders: what waits for their decision, the team, and everything that is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.views.board import NOBODY, Board, OfRep
from bot.core.views.home import PauseRequest, TeamView
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    actions,
    and_more,
    button,
    context,
    divider,
    first_of,
    lines,
    option,
    section,
    select,
)
from bot.slack.blocks.base.phrases import called, deadline, due_text, link, owner_called, status, until_day, why_paused
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.mql import pauses
from bot.slack.blocks.views.listed import menu
from storage.vocabulary import BoardState

A_SECTION = 6
WHY_SHOWN = 60
NOTICED = 1
"""Turns: nearer to an even share than a whole one nobody can be brought, for no MQL is divided."""
ALL = "all"
"""The value of the option that filters nothing. Any other is behind an equals sign, whatever a tier is called."""


def decisions(of_team: TeamView, t: Translator, most: int) -> list[Block]:
    """Return the pauses that wait for consent."""
    if not of_team.requests:
        return []

    def row(request: PauseRequest) -> list[Block]:
        return pauses.row(request.view, request.asked, t)

    title = section(Mrkdwn(f"*{escape(t('home.requests', count=len(of_team.requests)))}*"))
    return [divider(), title, *first_of(of_team.requests, most, row, t)]


def board_title(of_team: Board, t: Translator) -> Mrkdwn:
    """Return what the team board is, with how much is open."""
    return Mrkdwn(f"*{escape(t('home.board', count=of_team.open))}*")


def board(of_team: Board, t: Translator, most: int) -> list[Block]:
    """Return the team board: what has no owner, and up to `most` reps, whoever has most overdue first."""
    dealt = any(rep.given for rep in of_team.reps)
    texts = [_rep(rep, t, dealt=dealt) for rep in of_team.reps[:most]]
    if of_team.unassigned:
        open_ones = t("home.rep_open", count=of_team.unassigned)
        texts.insert(0, Mrkdwn(f"*{escape(t('status.unassigned'))}*\n{escape(open_ones)}"))
    chunks = [texts[first : first + A_SECTION] for first in range(0, len(texts), A_SECTION)]
    rest = and_more(len(of_team.reps) - most, t, "home.more_reps")
    return [section(board_title(of_team, t)), *(section(lines(chunk)) for chunk in chunks), *rest]


def _rep(rep: OfRep, t: Translator, *, dealt: bool) -> Mrkdwn:
    """Return what one rep has: zeros are left out, what is overdue stands first. `dealt`: whether somebody got an MQL
    this week, beside whom none says something too."""
    counts = {"overdue": rep.overdue, "today": rep.today, "open": rep.open, "paused": rep.paused}
    parts = [t(f"home.rep_{name}", count=count) for name, count in counts.items() if count or name == "open"]
    if dealt:
        parts.append(t("home.rep_given", count=rep.given))
    if abs(rep.ahead) >= NOTICED:
        parts.append(t(f"home.rep_{'ahead' if rep.ahead > 0 else 'behind'}", turns=t.number(round(abs(rep.ahead), 1))))
    if rep.away and rep.member.away_until is not None:
        parts.append(t("home.rep_away", until=until_day(rep.member.away_until, t)))
    mark = "🔴 " if rep.overdue else "🌴 " if rep.away else ""
    name = escape(called(rep.member.user_id, bare_name(rep.member.name, 40), t))
    return Mrkdwn(f"{mark}*{name}*\n{escape(t('people.between').join(parts))}")


def open_mqls(of_team: TeamView, t: Translator, now: datetime, most: int) -> list[Block]:
    """Return everything that is open, as it is filtered, with what can be done about each and about several."""
    page = of_team.page
    title = section(Mrkdwn(f"*{escape(t('home.open_mqls', count=page.count))}*"))
    rows = [_row(view, t, now) for view in page.shown[:most]] or [context(t.md("home.none_pass"))]
    return [divider(), title, *actions(_filters(of_team, t)), *rows, *actions(_below(of_team, t))]


def _row(view: MqlView, t: Translator, now: datetime) -> Block:
    due = deadline(view)
    owner = t("card.owner_name", name=owner_called(view, t)) if view.mql.owner else t("status.unassigned")
    when = f"{due_text(due, t)}" if due is not None else ""
    why = why_paused(view, t, WHY_SHOWN)
    kept = t.md("home.kept", rep=bare_name(view.kept.rep), at=t.moment(view.kept.back_at)) if view.kept else None
    second = Mrkdwn(escape(t("people.between").join(part for part in (owner, when) if part)))
    return section(lines([Mrkdwn(f"*{link(view, t)}*"), status(view, t, now), second, why, kept]), menu(view, t))


def _filters(of_team: TeamView, t: Translator) -> list[Element]:
    wanted, page = of_team.page.filter, of_team.page
    reps = [(NOBODY, t("status.unassigned")), *((rep.user_id, bare_name(rep.name, 60)) for rep in of_team.roster[:97])]
    states = [(state.value, t(f"home.state_{state}")) for state in BoardState]
    tiers = [(tier, line(tier, 60)) for tier in page.tiers[:98]]
    shown = [_filter(ids.HOME_REP, "home.all_reps", reps, wanted.rep, t)]
    shown.append(_filter(ids.HOME_STATE, "home.all_states", states, wanted.state, t))
    return [*shown, *([_filter(ids.HOME_TIER, "home.all_tiers", tiers, wanted.tier, t)] if tiers else [])]


def _filter(action_id: str, every: str, choices: Sequence[tuple[str, str]], chosen: str, t: Translator) -> Element:
    options = [option(t(every), ALL), *(option(text, f"={value}") for value, text in choices)]
    return select(action_id, options, t(every), f"={chosen}" if chosen else ALL)


def _below(of_team: TeamView, t: Translator) -> list[Element]:
    page = of_team.page
    elements = []
    if page.count > 1:
        elements = [
            button(t("button.reassign_several"), ids.REASSIGN_SEVERAL, 0),
            button(t("button.remind_several"), ids.REMIND_SEVERAL, 0),
        ]
    number = page.filter.page
    if number > 0:
        elements.append(button(t("button.page_before"), ids.HOME_BEFORE, number - 1))
    if number < page.last:
        elements.append(button(t("button.page_after", page=number + 2, last=page.last + 1), ids.HOME_AFTER, number + 1))
    return elements
