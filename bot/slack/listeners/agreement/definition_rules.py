"""The rules of a definition as somebody has typed them into the form of a proposal."""

from __future__ import annotations

import re
import unicodedata

from pydantic import ValidationError

from bot.core.agreement.rules import Required, Rules
from bot.core.base.facets import MOST_SIZE
from bot.slack.blocks.agreement.definition_rules import CHECKED, WORD_FIELDS
from bot.slack.blocks.base import ids
from bot.slack.listeners.base.form import Errors, Form

MOST_WORDS = 50
_DOMAIN = re.compile(r"[^\s@/]+\.[^\s@/.]{2,}")
_APART = re.compile(r"[,、，;；\n]+")


def read(form: Form, threshold: int | None, errors: Errors) -> Rules | None:
    """Return the rules of a form; None where leads are not to be checked. Notes in `errors` what cannot be taken."""
    words = {name: _words(form.values.get(block)) for block, name in WORD_FIELDS.items()}
    domains = tuple(domain.removeprefix("@") for domain in words["excluded_domains"])
    if wrong := [domain for domain in domains if not _DOMAIN.fullmatch(domain)]:
        errors[ids.RULE_DOMAINS] = form.t("error.rule_domain", domain=wrong[0])
    for block, name in WORD_FIELDS.items():
        if len(words[name]) > MOST_WORDS or any(len(word) > 100 for word in words[name]):
            errors[block] = form.t("error.rule_words", most=form.t.number(MOST_WORDS))
    size = _size(form, errors)
    if form.values.get(ids.RULE_GATE) != CHECKED or errors:
        return None
    required = tuple(Required(name) for name in _words(form.values.get(ids.RULE_REQUIRED)))
    try:
        return Rules(score=threshold, required=required, size=size, **words | {"excluded_domains": domains})
    except ValidationError:
        errors[ids.RULE_GATE] = form.t("error.rule_words", most=form.t.number(MOST_WORDS))
        return None


def _words(typed: str | None) -> tuple[str, ...]:
    parts = (" ".join(part.split()) for part in _APART.split(typed or ""))
    return tuple(dict.fromkeys(part for part in parts if part))


def _size(form: Form, errors: Errors) -> int | None:
    typed = unicodedata.normalize("NFKC", form.values.get(ids.RULE_SIZE) or "").replace(",", "").removesuffix("名")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > 9 or not 1 <= int(typed) <= MOST_SIZE:
        errors[ids.RULE_SIZE] = form.t("error.rule_size", most=form.t.number(MOST_SIZE))
        return None
    return int(typed)
