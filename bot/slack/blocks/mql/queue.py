"""The queue: messages that could not be read or were set aside, and what a person can do about each."""

from __future__ import annotations

from collections.abc import Sequence

from bot.connectors.content import FREE_TEXT
from bot.core.agreement.rules import Failure, Rule
from bot.core.mql.senders import shape_of
from bot.core.views.queue import QueueEntry
from bot.i18n import Mrkdwn, Translator, catalogue, escape
from bot.slack.blocks.agreement.definition_rules import failing
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, text_input
from bot.slack.blocks.base.kit import Block, Element, Message, View, actions, button, first_of, lines, message, section
from bot.slack.blocks.base.phrases import web_address
from bot.slack.blocks.base.text import bare_name, clip_md, line
from bot.slack.blocks.mql.senders import FIELDS
from storage.models import Unreadable
from storage.vocabulary import UnreadableState

READ_SHOWN = 8
VALUE_SHOWN = 120
ROWS_SHOWN = 12
IN_A_ROW = 3


def note(view: QueueEntry, t: Translator) -> Message:
    """Return the note in the thread of a message of the intake channel: what was missing, what could be read, and what
    a person can do about it; or what somebody has done."""
    entry = view.entry
    if entry.state != UnreadableState.OPEN:
        sentence = _done(view, t)
        return message(sentence, [section(sentence), *actions(_after(view, t))])
    sentence = t.md("unreadable.said", reason=why(entry, t))
    shown = read_lines(entry, t, READ_SHOWN)
    ask = t.md("unreadable.ask_guess" if _confirmable(entry) else "unreadable.ask")
    text = lines([sentence, t.md("unreadable.read") if shown else None, *shown, ask])
    return message(sentence, [section(text), *actions([*deal_with(entry, t), *_teach(entry, t)])])


def waiting(entries: Sequence[QueueEntry], t: Translator) -> Message:
    """Return the message to marketing: which entries wait, and until when."""
    due = [view.entry.due_at for view in entries if view.entry.due_at and _waits(view)]
    by = t.moment(min(due)) if due else ""
    count = sum(map(_waits, entries))
    sentence = t.md("queue.waiting", count=count, due=by) if count and by else t.md("queue.nothing_left")
    return _listed(entries, sentence, t)


def overdue(entries: Sequence[QueueEntry], t: Translator) -> Message:
    """Return the message to the managers: which entries marketing has not dealt with in time."""
    count = sum(map(_waits, entries))
    return _listed(entries, t.md("queue.overdue", count=count) if count else t.md("queue.nothing_left"), t)


def _listed(entries: Sequence[QueueEntry], sentence: Mrkdwn, t: Translator) -> Message:
    above = [section(sentence)]
    rows = first_of(entries, ROWS_SHOWN, lambda view: row(view, t), t, more="queue.more", beside=above)
    return message(sentence, [*above, *rows])


def row(view: QueueEntry, t: Translator) -> list[Block]:
    """Return one entry of a list with its buttons; one that somebody has dealt with, as a struck line."""
    entry = view.entry
    if not _waits(view):
        struck = section(lines([Mrkdwn(f"~{_heading(entry, t).replace('~', '')}~"), _done(view, t)]))
        return [struck, *actions(_after(view, t) if entry.definition_id is not None else [])]
    read = [t.md("unreadable.read")] if entry.definition_id is not None else []
    text = lines([Mrkdwn(f"*{_heading(entry, t)}*"), *_reasons(entry, t), *read, *read_lines(entry, t, IN_A_ROW)])
    opened = [_open(view, t)] if web_address(view.permalink) else []
    return [section(text), *actions([*deal_with(entry, t), *opened])]


def _reasons(entry: Unreadable, t: Translator) -> list[Mrkdwn]:
    """Return why an entry waits; of a held lead which rules it fails."""
    failures = [Failure(Rule(rule), instead) for rule, instead in entry.failing]
    named = [failing(failures, t)] if failures else []
    return [Mrkdwn(escape(why(entry, t))), *named]


def _heading(entry: Unreadable, t: Translator) -> Mrkdwn:
    if entry.definition_id is not None:
        shown = entry.content.get("company") or entry.content.get("person") or entry.content.get("email")
        return t.md("queue.held", who=line(shown, 60) or t("field.not_known"), at=t.moment(entry.came_at))
    sender = bare_name(entry.sender_name) or t("queue.unnamed" if entry.channel else "queue.delivery")
    return t.md("queue.heading", sender=sender, at=t.moment(entry.came_at))


def read_lines(entry: Unreadable, t: Translator, most: int) -> list[Mrkdwn]:
    """Return what was read, a line for each label; first the one that somebody is asked to check."""
    held = entry.definition_id is not None  # of which the labels are our own names of the fields
    shown = [
        (t(f"teach.field.{label}") if held and label in FIELDS else line(label, 60), line(value, VALUE_SHOWN))
        for label, value in sorted(entry.content.items(), key=lambda part: entry.guess.get("about") not in part)
    ]
    read = [_read("" if label == FREE_TEXT else label, value) for label, value in shown if label]
    left = len(read) - most
    return [*read[:most], t.md("queue.more_read", count=left)] if left > 0 else read


def _read(label: str, value: str) -> Mrkdwn:
    text = f"{escape(label)}: {escape(value)}" if label and value else escape(label or value)
    return clip_md(Mrkdwn(f"• {text}"), 400)


