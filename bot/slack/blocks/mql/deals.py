"""What came of an opportunity: the fields of the feedback form for an MQL that is qualified already."""

from __future__ import annotations

from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import AMOUNT_MOST, field, number_input
from bot.slack.blocks.base.kit import Block, Element, option
from storage.vocabulary import DealResult, Status

ONGOING = "ongoing"


def fields(view: MqlView, t: Translator) -> list[Block]:
    """Won, lost or still under way, with amount and day; nothing before sales has confirmed the opportunity."""
    if view.mql.status != Status.QUALIFIED:
        return []
    options = [option(t(f"deal.{word}"), word) for word in (ONGOING, *DealResult)]
    known = view.mql.deal_result or ONGOING
    choice: Element = {"type": "radio_buttons", "action_id": ids.DEAL_RESULT, "options": options}
    choice["initial_option"] = next(candidate for candidate in options if candidate["value"] == known)
    day: Element = {"type": "datepicker", "action_id": ids.DEAL_ON}
    if view.mql.deal_result_at is not None:
        day["initial_date"] = t.local_date(view.mql.deal_result_at).isoformat()
    amount = number_input(ids.DEAL_AMOUNT, view.mql.amount, AMOUNT_MOST)
    return [
        field(ids.DEAL_RESULT, t("deal.result"), choice),
        field(ids.DEAL_AMOUNT, t("deal.amount"), amount, optional=True, hint=t("deal.amount_hint")),
        field(ids.DEAL_ON, t("deal.on"), day, optional=True, hint=t("deal.on_hint")),
    ]
