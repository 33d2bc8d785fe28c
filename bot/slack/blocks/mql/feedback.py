"""The form in which sales says what became of an MQL."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import AMOUNT_MOST, TEXT, field, modal, number_input, read_only, text_input
from bot.slack.blocks.base.kit import Block, Element, View, context, lines, option, section, select
from bot.slack.blocks.base.phrases import EMOJI, numbered, timing_text
from bot.slack.blocks.base.text import line
from bot.slack.blocks.mql import deals
from bot.slack.blocks.mql.lead_details import parsed_date
from storage.models import Feedback, LostReason
from storage.vocabulary import Disposition, Status


def feedback(
    view: MqlView,
    reasons: Sequence[LostReason],
    t: Translator,
    *,
    disposition: Disposition | None = None,
    reason: str | None = None,
    prefill: Feedback | None = None,
    back_as: int | None = None,
) -> View:
    """Return the form for the chosen disposition, or with only the choice where none is made yet.

    `prefill` is the feedback so far; what it holds counts until the reader chooses otherwise. `back_as` is the MQL with
    which the lead is with sales again: then it says so, and does not offer what would be refused.
    """
    chosen = disposition or (prefill.disposition if prefill else None)
    blocks = [_about(view, t)]
    if view.mql.status in (Status.UNASSIGNED, Status.ASSIGNED):
        blocks.append(context(t.md("feedback.accepts")))
    if back_as is not None:
        blocks.append(section(t.md("feedback.lead_is_back", number=back_as)))
    blocks.append(_choice(chosen, t, without=Disposition.QUALIFIED if back_as is not None else None))
    if chosen == Disposition.QUALIFIED:
        blocks += [*_qualified(prefill, t), *deals.fields(view, t)]
    elif chosen == Disposition.DISQUALIFIED:
        blocks.append(_reason(view, reasons, reason or (prefill.lost_reason if prefill else None), t))
    elif chosen == Disposition.RECYCLED:
        blocks.append(_date(prefill, t))
    if chosen is not None:
        blocks.append(_comment(chosen, reasons, prefill, t))
    title = t("feedback.title_correct" if view.mql.disposed else "feedback.title")
    return modal(title, blocks, t, submit=t("form.send"), callback_id=ids.FEEDBACK_FORM, mql=view.mql.id)


def _about(view: MqlView, t: Translator) -> Block:
    whom, timing = Mrkdwn(f"*{escape(numbered(view.mql, t))}*"), timing_text(view, t)
    return section(lines([whom, escape(timing) if timing else None]))


def _choice(chosen: Disposition | None, t: Translator, *, without: Disposition | None) -> Block:
    options = [
        option(
            f"{EMOJI[Status(answer.value)]} {t(f'status.{answer}')}",
            answer.value,
            description=t(f"feedback.means.{answer}"),
        )
        for answer in Disposition
        if answer != without or answer == chosen
    ]
    element: Element = {"type": "radio_buttons", "action_id": ids.DISPOSITION, "options": options}
    if chosen is not None:
        element["initial_option"] = next(answer for answer in options if answer["value"] == chosen.value)
    return field(ids.DISPOSITION, t("feedback.disposition"), element, dispatch=True)


def _qualified(prefill: Feedback | None, t: Translator) -> list[Block]:
    amount = number_input(ids.AMOUNT, prefill.amount if prefill else None, AMOUNT_MOST)
    step = text_input(ids.NEXT_STEP, prefill.next_step if prefill else None)
    return [
        field(ids.AMOUNT, t("feedback.amount"), amount, optional=True, hint=t("feedback.amount_hint")),
        field(ids.NEXT_STEP, t("feedback.next_step"), step, optional=True),
    ]


def _reason(view: MqlView, reasons: Sequence[LostReason], before: str | None, t: Translator) -> Block:
    known = [*reasons, *([view.reason] if view.reason and view.reason not in reasons else [])]
    offered = [candidate for candidate in known if candidate.active or candidate.key == before]
    if not offered:
        return section(t.md("feedback.no_reasons"))
    options = [
        option(_reason_name(candidate, t), candidate.key)
        for candidate in sorted(offered, key=lambda candidate: candidate.position)
    ]
    chooser = select(ids.LOST_REASON, options, t("form.choose"), before)
    return field(ids.LOST_REASON, t("feedback.lost_reason"), chooser)


def _reason_name(reason: LostReason, t: Translator) -> str:
    label = line(reason.label(t.locale), 50) or reason.key
    return t("feedback.needs_comment", reason=label) if reason.comment_required else label


def _date(prefill: Feedback | None, t: Translator) -> Block:
    picker: Element = {"type": "datepicker", "action_id": ids.RECYCLE_ON}
    before = parsed_date(prefill.recycle_on if prefill else None)
    if before is not None:
        picker["initial_date"] = before.isoformat()
    return field(ids.RECYCLE_ON, t("feedback.recycle_on"), picker, optional=True, hint=t("feedback.recycle_hint"))


def _comment(chosen: Disposition, reasons: Sequence[LostReason], prefill: Feedback | None, t: Translator) -> Block:
    hint = None
    strict = [
        line(lost_reason.label(t.locale), 50)
        for lost_reason in reasons
        if lost_reason.comment_required and lost_reason.active
    ]
    if chosen == Disposition.DISQUALIFIED and strict:
        hint = t("feedback.comment_hint", reasons=t.listed(strict[:5]))
    comment = text_input(ids.COMMENT, prefill.comment if prefill else None, most=TEXT, multiline=True)
    return field(ids.COMMENT, t("feedback.comment"), comment, optional=True, hint=hint)


def pick(views: Sequence[MqlView], t: Translator) -> View:
    """Return which of my MQLs to report on. Choosing one leads on; there is nothing to submit."""
    options = [option(numbered(view.mql, t), str(view.mql.id), description=timing_text(view, t)) for view in views]
    if not options:
        return read_only(t("feedback.title"), [t.md("reply.no_open_mqls")], t)
    chooser = select(ids.PICK_MQL, options, t("form.choose"))
    block: Block = {"type": "actions", "block_id": ids.PICK_MQL, "elements": [chooser]}
    blocks = [section(t.md("pick.ask", count=len(views))), block]
    return modal(t("feedback.title"), blocks, t)
