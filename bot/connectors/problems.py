"""What a caller is told about a lead or an activity that cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass

# Whole sentences: what is wrong, then what to do. `field` and `limit` are filled in.
_SENTENCES = {
    "before_lead": "{field} lies more than a day before the lead came in. Send what happened since.",
    "deal_before_received": "{field} is before the lead came in. Correct the day, or name another lead.",
    "deal_in_future": "{field} lies in the future. Send it once the opportunity is decided.",
    "duplicate_key": "{field} is given more than once. Send it once.",
    "in_the_future": "{field} lies more than 5 minutes ahead. Check the clock of the sending system.",
    "missing": "{field} has an empty name. Name it, or leave it out.",
    "nobody": "The lead names nobody. Send at least one of company, person or email.",
    "not_a_number": "{field} is not a number. Send a whole number such as 82.",
    "not_a_member": "{field} is neither an e-mail address nor a Slack user id such as U012ABCDEF. Correct it.",
    "not_a_day": "{field} is not a day. Write it as YYYY-MM-DD.",
    "not_a_time": "{field} is not a time with its offset. Write it as YYYY-MM-DDThh:mm:ss+09:00.",
    "not_a_url": "{field} is not a web address. Send one that begins with https:// or http://.",
    "not_a_whole_number": "{field} is not a whole number. Round it.",
    "not_an_amount": "{field} is not a whole number of 0 or more. Send one such as 5000000, without a unit.",
    "not_an_email": "{field} is not an e-mail address. Send one such as jane@example.com, or leave it out.",
    "not_an_object": "The body is JSON, but not an object. Send one JSON object.",
    "not_unicode": "{field} holds half a character (a lone surrogate). Send whole Unicode characters.",
    "not_utf8": "The body is not UTF-8. Encode it as UTF-8.",
    "not_given": "{field} is missing. Send it.",
    "out_of_range": "{field} is out of range. Send a number from 0 to {limit:,}.",
    "too_deep": "{field} is nested too deep. Use at most {limit} levels.",
    "too_old": "{field} lies more than {limit} days back. Correct it, or send the lead without it.",
    "too_large": "The body is larger than {limit:,} bytes. Send one lead, with fewer or shorter attributes.",
    "too_long": "{field} is longer than {limit:,} characters. Shorten it.",
    "too_many": "{field} holds more than {limit:,} values. Send fewer.",
}


@dataclass(frozen=True)
class FieldProblem:
    """One thing to put right.

    `field` is a dotted path such as `attributes.size`, or empty where the body as a whole is meant; `problem` is a
    code that does not change; `message` is plain English; `limit` is the number that was passed, if any.
    """

    field: str
    problem: str
    message: str
    limit: int | None = None
    detail: str | None = None
    """What the message knows beyond the code, without words: the place in a body, a field that was likely meant."""


def problem(
    code: str, field: str = "", *, limit: int | None = None, message: str | None = None, detail: str | None = None
) -> FieldProblem:
    """Return the problem with its usual sentence, or with a `message` that knows more."""
    sentence = _SENTENCES[code].format(field=field, limit=limit) if message is None else message
    return FieldProblem(field, code, sentence, limit, detail)
