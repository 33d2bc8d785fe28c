"""What is known of the lead and of its outcome, as blocks. Only what is present is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import Block, context, fields, lines
from bot.slack.blocks.base.phrases import EMOJI, SEPARATOR, deadline, disposition
from bot.slack.blocks.base.text import clean, clip, line, md
from storage.models import Feedback, LostReason, Mql
from storage.vocabulary import Status

VALUE = 200
REASON_SHOWN = 40
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%'*+/=?^_`{}~-]+@[A-Za-z0-9.-]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,24}")


def facts(view: MqlView, t: Translator) -> list[Block]:
    """Return the lead's data in two columns, and the tier whose terms hold; what was otherwise at receipt as both."""
    due = deadline(view)
    tier = (due.clock if due else view.response).tier
    known = [*_known(view.mql, t), ("tier", _as_received(md(tier, VALUE), md(view.mql.received_tier, VALUE), t))]
    return fields([Mrkdwn(f"*{t(f'field.{name}')}*\n{value}") for name, value in known if value])


def _known(mql: Mql, t: Translator) -> Iterator[tuple[str, Mrkdwn]]:
    person = t("field.erased") if mql.erased_at is not None else line(mql.person, VALUE)
    held = line(mql.title, VALUE)
    yield "company", md(mql.company, VALUE)
    yield (
        "person",
        t.md("field.person_with_title", person=person, title=held) if person and held else md(person or held),
    )
    yield "email", email_link(mql.email)
    yield "phone", phone_link(mql.phone)
    yield "channel", _as_received(md(mql.channel, VALUE), md(mql.received_channel, VALUE), t)
    yield "campaign", _as_received(md(mql.campaign, VALUE), md(mql.received_campaign, VALUE), t)
    yield "form", _as_received(md(mql.form, VALUE), md(mql.received_form, VALUE), t)
    yield "score", _score(mql, t)


def _as_received(now: Mrkdwn, then: Mrkdwn, t: Translator) -> Mrkdwn:
    """Return a value, and beside it what the lead came with where that was another or nothing."""
    if now == then:
        return now
    return t.md("field.since_receipt", now=now or t.md("field.none"), then=then or t.md("field.not_known"))


def _score(mql: Mql, t: Translator) -> Mrkdwn:
    why = line(mql.score_reason, VALUE)
    if mql.score is None:
        return md(why, VALUE)
    points = _as_received(_points(mql.score, t), _points(mql.received_score, t), t)
    if why and mql.received_score != mql.score:  # brackets behind brackets read badly
        return lines([points, md(why, VALUE)])
    return t.md("field.score_with_reason", points=points, reason=why) if why else points


def _points(score: int | None, t: Translator) -> Mrkdwn:
    return Mrkdwn("") if score is None else t.md("field.points", score=t.number(score))


def email_link(address: str | None) -> Mrkdwn:
    """Return an address that a tap writes to; anything unusual is only shown."""
    cleaned = line(address, 254)
    safe = _EMAIL.fullmatch(cleaned)
    return Mrkdwn(f"<mailto:{cleaned}|{cleaned}>") if safe else escape(cleaned)


def phone_link(number: str | None) -> Mrkdwn:
    """Return a number that a tap calls; anything unusual is only shown."""
    cleaned = line(number, 60)
    if not _PHONE.fullmatch(cleaned):
        return escape(cleaned)
    return Mrkdwn(f"<tel:{re.sub(r'[^0-9+]', '', cleaned)}|{cleaned}>")


def contact_line(mql: Mql, t: Translator) -> Mrkdwn | None:
    """Return how to reach the person, by one tap: telephone and mail; None where nothing is known."""
    ways = {"phone": phone_link(mql.phone), "email": email_link(mql.email)}
    shown = [t.md(f"card.{way}", value=value) for way, value in ways.items() if value]
    return Mrkdwn(SEPARATOR.join(shown)) if shown else None


