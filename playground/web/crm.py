"""The CRMs of the page: their leads, and what a person does to them."""

from flask import Blueprint, request

from playground.crm.pane import Pane
from playground.crm.service import Refused
from playground.errors import ClientRefused
from playground.model import Json
from playground.parts import Parts


def add_to(control: Blueprint, parts: Parts) -> None:
    """Add the routes to the control interface."""

    @control.get("/crm")
    def crms() -> Json:
        return {"crms": [each.state() for each in parts.crms]}

    @control.post("/crm/<kind>/<act>")
    def in_crm(kind: str, act: str) -> Json:
        pane = _pane(parts, kind)
        body = request.get_json(silent=True)
        given = body if isinstance(body, dict) else {}
        lead, value = str(given.get("lead", "")), str(given.get("value", ""))
        if act == "trouble":
            return pane.trouble(value)
        if act == "hand-over":
            return parts.desk.webhook(pane.handed(lead))
        try:
            return pane.act(act, lead, value)
        except Refused as refused:
            raise ClientRefused(f"{pane.title}: {refused.answer.body}") from refused


def _pane(parts: Parts, kind: str) -> Pane:
    pane = next((each for each in parts.crms if each.kind == kind), None)
    if pane is None:
        raise LookupError(f"no CRM {kind}")
    return pane
