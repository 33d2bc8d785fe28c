"""How Account Engagement refuses: a number and a sentence in the body; the status is coarse."""

from playground.crm.faults import CrmFault
from playground.crm.service import Answer, Refused

MESSAGES = {
    3: "Invalid prospect ID",
    5: "Invalid query parameters",
    23: "Invalid value specified for limit",
    46: "This API user lacks sufficient permissions for the requested operation",
    49: "Access Denied",
    66: "You have exceeded your concurrent request limit. Please wait before trying again",
    122: "Daily API rate limit met.",
    181: "Business unit not found",
    184: "access_token is invalid, unknown, or malformed",
}


def problem(status: int, code: int, message: str = "", broken: str = "") -> Answer:
    """Make an answer that refuses."""
    return Answer({"code": code, "message": message or MESSAGES[code]}, status, broken=(broken,) if broken else ())


def refused(status: int, code: int, message: str = "", broken: str = "") -> Refused:
    """Make a refusal to raise."""
    return Refused(problem(status, code, message, broken))


def refusal(fault: CrmFault, operation: str) -> Answer | None:
    """Return how a fault is worded; None for what is not."""
    if operation == "token":
        denied = {"error": "invalid_client", "error_description": "invalid client credentials"}
        return Answer(denied, 400) if fault is CrmFault.UNAUTHORIZED else None
    worded = {
        CrmFault.UNAUTHORIZED: problem(401, 184),
        CrmFault.MISSING_SCOPES: problem(400, 49),
        CrmFault.RATE_LIMIT: problem(400, 66),
        CrmFault.DAILY_LIMIT: problem(400, 122),
        CrmFault.VALIDATION: problem(400, 5, "The value is not one that this field takes"),
        CrmFault.ERROR_500: Answer("<h1>Internal Server Error</h1>", 500, content_type="text/html"),
        CrmFault.ERROR_500_AFTER: Answer("<h1>Internal Server Error</h1>", 500, content_type="text/html"),
        CrmFault.UNAVAILABLE: Answer("<h1>Service Unavailable</h1>", 503, content_type="text/html"),
        CrmFault.TIMEOUT_524: Answer("<h1>A timeout occurred</h1>", 524, content_type="text/html"),
    }
    return worded.get(fault)
