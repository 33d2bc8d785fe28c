"""The words that several screens share: whom an MQL is about, who has it, where it stands and until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, catalogue, escape
from bot.slack.blocks.base.kit import Block, countdown, lines, rich, rich_line, section
from bot.slack.blocks.base.text import bare_name, line, md
from storage.models import Clock, Mql
from storage.vocabulary import ClockKind, ClockStanding, ClockState, Disposition, Status

EMOJI = {
    Status.UNASSIGNED: "⚪",
    Status.ASSIGNED: "🟡",
    Status.ACCEPTED: "🔵",
    Status.CONTACTED: "🟣",
    Status.QUALIFIED: "🟢",
    Status.DISQUALIFIED: "⚫",
    Status.RECYCLED: "🌱",
    Status.WITHDRAWN: "🚪",
    Status.UNKNOWN: "📁",
}
SEPARATOR = Mrkdwn(" · ")
WHY_SHOWN = 200
_USER_ID = re.compile(r"[UW][A-Z0-9]+")
_GROUP_ID = re.compile(r"S[A-Z0-9]+")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]+")


def subject(mql: Mql, t: Translator) -> str:
    """Return whom it is about, inside a sentence: 青空商事 山田様, Taro Yamada (Acme)."""
    return _whom("lead.both", mql, t)


def title(mql: Mql, t: Translator) -> str:
    """Return whom it is about, as a heading, and what they are there: 青空商事 · 山田様(部長), Acme · Jo Ray (CTO)."""
    held = bare_name(mql.title, 40)
    person = bare_name(mql.person)
    if mql.erased_at is None and held and person:
        both = t("lead.titled", person=person, title=held)
        company = bare_name(mql.company)
        return t("lead.heading_titled", company=company, person=both) if company else both
    return _whom("lead.heading", mql, t)


def _whom(both: str, mql: Mql, t: Translator) -> str:
    company, person = bare_name(mql.company), bare_name(mql.person)
    if mql.erased_at is not None:
        return t("lead.erased_of", company=company) if company else t("lead.erased")
    if company and person:
        return t(both, company=company, person=person)
    name = company or person or line(mql.email) or line(mql.phone)
    return t("lead.one", name=name) if name else t("lead.unknown")


def numbered(mql: Mql, t: Translator) -> str:
    """Return whom it is about, behind the number by which people call it."""
    return f"#{mql.number} {subject(mql, t)}"


def link(view: MqlView, t: Translator) -> Mrkdwn:
    """Return the numbered subject, leading to the card where its address is known."""
    words = escape(numbered(view.mql, t))
    return Mrkdwn(f"<{view.permalink}|{words.replace('|', '¦')}>") if web_address(view.permalink) else words


def web_address(url: str | None) -> str | None:
    """Return the address, if a button may open it: http or https, complete, and free of what would end a link early."""
    if not url or len(url) > 3000 or re.search(r"[\s<>|\"\x00-\x1f]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def owner_name(view: MqlView, t: Translator) -> str:
    """Return the owner's name as plain text."""
    return (bare_name(view.owner.name) if view.owner else "") or t("lead.owner")


def called(user_id: str | None, name: str, t: Translator) -> str:
    """Return a person as the reader calls them: 佐藤 葵さん, and あなた where it is the reader."""
    is_reader = user_id is not None and user_id == t.reader
    return t("reader.you") if is_reader else t("card.owner_person", name=name)


def owner_called(view: MqlView, t: Translator) -> str:
    """Return the owner as the reader calls them."""
    return called(view.mql.owner, owner_name(view, t), t)


def now_with(view: MqlView, t: Translator, *, is_first: bool = False) -> Mrkdwn:
    """Return who has an MQL now; `is_first`: nobody had it before."""
    if view.mql.owner is not None and view.mql.owner == t.reader:
        return t.md("outcome.has_owner_you" if is_first else "outcome.passed_on_you")
    return t.md("outcome.has_owner" if is_first else "outcome.passed_on", rep=owner_name(view, t))


def cover_name(view: MqlView, t: Translator) -> str:
    """Return the name of whoever answers while the owner is away, as plain text."""
    return (bare_name(view.cover.name) if view.cover else "") or t("lead.owner")


def cover_called(view: MqlView, t: Translator) -> str:
    """Return whoever covers as the reader calls them."""
    return called(view.mql.cover, cover_name(view, t), t)


def until_day(end: datetime, t: Translator) -> str:
    """Return the end of an absence as its last day, 12/4(金); of one that ends within a day its time."""
    local = end.astimezone(ZoneInfo(t.timezone))
    return t.moment(end) if local.time() != time() else t.day((local - timedelta(days=1)).date())


def away(view: MqlView, t: Translator, now: datetime | None) -> Mrkdwn | None:
    """Return that the owner is away and what to do about it; None while they, or somebody for them, can be asked."""
    end = view.owner.away_until if view.owner and now else None
    if end is None or now is None or end <= now:
        return None
    cover = view.cover
    if cover is not None and (cover.away_until is None or cover.away_until <= now):
        return t.md("direct.ask_cover", rep=owner_name(view, t), cover=cover_name(view, t))
    return t.md("direct.ask_away", rep=owner_name(view, t), until=until_day(end, t))


def mention(user_id: str | None, otherwise: str = "") -> Mrkdwn:
    """`<@U…>`, which Slack shows as the name. Anything that is no user id is shown as text."""
    return Mrkdwn(f"<@{user_id}>") if user_id and _USER_ID.fullmatch(user_id) else md(user_id or otherwise)


def limit(hours: float, t: Translator) -> str:
    """Return the open time of a deadline, as an attribute: 24時間, 30-minute."""
    whole, minutes = divmod(max(round(hours * 60), 1), 60)
    if not minutes:
        return t("limit.hours", count=whole)
    return t("limit.both", hours=whole, minutes=minutes) if whole else t("limit.minutes", count=minutes)


