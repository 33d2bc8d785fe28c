"""The answers that two taps give: open the menu, tap the outcome. What needs more words opens the form instead."""

from __future__ import annotations

from typing import NamedTuple

from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids, kit
from bot.slack.blocks.base.kit import Element, option
from bot.slack.blocks.base.phrases import EMOJI
from bot.slack.blocks.base.text import line
from storage.models import LostReason
from storage.vocabulary import Disposition, Status

REASONS_SHOWN = 12
"""The first of the team's lost reasons, so that an App Home full of MQLs stays within 250 kB. The form has them all."""


class Chosen(NamedTuple):
    """What an option stands for."""

    disposition: Disposition
    lost_reason: str | None
    mql_id: int


def read(value: str) -> Chosen:
    """Return an option's value. Raises ValueError where it is none of ours."""
    disposition, lost_reason, mql_id = value.split(":")
    return Chosen(Disposition(disposition), lost_reason or None, int(mql_id))


def select(view: MqlView, t: Translator) -> Element:
    """Return the menu for one MQL. What opens the form ends in an ellipsis."""
    return kit.select(ids.QUICK, options(view, t), t("quick.choose"))


def options(view: MqlView, t: Translator, *, alone: bool = True) -> list[Element]:
    """Return the answers for one MQL: the dispositions, then the disqualifications that one tap explains. What asks for
    more ends in an ellipsis. `alone`: a form may follow that asks for the lost reason."""
    shown, disqualified = view.reasons[:REASONS_SHOWN], t("status.disqualified")
    return [
        _option(view, Disposition.QUALIFIED, None, t("status.qualified")),
        *([_option(view, Disposition.DISQUALIFIED, None, t("quick.asks_more", answer=disqualified))] if alone else []),
        _option(view, Disposition.RECYCLED, None, t("quick.asks_more", answer=t("status.recycled"))),
        *(_reason(view, reason, t) for reason in shown if not reason.comment_required),
        *(_reason(view, reason, t) for reason in shown if reason.comment_required),
    ]


def _reason(view: MqlView, reason: LostReason, t: Translator) -> Element:
    answer_text = t("quick.lost", reason=line(reason.label(t.locale), 50) or reason.key)
    words = t("quick.asks_more", answer=answer_text) if reason.comment_required else answer_text
    return _option(view, Disposition.DISQUALIFIED, reason.key, words)


def _option(view: MqlView, disposition: Disposition, reason: str | None, words: str) -> Element:
    return option(f"{EMOJI[Status(disposition)]} {words}", f"{disposition}:{reason or ''}:{view.mql.id}")
