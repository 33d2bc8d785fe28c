"""What goes wrong between the bot and a CRM, at a chosen operation, a chosen number of times."""

from enum import StrEnum


class CrmFault(StrEnum):
    """What goes wrong. *Taken* means that the CRM did what was asked before the fault.

    How a refusal is worded is each tool's own; one that a tool does not know is refused when it is ordered.
    """

    UNAUTHORIZED = "unauthorized"
    """Not taken; 401, the credentials are wrong, expired or revoked."""
    MISSING_SCOPES = "missing_scopes"
    """Not taken; 403, what the credentials may not do."""
    CONFLICT = "conflict"
    """Not taken; 409, somebody else was first."""
    PRECONDITION = "precondition"
    """Not taken; 412, changed since."""
    LOCKED = "locked"
    """Not taken; the record is locked by another process: 423 (Salesforce says 400)."""
    RATE_LIMIT = "rate_limit"
    """Not taken; too many calls, as each tool says it."""
    DAILY_LIMIT = "daily_limit"
    """Not taken; the calls of the day are used up."""
    MIGRATION = "migration"
    """Not taken; 477, the account is being moved, with Retry-After in seconds."""
    VALIDATION = "validation"
    """Not taken; 400, a rule of the CRM's admin refuses the value."""
    ERROR_500 = "error_500"
    """Not taken; answers 500."""
    ERROR_500_AFTER = "error_500_after"
    """Taken; answers 500."""
    UNAVAILABLE = "unavailable"
    """Not taken; answers 503."""
    TIMEOUT_524 = "timeout_524"
    """Taken; a gateway answers 524 before the tool did."""
    HANG = "hang"
    """Not taken; holds for some seconds, then closes without an answer."""
    HANG_AFTER = "hang_after"
    """Taken; holds for some seconds, then answers."""
    LOSE_ANSWER = "lose_answer"
    """Taken; the connection closes without an answer."""
    REFUSE = "refuse"
    """Not taken; the connection closes at once."""
    HTML_PAGE = "html_page"
    """Not taken; a proxy or portal answers 200 with a page of its own."""
    REDIRECT = "redirect"
    """Not taken; sent on to a page to log in (302)."""
    TRUNCATED = "truncated"
    """Taken; the first half of the answer."""


AFTER = {
    CrmFault.ERROR_500_AFTER,
    CrmFault.TIMEOUT_524,
    CrmFault.HANG_AFTER,
    CrmFault.LOSE_ANSWER,
    CrmFault.TRUNCATED,
}
