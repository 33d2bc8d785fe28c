"""The rules of a definition in the form of a proposal, in words, and what they would have come to."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.agreement.gate_preview import LOOK_BACK, Effect
from bot.core.agreement.rules import Failure, Required, Rule, Rules
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, text_input
from bot.slack.blocks.base.kit import Block, Element, divider, lines, option, section
from bot.slack.blocks.base.text import line, md

CHECKED = "checked"
WORDS_ONLY = "words_only"
WORD_FIELDS = {
    ids.RULE_INDUSTRIES: "industries",
    ids.RULE_TITLES: "titles",
    ids.RULE_REGIONS: "regions",
    ids.RULE_CHANNELS: "channels",
    ids.RULE_DOMAINS: "excluded_domains",
}
"""Fields in which several words are typed, and the rule of each."""
MOST_TYPED = 1000
SHOWN = 80


def gate(rules: Rules | None, t: Translator) -> list[Block]:
    """Return the input that says whether the rules are checked."""
    return [field(ids.RULE_GATE, t("definition_rules.gate"), _gate(rules, t))]


def fields(rules: Rules | None, t: Translator) -> list[Block]:
    """Return the inputs of the rules, filled with those that counted before."""
    kept = rules or Rules()
    return [
        divider(),
        section(t.md("definition_rules.about")),
        field(ids.RULE_REQUIRED, t("definition_rules.required"), _required(kept, t), optional=True),
        *(_words(block, kept, t) for block in WORD_FIELDS),
        field(
            ids.RULE_SIZE,
            t("definition_rules.size"),
            text_input(ids.RULE_SIZE, None if kept.size is None else str(kept.size), most=20),
            optional=True,
        ),
    ]


def _gate(rules: Rules | None, t: Translator) -> Element:
    options = [option(t(f"definition_rules.gate_{word}"), word) for word in (CHECKED, WORDS_ONLY)]
    chosen = options[0 if rules is not None else 1]
    return {"type": "radio_buttons", "action_id": ids.RULE_GATE, "options": options, "initial_option": chosen}


def _required(rules: Rules, t: Translator) -> Element:
    options = {name: option(t(f"field.{name}"), name.value) for name in Required}
    element: Element = {"type": "checkboxes", "action_id": ids.RULE_REQUIRED, "options": list(options.values())}
    chosen = [options[name] for name in rules.required]
    return element | ({"initial_options": chosen} if chosen else {})


def _words(block: str, rules: Rules, t: Translator) -> Block:
    name = WORD_FIELDS[block]
    typed = ", ".join(getattr(rules, name))
    return field(
        block,
        t(f"definition_rules.{name}"),
        text_input(block, typed, most=MOST_TYPED),
        optional=True,
        hint=t("definition_rules.words_hint") if block == ids.RULE_INDUSTRIES else None,
    )


def in_words(rules: Rules | None, t: Translator) -> list[Block]:
    """Return the rules of a version in words; of one that is words only, that nothing is checked."""
    if rules is None:
        return []
    rows = [t.md(f"definition_rules.rule.{rule}", wanted=wanted) for rule, wanted in _wanted(rules, t)]
    head = t.md("definition_rules.held_unless") if rows else t.md("definition_rules.only_tests")
    return [section(lines([head, *(Mrkdwn(f"• {row}") for row in rows)]))]


def _wanted(rules: Rules, t: Translator) -> list[tuple[Rule, str]]:
    wanted = {
        Rule.REQUIRED: t.listed([t(f"field.{name}") for name in rules.required]),
        Rule.SCORE: "" if rules.score is None else t.number(rules.score),
        Rule.EXCLUDED_DOMAIN: t.listed([*rules.excluded_domains]),
        Rule.INDUSTRY: t.listed([*rules.industries]),
        Rule.SIZE: "" if rules.size is None else t.number(rules.size),
        Rule.TITLE: t.listed([*rules.titles]),
        Rule.REGION: t.listed([*rules.regions]),
        Rule.CHANNEL: t.listed([*rules.channels]),
    }
    return [(rule, line(text, 300)) for rule, text in wanted.items() if text]


def effect(seen: Effect | None, t: Translator) -> list[Block]:
    """Return what the rules would have held lately."""
    if seen is None:
        return []
    words = {"days": LOOK_BACK.days, "received": t.number(seen.received), "held": t.number(seen.held)}
    if not seen.received:
        return [section(t.md("definition_rules.effect_nothing", **words))]
    became = {"opportunities": t.number(seen.opportunities), "won": t.number(seen.won)}
    head = t.md("definition_rules.effect", **words, **became)
    by = [
        Mrkdwn(f"• {t.md(f'definition_rules.name.{rule}')}: {t.number(count)}") for rule, count in seen.by_rule.items()
    ]
    return [section(lines([head, *by]))]


def failing(failures: Sequence[Failure], t: Translator) -> Mrkdwn:
    """Return the rules that a lead fails, and what it has instead."""
    return lines(_failed(failure, t) for failure in failures)


def _failed(failure: Failure, t: Translator) -> Mrkdwn:
    shown = t(f"field.{failure.instead}") if failure.rule == Rule.REQUIRED else failure.instead
    return Mrkdwn(f"• {t.md(f'definition_rules.fails.{failure.rule}', instead=md(shown, SHOWN))}")
