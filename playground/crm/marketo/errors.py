"""How Marketo refuses: with 200, `success` false and a code; of single records in their own entry of the answer."""

import secrets

from playground.crm.faults import CrmFault
from playground.crm.service import Answer, Refused
from playground.model import Json

MESSAGES = {
    "601": "Access token invalid",
    "602": "Access token expired",
    "603": "Access denied",
    "604": "Request timed out",
    "606": "Max rate limit '100' exceeded with in '20' secs",
    "607": "Daily quota reached",
    "608": "API Temporarily Unavailable",
    "609": "Invalid JSON",
    "610": "Requested resource not found",
    "611": "System error",
    "612": "Invalid Content Type",
    "615": "Concurrent access limit reached",
    "713": "Transient error",
}


def request_id() -> str:
    """Return an id as each answer has one."""
    return f"{secrets.token_hex(2)}#{secrets.token_hex(6)}"


def problem(code: str, message: str = "", broken: str = "") -> Answer:
    """Make an answer that refuses the whole call."""
    errors = [{"code": code, "message": message or MESSAGES[code]}]
    body: Json = {"requestId": request_id(), "success": False, "errors": errors}
    return Answer(body, broken=(broken,) if broken else ())


def refused(code: str, message: str = "", broken: str = "") -> Refused:
    """Make a refusal to raise."""
    return Refused(problem(code, message, broken))


def skipped(code: str, message: str) -> Json:
    """Make the entry of a record that is not taken."""
    return {"status": "skipped", "reasons": [{"code": code, "message": message}]}


def refusal(fault: CrmFault, operation: str) -> Answer | None:
    """Return how Marketo words a fault; None for what is not worded."""
    if fault is CrmFault.UNAUTHORIZED and operation == "token":
        return Answer({"error": "unauthorized", "error_description": "No client with requested id"}, 401)
    worded = {
        CrmFault.UNAUTHORIZED: "601",
        CrmFault.MISSING_SCOPES: "603",
        CrmFault.LOCKED: "615",
        CrmFault.RATE_LIMIT: "606",
        CrmFault.DAILY_LIMIT: "607",
        CrmFault.MIGRATION: "713",
        CrmFault.ERROR_500: "611",
        CrmFault.ERROR_500_AFTER: "611",
        CrmFault.UNAVAILABLE: "608",
        CrmFault.TIMEOUT_524: "604",
    }
    if fault is CrmFault.VALIDATION:
        entry = skipped("1003", "The value is not one that this field takes")
        return Answer({"requestId": request_id(), "success": True, "result": [entry]})
    return problem(worded[fault]) if fault in worded else None
