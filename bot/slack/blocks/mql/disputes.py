"""The dispute of a disqualification: the button in the thread, the form, and what its readers are told."""

from __future__ import annotations

from bot.core.views.disputes import OpenDispute
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids, kit
from bot.slack.blocks.base.forms import TEXT, field, modal, text_input
from bot.slack.blocks.base.kit import Block, Element, Message, View, actions, context, lines, message, quote, section
from bot.slack.blocks.base.phrases import disposition, link, owner_name, subject, timing
from bot.slack.blocks.base.text import bare_name, clean, line
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.history import result_line
from bot.slack.blocks.mql.lead_details import details
from storage.vocabulary import EventType, Status

WHY_SHOWN = 600
WHY_IN_ROW = 200


def button(view: MqlView, t: Translator) -> Element:
    """Say that the disqualification is wrong."""
    say = f"{t('button.dispute')} #{view.mql.number}"
    return kit.button(t("button.dispute"), ids.DISPUTE, view.mql.id, say=say)


def form(view: MqlView, t: Translator) -> View:
    """Return why it should not have been disqualified."""
    about = t.md("dispute.about", whom=subject(view.mql, t), result=result_line(view, t))
    why = text_input(ids.WHY_DISPUTE, None, most=TEXT, multiline=True)
    blocks = [section(about), field(ids.WHY_DISPUTE, t("dispute.why"), why, hint=t("dispute.why_hint"))]
    submit = t("dispute.submit")
    return modal(t("dispute.title"), blocks, t, submit=submit, callback_id=ids.DISPUTE_FORM, mql=view.mql.id)


def uphold_form(view: MqlView, dispute_id: int, t: Translator, *, from_home: bool = False) -> View:
    """Return what marketing is told where the disqualification stands."""
    why = text_input(ids.WHY_UPHELD, None, most=TEXT, multiline=True)
    blocks = [
        section(t.md("dispute.uphold_about", whom=subject(view.mql, t))),
        field(ids.WHY_UPHELD, t("dispute.why"), why, hint=t("dispute.uphold_hint")),
    ]
    title, submit = t("dispute.uphold_title"), t("dispute.uphold_submit")
    kept = {"mql": view.mql.id, "dispute": dispute_id, "home": 1 if from_home else None}
    return modal(title, blocks, t, submit=submit, callback_id=ids.UPHOLD_FORM, **kept)


def asked(view: MqlView, entry: Timeline, decided: Timeline | None, t: Translator) -> Message:
    """To the manager: marketing disputes it (`told`), and they decide; `decided` once somebody has."""
    who = {"actor": _name(entry, t), "whom": subject(view.mql, t), "rep": owner_name(view, t)}
    sentence = t.md("dispute.asked", **who)
    blocks: list[Block] = [section(sentence), *_why(entry.event.reason)]
    if decided is not None:
        done = _decision(view, decided, t)
        shown = [buttons.show(view, t)]
        if decided.event.type == EventType.REOPENED and not view.mql.disposed:
            shown.insert(0, buttons.reassign(view, t))
    elif view.mql.disputed_at is None:
        done, shown = t.md("dispute.over"), [buttons.show(view, t)]
    else:
        given = details(view.feedback, view.reason, t, reasoned=False) if view.feedback else []
        blocks.append(section(lines([t.md("dispute.said", rep=who["rep"], result=result_line(view, t)), *given])))
        done, shown = t.md("dispute.choose"), _choices(view, entry, t)
    return message(Mrkdwn(t.flow(sentence, done)), [*blocks, section(done), _place(view, t), *actions(shown)])


def row(dispute: OpenDispute, t: Translator, *, decides: bool) -> list[Block]:
    """One that waits, in the App Home: for whoever decides with the buttons, else only to look at."""
    view, entry = dispute.view, dispute.opened
    result = t.md("dispute.said", rep=owner_name(view, t), result=result_line(view, t))
    since = t.md("dispute.since", actor=_name(entry, t), at=t.moment(entry.event.at))
    why = line(entry.event.reason, WHY_IN_ROW)
    sentence = lines([Mrkdwn(f"*{link(view, t)}*"), result, since, t.md("dispute.because", why=why) if why else None])
    return (
        [section(sentence), *actions(_choices(view, entry, t))]
        if decides
        else [section(sentence, buttons.show(view, t))]
    )


def _choices(view: MqlView, entry: Timeline, t: Translator) -> list[Element]:
    number = f"#{view.mql.number}"
    uphold, accept = t("button.uphold"), t("button.accept_dispute")
    return [
        kit.button(uphold, ids.UPHOLD, entry.event.id, say=f"{uphold} {number}"),
        kit.button(accept, ids.ACCEPT_DISPUTE, entry.event.id, say=f"{accept} {number}"),
        buttons.show(view, t),
    ]


def decided(view: MqlView, entry: Timeline, t: Translator) -> Message:
    """To whoever disputed it: what was decided, or that sales has corrected the outcome, so that nobody had to."""
    about, done = t.md("dispute.about_yours", whom=subject(view.mql, t)), _decision(view, entry, t)
    why = _why(entry.event.reason) if entry.event.type == EventType.UPHELD else []
    return message(Mrkdwn(t.flow(about, done)), [section(lines([about, done])), *why, _place(view, t)])


def reopened(view: MqlView, entry: Timeline, why: str | None, t: Translator, reader: str) -> Message:
    """To the owner: it is theirs to work on again, because marketing was right (`why`)."""
    sentence = t.md("dispute.reopened", actor=_name(entry, t), whom=subject(view.mql, t))
    blocks: list[Block] = [section(sentence), *_why(why)]
    if view.mql.owner != reader or view.mql.disposed:
        over = t.md("dispute.not_yours" if not view.mql.disposed else "dispute.reported")
        return message(sentence, [*blocks, section(over), _place(view, t)])
    ask = t.md("dispute.reopened_ask")
    shown = actions(buttons.for_work(view, t, reader))
    return message(Mrkdwn(t.flow(sentence, ask)), [*blocks, section(ask), *timing(view, t), _place(view, t), *shown])


def _decision(view: MqlView, entry: Timeline, t: Translator) -> Mrkdwn:
    if entry.event.type == EventType.CORRECTED:
        result = disposition(entry.event.after or "", t)
        return t.md("dispute.corrected", actor=_name(entry, t), result=result)
    upheld = entry.event.type == EventType.UPHELD
    sentence = t.md("dispute.upheld" if upheld else "dispute.accepted", actor=_name(entry, t))
    open_again = not upheld and view.mql.status != Status.WITHDRAWN and not view.mql.disposed
    return Mrkdwn(t.flow(sentence, t.md("dispute.goes_on", rep=owner_name(view, t)))) if open_again else sentence


def _why(reason: str | None) -> list[Block]:
    reason_text = clean(reason)
    return [quote(reason_text, WHY_SHOWN)] if reason_text else []


def _name(entry: Timeline, t: Translator) -> str:
    return bare_name(entry.actor) or t("note.bot")


def _place(view: MqlView, t: Translator) -> Block:
    return context(link(view, t))