def origin_line(view: MqlView, t: Translator) -> Mrkdwn | None:
    """Return the marketing channel, the score with a few words on why, and the tier whose terms hold."""
    mql, due = view.mql, deadline(view)
    why = line(mql.score_reason, REASON_SHOWN)
    points = _points(mql.score, t) or None
    score = t.md("field.score_with_reason", points=points, reason=why) if points and why else points or md(why) or None
    known = [md(mql.channel, 60), score, md((due.clock if due else view.response).tier, 40)]
    shown = [part for part in known if part]
    return Mrkdwn(SEPARATOR.join(shown)) if shown else None


def attributes(mql: Mql, most: int) -> list[Block]:
    """Return the first few of whatever else came in."""
    shown = [f"{md(name, 40)}: {md(value, 80)}" for name, value in _scalars(mql) if line(name) and line(value)]
    return [context(Mrkdwn(SEPARATOR.join(shown[:most])))] if shown else []


def _scalars(mql: Mql) -> Iterator[tuple[str, str]]:
    for name, value in mql.attributes.items():
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(name), str(value)
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield str(name), ", ".join(value)


def outcome(view: MqlView, t: Translator) -> Mrkdwn:
    """Return what sales said became of it."""
    word = "related.gone_on" if view.mql.merged_into_id is not None else f"status.{view.mql.status}"
    head = Mrkdwn(f"{EMOJI[view.mql.status]} *{t(word)}*")
    if view.mql.status == Status.WITHDRAWN:
        return lines([head, withdrawn(view.mql, t)])
    disputed = t.md("dispute.open") if view.mql.disputed_at else None
    particulars = details(view.feedback, view.reason, t) if view.feedback else []
    return lines([head, disputed, *deal(view.mql, t), *particulars])


def deal(mql: Mql, t: Translator) -> list[Mrkdwn]:
    """Return what came of the opportunity: won or lost, when, and how much it was about."""
    if mql.deal_result is None or mql.deal_result_at is None:
        return []
    sentence = t.md("result.deal", result=t(f"deal.{mql.deal_result}"), day=t.full_day(mql.deal_result_at))
    return [sentence, *([t.md("result.deal_amount", text=t.money(mql.amount))] if mql.amount is not None else [])]


def withdrawn(mql: Mql, t: Translator) -> Mrkdwn:
    """Say that nobody needs to do anything about it any more, or must not."""
    if mql.merged_into_id is not None:
        return t.md("outcome.merged")
    return t.md("outcome.withdrawn_by_erasure" if mql.withdrawn_by_erasure else "outcome.withdrawn")


def details(feedback: Feedback, reason: LostReason | None, t: Translator, *, reasoned: bool = True) -> list[Mrkdwn]:
    """Return the particulars of a disposition, a line each; without the lost reason where the headline has told it."""
    particulars = []
    if feedback.lost_reason and reasoned:
        label = reason.label(t.locale) if reason else feedback.lost_reason
        particulars.append(t.md("result.reason", text=line(label)))
    if feedback.amount is not None:
        particulars.append(t.md("result.amount", text=t.money(feedback.amount)))
    if line(feedback.next_step):
        particulars.append(t.md("result.next_step", text=clip(clean(feedback.next_step), 300)))
    back = parsed_date(feedback.recycle_on)
    if back is not None:
        particulars.append(t.md("result.recycle_on", text=t.full_date(back)))
    if line(feedback.comment):
        particulars.append(t.md("result.comment", text=clip(clean(feedback.comment), 500)))
    return particulars


def parsed_date(text: str | None) -> date | None:
    """Return an ISO date, if it is one."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def headline(feedback: Feedback, reason: LostReason | None, t: Translator) -> str:
    """Return a disposition in a few words: 見送り(予算なし)."""
    word = disposition(feedback.disposition, t)
    if feedback.lost_reason is None:
        return word
    label = reason.label(t.locale) if reason else feedback.lost_reason
    return t("result.with_reason", result=word, reason=line(label))
