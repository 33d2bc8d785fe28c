"""How HubSpot words what it refuses: status, category, message, errors (CRM API, error handling)."""

import json
from collections.abc import Iterable, Sequence
from uuid import uuid4

from playground.crm.faults import CrmFault
from playground.crm.service import Answer, Refused
from playground.model import Json


def problem(status: int, category: str, message: str, *, broken: str = "", **more: object) -> Answer:
    """Make an answer that refuses. `broken` says which rule the caller broke, where it is their mistake."""
    body = {"status": "error", "message": message, "correlationId": str(uuid4()), "category": category, **more}
    return Answer(body, status, broken=(broken,) if broken else ())


def not_valid(problems: Iterable[Json]) -> Refused:
    """Make the refusal of property values: a list in JSON inside the message."""
    listed = list(problems)
    message = "Property values were not valid: " + json.dumps(listed, ensure_ascii=False)
    errors = [
        {"message": each["message"], "code": each["error"], "context": {"propertyName": [each["name"]]}}
        for each in listed
    ]
    answer = problem(
        400, "VALIDATION_ERROR", message, errors=errors, context={"properties": [e["name"] for e in listed]}
    )
    return Refused(answer)


def invalid(message: str) -> Refused:
    """Make the refusal of a request that is not built as it has to be."""
    return Refused(problem(400, "VALIDATION_ERROR", message, broken=message))


def not_found(what: str = "resource not found") -> Refused:
    """Make the refusal of a record that there is not."""
    return Refused(problem(404, "OBJECT_NOT_FOUND", what))


def no_such_path(method: str, path: str) -> Answer:
    """Make the answer to a path that is not served: another version, another spelling."""
    return problem(404, "OBJECT_NOT_FOUND", "Unable to find the path", broken=f"{method} {path}: no such path")


def missing_scopes(scopes: Sequence[str]) -> Answer:
    """Make the answer to credentials without these scopes."""
    errors = [
        {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": list(scopes)},
        }
    ]
    message = "This app hasn't been granted all required scopes to make this call."
    return problem(403, "MISSING_SCOPES", message, errors=errors)


def unauthorized() -> Answer:
    """Make the answer to credentials that are missing, wrong, expired or revoked."""
    return problem(401, "INVALID_AUTHENTICATION", "Authentication credentials not found or no longer valid.")


def rate_limited(policy: str) -> Answer:
    """Make the 429, which has no Retry-After. `policy` is TEN_SECONDLY_ROLLING, SECONDLY or DAILY."""
    message = f"You have reached your {policy.lower()} limit."
    return problem(429, "RATE_LIMITS", message, errorType="RATE_LIMIT", policyName=policy)


def refusal(fault: CrmFault, seconds: float, operation: str) -> Answer | None:
    """Return how HubSpot words a fault; None for what is not worded, such as a closed connection."""
    policy = "SECONDLY" if operation.endswith(".search") else "TEN_SECONDLY_ROLLING"
    worded = {
        CrmFault.UNAUTHORIZED: unauthorized(),
        CrmFault.MISSING_SCOPES: missing_scopes(["crm.objects.contacts.read", "crm.objects.contacts.write"]),
        CrmFault.CONFLICT: problem(409, "CONFLICT", "The record was changed by another request at the same time."),
        CrmFault.LOCKED: problem(423, "LOCKED", "The resource is locked, try again in two seconds or later."),
        CrmFault.RATE_LIMIT: rate_limited(policy),
        CrmFault.DAILY_LIMIT: rate_limited("DAILY"),
        CrmFault.VALIDATION: not_valid(
            [
                {
                    "isValid": False,
                    "message": "a rule of this account",
                    "error": "VALIDATION_RULE",
                    "name": "hs_lead_status",
                }
            ]
        ).answer,
        CrmFault.ERROR_500: problem(500, "INTERNAL_ERROR", "internal error"),
        CrmFault.ERROR_500_AFTER: problem(500, "INTERNAL_ERROR", "internal error"),
        CrmFault.UNAVAILABLE: problem(503, "UNAVAILABLE", "temporarily unavailable"),
        CrmFault.TIMEOUT_524: Answer("error code: 524", 524, content_type="text/plain"),
    }
    if fault is CrmFault.MIGRATION:
        moving = problem(477, "MIGRATION_IN_PROGRESS", "This account is being moved to another data center.")
        moving.headers["Retry-After"] = str(max(1, round(seconds)))
        return moving
    return worded.get(fault)
