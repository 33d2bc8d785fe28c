"""Messages to one person.

Each is rendered again after a change, and shows the outcome once there is one.

`reader` is the Slack id of whoever the message was sent to: an owner who has lost the MQL since is told so, instead of
seeing buttons that no longer work. Without it the message speaks to the present owner.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.sla.time_breakdown import TimeBreakdown
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import Block, Element, Message, actions, context, lines, message, section
from bot.slack.blocks.base.phrases import (
    away,
    cover_name,
    limit,
    now_with,
    owner_name,
    paused_until,
    place,
    subject,
    timing,
    timing_text,
    web_address,
    why_refused,
)
from bot.slack.blocks.base.text import bare_name
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.answered import standing
from bot.slack.blocks.mql.cards import beside, first_screen
from bot.slack.blocks.mql.read_late import read_late
from bot.slack.blocks.sla.time_breakdown import breakdown, shares
from storage.vocabulary import Status


def assignment(view: MqlView, t: Translator, reader: str | None = None, now: datetime | None = None) -> Message:
    """Return the message to a new owner, with the deadline. The owner works on the MQL from it until the outcome."""
    whom, mine = subject(view.mql, t), reader in (None, view.mql.owner)
    done = _over(view, t, reader)
    if done and not (view.mql.disposed and mine):
        return _told(view, t, t.md("direct.about_assignment", whom=whom), done)
    whose = t.md("direct.yours")
    if reader is not None and reader == view.mql.cover:
        names = {"rep": owner_name(view, t), "cover": cover_name(view, t)}
        text, whose = t.md("direct.cover", whom=whom, **names), t.md("direct.cover_please", **names)
    elif view.mql.status == Status.ASSIGNED:
        text = t.md("direct.assignment", whom=whom)
    else:
        text = Mrkdwn(t.flow(t.md("direct.yours_named", whom=whom), standing(view, t)))
    if when := timing_text(view, t):
        text = Mrkdwn(t.flow(text, t.md("card.summary_due", due=when)))
    shown = buttons.for_card(view, t, reader)
    blocks = first_screen(view, t, now, whose)
    return message(text, [*blocks, *actions(shown), *beside(view, t), _place(view, t)])


def reminder(
    view: MqlView, t: Translator, left: timedelta, reader: str | None = None, *, earlier: bool = False
) -> Message:
    """Return the reminder to the owner before the response deadline; `earlier` if the owner has a newer reminder, which
    shows the present state."""
    whom = subject(view.mql, t)
    if _over(view, t, reader) or view.response.stopped_at is not None:
        return _answered(view, t, t.md("direct.about_response", whom=whom), reader)
    if paused_until(view) is not None:
        return _asked(view, t, t.md("direct.about_response", whom=whom), buttons.for_work(view, t, reader))
    if earlier:
        return _asked(view, t, t.md("direct.reminder_earlier", whom=whom), buttons.for_work(view, t, reader))
    sentence = t.md("direct.reminder", whom=whom, duration=t.duration(left))
    if left <= timedelta(0):  # shown again after the deadline
        sentence = t.md("direct.reminder_passed", whom=whom)
    missing = t.md("direct.not_accepted" if view.mql.accepted_at is None else "direct.not_contacted")
    # The countdown stands below it, and stays true.
    shown = t.md("direct.reminder_soon", whom=whom) if left > timedelta(0) else sentence
    text, shown = Mrkdwn(t.flow(sentence, missing)), Mrkdwn(t.flow(shown, missing))
    return _asked(view, t, text, buttons.for_work(view, t, reader), shown=shown)


def escalation(
    view: MqlView, t: Translator, entry: Timeline, parts: TimeBreakdown, to: str, now: datetime | None = None
) -> Message:
    """Return the escalation to the manager, the head or whoever else a step names (`to`): nobody has answered, where
    the time went, and what can be done now.

    It names the owner at the time of the event `entry`. Once somebody else has the MQL, nothing is left to be done."""
    sentence, spent = _lapsed(view, t, entry), breakdown(parts, t)
    done = _answered_or_safe(view, t)
    if done is None and view.mql.owner not in (None, entry.event.before):
        done = now_with(view, t)
    if done is not None:
        return _told(view, t, sentence, done, section(spent))
    level = to if to in ("manager", "head") else "person" if to[0] in "UW" else "team"
    ask = t.md(f"direct.ask_{level}" if view.mql.owner else "direct.ask_unassigned", rep=owner_name(view, t))
    gone = away(view, t, now)
    shown = buttons.for_manager(view, t, urged=gone is None or view.cover is not None)
    short = t.listed([t("direct.part", name=name, spent=spent) for name, spent in shares(parts, t)])
    text = Mrkdwn(t.flow(sentence, t.md("direct.breakdown", parts=short)))
    # Its deadline has passed, as the sentence says: only a pause is told besides.
    pause = timing(view, t) if paused_until(view) is not None else []
    blocks = [section(sentence), section(spent), *pause, *_read_late(view, t), section(gone or ask), _place(view, t)]
    return message(text, [*blocks, *actions([*shown, buttons.show(view, t)])])


def _read_late(view: MqlView, t: Translator) -> list[Block]:
    late = read_late(view.mql, t)
    return [context(late)] if late else []


def _lapsed(view: MqlView, t: Translator, entry: Timeline) -> Mrkdwn:
    """Return the sentence of an escalation: the deadline has just passed, or passed a while ago without an answer."""
    hours = entry.event.data["hours"]
    allowed = entry.event.data.get("limit", hours)
    who = {"whom": subject(view.mql, t), "rep": bare_name(entry.before) or t("lead.owner")}
    who |= {"limit": limit(allowed, t), "spent": t.hours(timedelta(hours=hours))}
    word = "passed" if hours == allowed else "waiting"
    return t.md(f"direct.{word}" if entry.event.before else f"direct.{word}_unassigned", **who)


def offer(view: MqlView, t: Translator) -> Message:
    """Return the offer to the owner's peers of an MQL that nobody has answered: anybody who is free may take it."""
    whom = subject(view.mql, t)
    done = _answered_or_safe(view, t)
    if done is None and not view.mql.offered:
        done = now_with(view, t) if view.mql.owner else t.md("outcome.no_longer_needed")
    if done is not None:
        return _told(view, t, t.md("direct.about_response", whom=whom), done)
    sentence = t.md("direct.offer" if view.mql.owner else "direct.offer_unassigned", whom=whom, rep=owner_name(view, t))
    ask = Mrkdwn(t.flow(sentence, t.md("direct.offer_ask")))
    return _asked(view, t, ask, [buttons.take(view, t), buttons.show(view, t)])


