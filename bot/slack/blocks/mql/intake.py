"""The form of an MQL that is entered by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import TEXT, email_input, field, modal, number_input, text_input
from bot.slack.blocks.base.kit import Block, Element, View, context, lines, option, section, select
from bot.slack.blocks.base.text import line

SCORE_MOST = 1_000_000

BESIDE_SHOWN = 15

CHANNELS_OFFERED = 98


def new_mql(
    t: Translator,
    *,
    prefill: Mapping[str, object] | None = None,
    unreadable_id: int | None = None,
    from_home: bool = False,
    channels: Sequence[str] = (),
) -> View:
    """Return the form of an MQL entered by hand. `prefill` is by input id; what does not fit an input is left out.
    `channels`: those that are known, to choose from; without any it is typed."""
    known = {name: str(value) for name, value in (prefill or {}).items() if value is not None}
    score = line(known.get(ids.SCORE))
    points = min(int(score), SCORE_MOST) if score.isdecimal() and len(score) < 10 else None
    inputs = [
        *((name, text_input(name, line(known.get(name), 200))) for name in (ids.COMPANY, ids.PERSON)),
        (ids.EMAIL, email_input(ids.EMAIL, line(known.get(ids.EMAIL), 254))),
        (ids.PHONE, text_input(ids.PHONE, line(known.get(ids.PHONE), 200))),
        *_channel(line(known.get(ids.CHANNEL), 200), channels, t),
        (ids.SCORE, number_input(ids.SCORE, points, SCORE_MOST)),
        (ids.MESSAGE, text_input(ids.MESSAGE, known.get(ids.MESSAGE), most=TEXT, multiline=True)),
    ]
    blocks = [section(t.md("new.about")), *beside(prefill or {}, t)]
    blocks += [field(name, t(f"field.{name}"), element, optional=True) for name, element in inputs]
    kept = {"unreadable": unreadable_id, "home": 1 if from_home else None}
    return modal(t("new.title"), blocks, t, submit=t("new.submit"), callback_id=ids.NEW_MQL_FORM, **kept)


def _channel(known: str, channels: Sequence[str], t: Translator) -> list[tuple[str, Element]]:
    """Return the inputs of the marketing channel: one to choose it, and one for a name that is new."""
    offered = [option(line(name, 70), name) for name in channels if name == line(name, 70)]
    if not offered:
        return [(ids.CHANNEL, text_input(ids.CHANNEL, known))]
    chosen = select(ids.CHANNEL, offered, t("form.choose"), known or None)
    other = text_input(ids.CHANNEL_OTHER, "" if known in channels else known)
    return [(ids.CHANNEL, chosen), (ids.CHANNEL_OTHER, other)]


def beside(read: Mapping[str, object], t: Translator) -> list[Block]:
    """Return what was read and is kept with the MQL though the form has no field for it."""
    names = ("title", "campaign", "form", "score_reason", "external_id", "crm_url")
    known = {t(f"teach.field.{name}"): read.get(name) for name in names}
    attributes = read.get("attributes")
    known |= attributes if isinstance(attributes, dict) else {}
    shown = [(line(label, 60), line(str(value), 100)) for label, value in known.items() if value]
    kept = [Mrkdwn(f"{escape(label)}: {escape(value)}") for label, value in shown[:BESIDE_SHOWN]]
    return [context(lines([t.md("new.beside"), *kept]))] if kept else []