def place(target: str) -> Mrkdwn:
    """Return a Slack channel, user group or person, shown by name; anything else as text."""
    if _GROUP_ID.fullmatch(target):
        return Mrkdwn(f"<!subteam^{target}>")
    return Mrkdwn(f"<#{target}>") if _CHANNEL_ID.fullmatch(target) else mention(target)


def sender_name(sender: str, names: Mapping[str, str], t: Translator) -> str:
    """Return who posts in the intake channel: a name, the channel itself where Slack names nobody, or an id."""
    return bare_name(names.get(sender)) or (t("queue.unnamed") if _CHANNEL_ID.fullmatch(sender) else line(sender))


class Deadline(NamedTuple):
    """The clock that runs now, and which of the two it is."""

    kind: ClockKind
    clock: Clock

    def passed(self, now: datetime | None) -> bool:
        """Return whether it is overdue, the grace included; never where no time is given."""
        return now is not None and self.clock.standing(now) == ClockStanding.BREACHED

    def soon(self, now: datetime | None) -> bool:
        """Return whether it is due soon; never where no time is given."""
        return now is not None and self.clock.standing(now) == ClockStanding.DUE_SOON


def deadline(view: MqlView) -> Deadline | None:
    """Response first, then feedback; none once sales has said what became of it."""
    if view.mql.disposed:
        return None
    if view.response.state == ClockState.RUNNING:
        return Deadline(ClockKind.RESPONSE, view.response)
    if view.feedback_clock is not None and view.feedback_clock.state == ClockState.RUNNING:
        return Deadline(ClockKind.FEEDBACK, view.feedback_clock)
    return None


def paused_deadline(view: MqlView) -> Deadline | None:
    """Return the deadline that had passed when the pause began which holds now; None for any other."""
    for kind, clock in ((ClockKind.RESPONSE, view.response), (ClockKind.FEEDBACK, view.feedback_clock)):
        if clock is not None and clock.paused_at is not None and clock.paused_at >= clock.breach_at:
            return Deadline(kind, clock)
    return None


def due_text(due: Deadline, t: Translator) -> str:
    """Return the deadline in words, without countdown."""
    return t(f"due.{due.kind}", at=t.deadline(due.clock.due_at))


def due_line(due: Deadline, t: Translator) -> Block:
    """Return the deadline as a date and a countdown that the reader's client keeps current."""
    before, between, after = t("due.with_countdown", due="\0", ago="\0").split("\0")
    deadline_shown = rich(f"⏰ {before}{due_text(due, t)}", "bold")
    return rich_line(deadline_shown, rich(between), countdown(due.clock.due_at, t), rich(after))


def paused_until(view: MqlView) -> datetime | None:
    """Return when the pause of its clocks ends; None where nothing is paused."""
    clocks = (view.response, view.feedback_clock)
    ends = [clock.next_check_at for clock in clocks if clock is not None and clock.state == ClockState.PAUSED]
    return min((end for end in ends if end is not None), default=None)


def why_paused(view: MqlView, t: Translator, most: int = WHY_SHOWN) -> Mrkdwn | None:
    """Return why it is paused, in `most` characters; None where nothing is, or the reason is erased."""
    why = line(view.why_paused, most)
    return t.md("pause.why", why=why) if why else None


def paused(view: MqlView, t: Translator, most: int = WHY_SHOWN) -> Mrkdwn | None:
    """Return until when it is paused, and why; None where nothing is."""
    until = paused_until(view)
    if until is None:
        return None
    return lines([Mrkdwn(f"⏸️ *{escape(t('status.paused', until=t.moment(until)))}*"), why_paused(view, t, most)])


def timing(view: MqlView, t: Translator) -> list[Block]:
    """Return the deadline with its countdown; in its place, while it is paused, until when and why."""
    due, pause = deadline(view), paused(view, t)
    return [due_line(due, t)] if due else [section(pause)] if pause else []


def timing_text(view: MqlView, t: Translator) -> str | None:
    """Return the same as one plain sentence, without countdown and reason; None where nobody waits for anything."""
    due, until = deadline(view), paused_until(view)
    if due is not None:
        return due_text(due, t)
    return f"⏸️ {t('status.paused', until=t.moment(until))}" if until is not None else None


def status(view: MqlView, t: Translator, now: datetime | None = None) -> Mrkdwn:
    """Return where it stands, with an overdue mark where `now` is past the running deadline, or a pause began after
    it."""
    due = deadline(view)
    word = t(f"status.{view.mql.status}")
    until = paused_until(view)
    if until is not None:
        late = Mrkdwn(f"{SEPARATOR}{t('status.overdue')}") if paused_deadline(view) else ""
        return Mrkdwn(f"⏸️ *{t('status.paused', until=t.moment(until))}*{late}{SEPARATOR}{word}")
    if due is not None and due.passed(now):
        return Mrkdwn(f"🔴 *{t('status.overdue')}*{SEPARATOR}{word}")
    return Mrkdwn(f"{EMOJI[view.mql.status]} *{word}*")


def disposition(word: str, t: Translator) -> str:
    """Return a disposition in the reader's words; what is none is shown as it is."""
    known = word in tuple(Disposition)
    return t(f"status.{word}") if known else line(word)


def why_refused(error: str, target: str, t: Translator) -> str:
    """Return why Slack took a message not: in words where we know Slack's code, else the code."""
    person = error == "channel_not_found" and target.startswith(("U", "W"))
    key = "refused.person_not_found" if person else f"refused.{error}"
    return t(key) if key in catalogue(t.locale) else line(error, 80)