def first_offer(view: MqlView, t: Translator) -> Message:
    """Return the offer to everybody of a pool: the first to accept gets the MQL."""
    about = t.md("routing.offered", whom=subject(view.mql, t))
    if view.mql.owner is not None or view.mql.disposed:
        key = "routing.taken" if view.mql.owner else "outcome.no_longer_needed"
        return _told(view, t, about, t.md(key, rep=owner_name(view, t)))
    hidden = t.md("routing.offer_hides") if view.mql.offer_hides else ""
    ask = Mrkdwn(t.flow(about, t.md("routing.offer_ask"), hidden))
    return _asked(view, t, ask, [buttons.accept(view, t), buttons.show(view, t)])


def _answered_or_safe(view: MqlView, t: Translator) -> Mrkdwn | None:
    """Return why no answer is needed any more: the MQL was answered, or its deadline was moved; None otherwise."""
    if view.response.stopped_at is not None:
        return standing(view, t)
    return t.md("outcome.in_time_again") if view.response.breached_at is None else None


def owner_left(view: MqlView, t: Translator, left: str | None) -> Message:
    """Return the message to the manager that the owner has left the team (`left` is their Slack id)."""
    whom = subject(view.mql, t)
    if view.mql.disposed or view.mql.owner != left:
        done = standing(view, t) if view.mql.disposed else now_with(view, t, is_first=True)
        return _told(view, t, t.md("direct.about_assignment", whom=whom), done)
    sentence = Mrkdwn(
        t.flow(t.md("direct.owner_left", whom=whom, rep=owner_name(view, t)), t.md("direct.choose_owner"))
    )
    return _asked(view, t, sentence, [buttons.reassign(view, t, primary=True), buttons.show(view, t)])


def unreachable(view: MqlView, t: Translator, whom: str, name: str, error: str) -> Message:
    """Return the message to the manager that Slack takes no messages for the owner (`whom` is their Slack id), with
    Slack's reason."""
    about = subject(view.mql, t)
    if view.mql.disposed or view.mql.owner != whom:
        done = standing(view, t) if view.mql.disposed else now_with(view, t, is_first=True)
        return _told(view, t, t.md("direct.about_assignment", whom=about), done)
    sentence = t.md("direct.unreachable", whom=about, rep=bare_name(name), why=why_refused(error, whom, t))
    ask = Mrkdwn(t.flow(sentence, t.md("direct.unreachable_ask")))
    return _asked(view, t, ask, [buttons.reassign(view, t, primary=True), buttons.show(view, t)])


def channel_unreachable(channel: str, error: str, t: Translator) -> Message:
    """Return the message to the manager that Slack takes no messages for a Slack channel, with Slack's reason."""
    sentence = t.md("direct.channel_unreachable", target=place(channel), why=why_refused(error, channel, t))
    ask = t.md("direct.channel_unreachable_ask")
    return message(Mrkdwn(t.flow(sentence, ask)), [section(sentence), section(ask)])


