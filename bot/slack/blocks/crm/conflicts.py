"""A field that was changed both in the CRM and here: what it was, what each side says, and a button for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.crm.conflicts import ConflictView
from bot.core.crm.facts import deal_of
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids, kit
from bot.slack.blocks.base.kit import Block, Message, actions, context, divider, lines, message, section
from bot.slack.blocks.base.phrases import disposition, subject
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.mql import buttons
from storage.vocabulary import CrmDecision, CrmField

MOST = 100
DECIDED_SHOWN = 5


def asked(view: MqlView, conflict_id: int, conflict: ConflictView | None, t: Translator) -> Message:
    """To whoever decides. `conflict` None: it is gone, with the record or the CRM."""
    if conflict is None:
        gone = t.md("crm.conflict.gone", whom=subject(view.mql, t))
        return message(gone, [section(gone), *actions([buttons.show(view, t)])])
    words = {"whom": subject(view.mql, t), "crm": _crm(conflict), "field": t(f"crm.field.{conflict.field}")}
    sentence = t.md("crm.conflict.asked", **words)
    blocks: list[Block] = [section(sentence), section(_sides(conflict, t))]
    if conflict.decision is not None:
        done = _decision(conflict, t)
        return message(Mrkdwn(t.flow(sentence, done)), [*blocks, section(done), *actions([buttons.show(view, t)])])
    theirs, ours = t("button.crm_theirs", crm=_crm(conflict)), t("button.crm_ours")
    number = f"#{view.mql.number}"
    choices = [
        kit.button(theirs, ids.CRM_THEIRS, conflict_id, say=f"{theirs} {number}"),
        kit.button(ours, ids.CRM_OURS, conflict_id, say=f"{ours} {number}"),
        buttons.show(view, t),
    ]
    choose = t.md("crm.conflict.choose")
    return message(Mrkdwn(t.flow(sentence, choose)), [*blocks, section(choose), *actions(choices)])


def decided(conflicts: Sequence[ConflictView], t: Translator) -> list[Block]:
    """Return the decided conflicts of an MQL for its page, the oldest first: of each the field, what both sides said,
    who decided, and when. Of many the newest alone."""
    if not conflicts:
        return []
    shown = conflicts[-DECIDED_SHOWN:]
    left = len(conflicts) - len(shown)
    earlier = [context(t.md("show.earlier", count=left))] if left else []
    return [divider(), section(t.md("show.crm_conflicts")), *earlier, *(section(_decided(each, t)) for each in shown)]


def _decided(conflict: ConflictView, t: Translator) -> Mrkdwn:
    at = t.moment(conflict.decided_at) if conflict.decided_at else ""
    words = {"at": at, "crm": _crm(conflict), "field": t(f"crm.field.{conflict.field}")}
    return lines([t.md("show.crm_conflict", **words), _sides(conflict, t), _decision(conflict, t)])


def _decision(conflict: ConflictView, t: Translator) -> Mrkdwn:
    if conflict.field == CrmField.DEAL and conflict.decision == CrmDecision.OURS:
        return t.md("crm.conflict.deal_kept", crm=_crm(conflict), by=bare_name(conflict.decided_by))
    return t.md(f"crm.conflict.decided.{conflict.decision}", crm=_crm(conflict), by=bare_name(conflict.decided_by))


def _crm(conflict: ConflictView) -> str:
    return line(conflict.crm, MOST)


def _sides(conflict: ConflictView, t: Translator) -> Mrkdwn:
    nothing = t("crm.nothing")
    if conflict.field == CrmField.DEAL:
        base, theirs = _deal(conflict.base_theirs, t), _deal(conflict.theirs, t)
        return lines(
            [
                t.md("crm.conflict.base", value=base),
                t.md("crm.conflict.theirs", crm=_crm(conflict), value=theirs),
                t.md("crm.conflict.ours", value=_deal(conflict.ours, t)),
            ]
        )
    theirs = line(conflict.theirs, MOST) or nothing
    by = bare_name(conflict.changed_by)
    there = (
        t.md("crm.conflict.theirs_by", crm=_crm(conflict), value=theirs, by=by)
        if by
        else t.md("crm.conflict.theirs", crm=_crm(conflict), value=theirs)
    )
    base = line(conflict.base_theirs, MOST) or (ours(conflict.field, conflict.base_ours, t) or nothing)
    here = t.md("crm.conflict.ours", value=ours(conflict.field, conflict.ours, t) or nothing)
    return lines([t.md("crm.conflict.base", value=base), there, here])


def _deal(text: str | None, t: Translator) -> str:
    """Return what came of a deal: won or lost, on which day, how much it was about."""
    deal = deal_of(text)
    if deal is None:
        return t("deal.ongoing")
    words = [t(f"deal.{deal.result}"), t.day(deal.on)]
    return t.listed([*words, *([t.money(deal.amount)] if deal.amount is not None else [])])


def ours(field: CrmField, value: str | None, t: Translator) -> str | None:
    """Return what the bot holds of a field, for people."""
    if value is None:
        return None
    if field in (CrmField.STATUS, CrmField.STAGE):
        return t(f"status.{value}")
    if field == CrmField.DISPOSITION:
        return disposition(value, t)
    if field == CrmField.SLA_DUE:
        return t.moment(datetime.fromisoformat(value))
    return line(value, MOST)
