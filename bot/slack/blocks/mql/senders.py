"""What people teach about an app that posts into the intake channel: its labels, and what of it is never a lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from bot.connectors.content import FREE_TEXT
from bot.connectors.parser import labels
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal
from bot.slack.blocks.base.kit import Block, Element, View, button, context, first_of, option, section, select
from bot.slack.blocks.base.phrases import sender_name
from bot.slack.blocks.base.text import bare_name, line
from storage.models import SenderRule, Unreadable

LABELS_SHOWN = 40
LONGEST_LABEL = 200
"""A block's id, which carries the label, holds 255 characters."""
RULES_SHOWN = 40
KEPT_ASIDE = "attribute"
FIELDS: tuple[str, ...] = (*(name for name in get_args(labels.Field) if name != "owner"), "owner")


def teach_form(
    entry: Unreadable, samples: Sequence[Unreadable], taught: Mapping[str, str], t: Translator, *, from_home: bool
) -> View:
    """Return the labels of a sender's newest messages, each with what stood at it and which field it is taken for."""
    examples: dict[str, list[str]] = {}
    for sample in samples:
        for label, value in sample.content.items():
            examples.setdefault(label, []).append(line(value, 60))
    # The label goes into the form and comes back from it, so it must be whole.
    whole = [label for label in examples if label == line(label, LONGEST_LABEL) and label not in ("", FREE_TEXT)]
    about = t.md("teach.about", sender=bare_name(entry.sender_name) or t("queue.unnamed"), count=len(samples))
    blocks = [section(about), *(_label(label, examples[label], taught, t) for label in whole[:LABELS_SHOWN])]
    kept = {"unreadable": entry.id, "home": 1 if from_home else None}
    return modal(t("teach.title"), blocks, t, submit=t("teach.submit"), callback_id=ids.TEACH_FORM, **kept)


def _label(label: str, examples: Sequence[str], taught: Mapping[str, str], t: Translator) -> Block:
    taken_for = taught.get(label) or labels.field_of(label) or KEPT_ASIDE
    options: list[Element] = [option(t(f"teach.field.{name}"), name) for name in FIELDS]
    chooser = select(ids.LABEL_FIELD, options, t("form.choose"), taken_for)
    shown = [example for example in dict.fromkeys(examples) if example]
    hint = t("teach.example", examples=t.listed(shown)) if shown else None
    return field(f"{ids.LABEL_FIELD}:{label}", line(label, 150), chooser, optional=True, hint=hint)


def rules_page(rules: Sequence[SenderRule], names: Mapping[str, str], t: Translator) -> View:
    """Return what was learnt to be no lead, each with a button that lets it hold no more."""
    if not rules:
        return modal(t("rules.title"), [section(t.md("rules.none"))], t)
    rows = first_of(rules, RULES_SHOWN, lambda rule: _rule(rule, names, t), t)
    return modal(t("rules.title"), [section(t.md("rules.about")), *rows], t)


def _rule(rule: SenderRule, names: Mapping[str, str], t: Translator) -> list[Block]:
    sender = bare_name(rule.sender_name) or sender_name(rule.sender, names, t)
    if rule.headline is None:
        what = t.md("rules.app", sender=sender)
    else:
        what = t.md("rules.headline", sender=sender, headline=line(rule.headline, 100))
    by = t.md("rules.by", by=bare_name(names.get(rule.by)) or rule.by, day=t.day(t.local_date(rule.at)))
    return [section(what, button(t("button.remove_rule"), ids.REMOVE_RULE, rule.id)), context(by)]