def unassigned(view: MqlView, t: Translator) -> Message:
    """Return the message to the manager that an MQL has no owner: nobody could be chosen, or it is kept for
    somebody."""
    whom = subject(view.mql, t)
    if view.mql.owner is not None or view.mql.disposed:
        done = standing(view, t) if view.mql.disposed else now_with(view, t, is_first=True)
        return _told(view, t, t.md("direct.about_assignment", whom=whom), done)
    if view.kept is not None:
        back = {"rep": bare_name(view.kept.rep), "at": t.moment(view.kept.back_at)}
        sentence = t.md("direct.unassigned_kept", whom=whom, **back)
    else:
        sentence = Mrkdwn(t.flow(t.md("direct.unassigned", whom=whom), t.md("direct.choose_owner")))
    sentence = lines([sentence, read_late(view.mql, t)])
    return _asked(view, t, sentence, [*buttons.for_manager(view, t), buttons.show(view, t)])


def feedback_reminder(
    view: MqlView, t: Translator, left: timedelta, reader: str | None = None, *, earlier: bool = False
) -> Message:
    """Return the reminder to the owner that the outcome is due soon, or now; `earlier` as in `reminder`."""
    whom = subject(view.mql, t)
    done = _over(view, t, reader)
    if done:
        return _told(view, t, t.md("direct.about_feedback", whom=whom), done)
    if paused_until(view) is not None:
        shown = [*buttons.resume(view, t), *buttons.report_or_choose(view, t)]
        return _asked(view, t, t.md("direct.about_feedback", whom=whom), shown)
    if earlier:
        sentence = t.md("direct.feedback_earlier", whom=whom)
        return _asked(view, t, sentence, buttons.report_or_choose(view, t, primary=True))
    key = "direct.feedback_due_now" if left <= timedelta(0) else "direct.feedback_soon"
    sentence = t.md(key, whom=whom, duration=t.duration(left))
    near = t.md("direct.feedback_near", whom=whom) if left > timedelta(0) else sentence
    text, visible = (Mrkdwn(t.flow(first, t.md("direct.feedback_ask"))) for first in (sentence, near))
    return _asked(view, t, text, buttons.report_or_choose(view, t, primary=True), shown=visible)


def feedback_overdue(view: MqlView, t: Translator, now: datetime | None = None) -> Message:
    """Return the message to the manager that the outcome was not reported by its deadline."""
    whom, rep = subject(view.mql, t), owner_name(view, t)
    if view.mql.disposed:
        return _told(view, t, t.md("direct.about_feedback", whom=whom), standing(view, t))
    sentence = t.md("direct.feedback_overdue", whom=whom, rep=rep)
    ask = away(view, t, now) or t.md("direct.feedback_overdue_ask")
    shown = [buttons.show(view, t), buttons.reassign(view, t), *buttons.resume(view, t)]
    return _asked(view, t, Mrkdwn(t.flow(sentence, ask)), shown)


def nudge(view: MqlView, t: Translator, by: str, reader: str | None = None) -> Message:
    """Return the message to the owner that `by` asks how the MQL stands."""
    sentence = t.md("direct.nudge", by=bare_name(by), whom=subject(view.mql, t))
    if _over(view, t, reader) or view.response.stopped_at is not None:
        return _answered(view, t, sentence, reader)
    ask = Mrkdwn(t.flow(sentence, t.md("direct.nudge_response")))
    return _asked(view, t, ask, buttons.for_work(view, t, reader))


def _over(view: MqlView, t: Translator, reader: str | None) -> Mrkdwn | None:
    """Return why the reader has nothing more to do here; None if there is something."""
    if view.mql.disposed:
        return standing(view, t)
    if view.mql.owner is None:
        return t.md("outcome.no_owner")
    if reader is None or reader in (view.mql.owner, view.mql.cover):
        return None
    return t.md("outcome.moved", rep=owner_name(view, t))


def _told(view: MqlView, t: Translator, sentence: Mrkdwn, done: str, *between: Block) -> Message:
    return message(
        Mrkdwn(t.flow(sentence, done)), [section(sentence), *between, section(Mrkdwn(done)), _place(view, t)]
    )


def _answered(view: MqlView, t: Translator, sentence: Mrkdwn, reader: str | None) -> Message:
    """Return the message to the owner once nothing is asked of them. Whoever pressed Contacted in it may still say
    how."""
    over = _over(view, t, reader)
    answered = _told(view, t, sentence, over or standing(view, t))
    return answered if over else message(answered.text, [*answered.blocks, *actions(buttons.how(view, t))])


def _asked(
    view: MqlView, t: Translator, sentence: Mrkdwn, offered: list[Element], *, shown: Mrkdwn | None = None
) -> Message:
    """Return a message to somebody who is to act. The lock screen shows `sentence`; the conversation shows `shown`, if
    given."""
    return message(sentence, [section(shown or sentence), *timing(view, t), _place(view, t), *actions(offered)])


def _place(view: MqlView, t: Translator) -> Block:
    """Return the number of the MQL as a link to its card."""
    words = t.md("direct.card", number=view.mql.number)
    return context(Mrkdwn(f"<{view.permalink}|{words}>") if web_address(view.permalink) else words)
