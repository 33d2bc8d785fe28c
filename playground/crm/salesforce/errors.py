"""How Salesforce refuses: an array of `{message, errorCode, fields}`."""

from playground.crm.faults import CrmFault
from playground.crm.service import Answer, Refused


def problem(status: int, code: str, message: str, fields: tuple[str, ...] = (), broken: str = "") -> Answer:
    """Make an answer that refuses."""
    entry: dict[str, object] = {"message": message, "errorCode": code}
    if fields:
        entry["fields"] = list(fields)
    return Answer([entry], status, broken=(broken,) if broken else ())


def refused(status: int, code: str, message: str, *fields: str, broken: str = "") -> Refused:
    """Make a refusal to raise."""
    return Refused(problem(status, code, message, fields, broken))


def malformed(message: str) -> Refused:
    """Make the refusal of a query that cannot be read."""
    return refused(400, "MALFORMED_QUERY", message, broken=message)


def not_found() -> Refused:
    """Make the refusal of a record that there is not."""
    return refused(404, "NOT_FOUND", "The requested resource does not exist")


def invalid_session() -> Answer:
    """Make the answer to a session that is over, or none."""
    return problem(401, "INVALID_SESSION_ID", "Session expired or invalid")


def refusal(fault: CrmFault) -> Answer | None:
    """Return how Salesforce words a fault; None for what is not worded."""
    worded = {
        CrmFault.UNAUTHORIZED: invalid_session(),
        CrmFault.MISSING_SCOPES: problem(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object"),
        CrmFault.PRECONDITION: problem(412, "PRECONDITION_FAILED", "The record was modified since"),
        CrmFault.LOCKED: problem(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
        CrmFault.RATE_LIMIT: problem(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
        CrmFault.DAILY_LIMIT: problem(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        CrmFault.VALIDATION: problem(
            400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "a rule of this organisation", ("Status",)
        ),
        CrmFault.ERROR_500: problem(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred"),
        CrmFault.ERROR_500_AFTER: problem(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred"),
        CrmFault.UNAVAILABLE: problem(503, "SERVER_UNAVAILABLE", "The server is too busy"),
    }
    return worded.get(fault)