def hand_over_form(entry: Unreadable, t: Translator, *, from_home: bool) -> View:
    """Return the held lead, the rules that it fails, and why it is to be handed over all the same."""
    blocks = [
        section(lines([Mrkdwn(f"*{_heading(entry, t)}*"), *_reasons(entry, t)])),
        *([section(lines(shown))] if (shown := read_lines(entry, t, ROWS_SHOWN)) else []),
        field(ids.WHY_HAND_OVER, t("hand_over.why"), text_input(ids.WHY_HAND_OVER, None, most=500, multiline=True)),
    ]
    kept = {"unreadable": entry.id, "home": 1 if from_home else None}
    return modal(t("hand_over.title"), blocks, t, submit=t("hand_over.submit"), callback_id=ids.HAND_OVER_FORM, **kept)


def deal_with(entry: Unreadable, t: Translator) -> list[Element]:
    """Return what a person can do about an entry: confirm or correct what was read, or say that it is no lead."""
    if entry.definition_id is not None:
        return [
            button(t("button.hand_over"), ids.HAND_OVER, entry.id, primary=True),
            button(t("button.to_nurturing"), ids.DISMISS_UNREADABLE, entry.id),
        ]
    if _confirmable(entry):
        return [
            button(t("button.confirm_reading"), ids.CONFIRM_READING, entry.id, primary=True),
            button(t("button.correct_reading"), ids.ENTER_UNREADABLE, entry.id),
            button(t("button.not_mql"), ids.DISMISS_UNREADABLE, entry.id),
        ]
    return [
        button(t("button.enter"), ids.ENTER_UNREADABLE, entry.id, primary=True),
        button(t("button.not_mql"), ids.DISMISS_UNREADABLE, entry.id),
    ]


def _confirmable(entry: Unreadable) -> bool:
    return bool(entry.guess and entry.lead) and entry.sender is not None


def _teach(entry: Unreadable, t: Translator) -> list[Element]:
    teachable = entry.sender is not None and bool(entry.content.keys() - {FREE_TEXT})
    return [button(t("button.teach"), ids.TEACH, entry.id)] if teachable else []


def _open(view: QueueEntry, t: Translator) -> Element:
    return button(t("button.open_message"), ids.OPEN_MESSAGE, view.entry.id, url=view.permalink)


def _after(view: QueueEntry, t: Translator) -> list[Element]:
    """Return what can still be done about an entry that is no lead: say that it is one, or learn from it."""
    entry = view.entry
    if entry.state == UnreadableState.ENTERED:
        return []
    if entry.definition_id is not None:
        return [button(t("button.hand_over"), ids.HAND_OVER, entry.id)]
    shown = [button(t("button.is_lead"), ids.ENTER_UNREADABLE, entry.id)]
    if entry.state == UnreadableState.DELETED or entry.sender is None or _learnt(view) is not None:
        return shown
    if entry.headline:
        shown.append(button(t("button.never_headline"), ids.NEVER_HEADLINE, entry.id))
    return [*shown, button(t("button.never_app"), ids.NEVER_APP, entry.id)]


def _learnt(view: QueueEntry) -> Mrkdwn | None:
    """Return which of the rules of its sender holds for an entry."""
    for rule in view.rules:
        if rule.headline is None or shape_of(rule.headline) == shape_of(view.entry.headline):
            return Mrkdwn(rule.headline or "")
    return None


def _done(view: QueueEntry, t: Translator) -> Mrkdwn:
    entry, by = view.entry, bare_name(view.by)
    if entry.definition_id is not None and entry.state == UnreadableState.DISMISSED:
        return t.md("queue.to_nurturing", by=by)
    if entry.definition_id is not None and by and entry.state == UnreadableState.ENTERED:
        return t.md("queue.handed_over", by=by, number=view.number or 0, why=line(entry.why, 200) or "–")
    if entry.state == UnreadableState.ENTERED:
        key = "unreadable.entered" if by else "unreadable.completed"
        sentence = t.md(key, by=by, number=view.number or 0)
        return lines([sentence, t.md("unreadable.remembered") if entry.guess.get("remembered") else None])
    if entry.state == UnreadableState.DELETED:
        return t.md("unreadable.deleted")
    if entry.state == UnreadableState.DISMISSED:
        sentence = t.md("unreadable.dismissed", by=by)
    else:
        sentence = t.md("unreadable.set_aside", reason=why(entry, t))
    learnt = _learnt(view)
    if learnt is None:
        return sentence
    key = "unreadable.never_headline" if learnt else "unreadable.never_app"
    return lines([sentence, t.md(key, headline=line(learnt, 60), sender=bare_name(entry.sender_name))])


def why(entry: Unreadable, t: Translator) -> str:
    """Return the sentence of an entry's reason; a reason that is a sentence as it is."""
    reason = entry.reason
    if reason.startswith("guess_"):
        field, about = str(entry.guess.get("field", "message")), line(str(entry.guess.get("about", "")), 60)
        return t(f"unreadable.reason.{reason}", field=t(f"teach.field.{field}"), about=about or "–")
    keys = (f"unreadable.reason.{reason}", f"unreadable.no_lead.{reason}")
    known = next((key for key in keys if key in catalogue(t.locale)), None)
    return t(known) if known else line(reason, 300)


def _waits(view: QueueEntry) -> bool:
    return view.entry.state == UnreadableState.OPEN
