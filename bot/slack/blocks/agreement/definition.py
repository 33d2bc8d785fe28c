"""The definition of an MQL: what counts, what is proposed, the form, and what both sides are told."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.agreement.definition import FROM_FILE, TEXT_MOST, WHY_MOST, Side, Standing, State, Version, agreed_by
from bot.core.agreement.rules import Rules
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.agreement import definition_rules
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, text_input
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    lines,
    message,
    quote,
    section,
)
from bot.slack.blocks.base.text import bare_name, clean, clip_md, md


@dataclass(frozen=True)
class Draft:
    """What the form is filled with."""

    text: str | None = None
    threshold: int | None = None
    why: str | None = None
    rules: Rules | None = None


def propose_button(period: str, t: Translator) -> Element:
    """Begins a proposal. `period`: the month of the scoring check that it stands below."""
    return button(t("button.definition_propose"), ids.PROPOSE_DEFINITION, period)


def form(draft: Draft, t: Translator) -> View:
    """Return the definition in words, the threshold, and what speaks for it."""
    text = text_input(ids.DEFINITION_TEXT, draft.text, most=TEXT_MOST, multiline=True)
    score = None if draft.threshold is None else str(draft.threshold)
    why = text_input(ids.DEFINITION_WHY, draft.why, most=WHY_MOST, multiline=True)
    threshold = field(
        ids.DEFINITION_THRESHOLD,
        t("definition.threshold"),
        text_input(ids.DEFINITION_THRESHOLD, score, most=20),
        optional=True,
        hint=t("definition.threshold_hint"),
    )
    # Whether anything is checked decides what the rest means: on a phone it is to be seen without scrolling.
    blocks = [
        section(t.md("definition.about")),
        *definition_rules.gate(draft.rules, t),
        field(ids.DEFINITION_TEXT, t("definition.text"), text, hint=t("definition.text_hint")),
        threshold,
        *definition_rules.fields(draft.rules, t),
        field(ids.DEFINITION_WHY, t("definition.why"), why, optional=True),
    ]
    return modal(t("definition.title"), blocks, t, submit=t("definition.submit"), callback_id=ids.DEFINITION_FORM)


def counting(t: Translator) -> View:
    """Return what stands in the form's place until the check is counted that it begins with."""
    return modal(t("definition.title"), [section(t.md("definition.counting"))], t)


def page(now: Standing, t: Translator, *, may_propose: bool, may_agree: bool, may_close: str | None = None) -> View:
    """Return what counts and what is proposed, with what the reader may do. `may_close`: the id of whoever may withdraw
    the proposal or send it back."""
    blocks: list[Block] = [section(t.md("definition.none"))]
    if now.agreed is not None:
        head = t.md("definition.counts", number=now.agreed.row.number, at=_day(now.agreed, t))
        blocks = [section(Mrkdwn(f"*{head}*")), *told_of(now.agreed, t), context(_state(now.agreed, t))]
    if now.proposed is not None:
        row = now.proposed.row
        values = {"at": t.full_day(row.proposed_at), "by": proposer(now.proposed, t)}
        head = t.md("definition.proposal", number=row.number, **values)
        blocks += [divider(), section(Mrkdwn(f"*{head}*")), *told_of(now.proposed, t), context(_state(now.proposed, t))]
        agree = [_agree(now.proposed, t)] if may_agree else []
        blocks += actions([*agree, *([_close(now.proposed, may_close, t)] if may_close else [])])
    if now.others:
        blocks += [divider(), *actions([button(t("button.definition_versions"), ids.DEFINITION_VERSIONS, 0)])]
    if not may_propose:
        return modal(t("definition.title"), blocks, t)
    submit = t("button.definition_propose")
    return modal(t("definition.title"), blocks, t, submit=submit, callback_id=ids.DEFINITION_PAGE)


def proposed(version: Version, t: Translator, *, may_agree: bool, may_close: bool = False) -> Message:
    """To the side that has not agreed."""
    sentence = t.md("definition.proposed", actor=proposer(version, t), number=version.row.number)
    state = _state(version, t)
    blocks = [
        section(sentence),
        *told_of(version, t),
        section(state),
        *actions([*([_agree(version, t)] if may_agree else []), *([_close(version, "", t)] if may_close else [])]),
    ]
    return message(Mrkdwn(t.flow(sentence, state)), blocks)


def agreed(version: Version, t: Translator) -> Message:
    """To both sides: this version counts from now on."""
    sentence = t.md("definition.agreed", number=version.row.number)
    return message(sentence, [section(sentence), *told_of(version, t), context(_state(version, t))])


def close_form(version: Version, reader: str, t: Translator) -> View:
    """Return what whoever proposed a version is told when it is sent back; of one's own only whether it is meant."""
    own, row = version.row.proposed_by == reader, version.row
    word = "withdraw" if own else "send_back"
    why = text_input(ids.DEFINITION_CLOSED_WHY, None, most=WHY_MOST, multiline=True)
    hint = None if own else t("definition.send_back_hint")
    blocks = [
        section(t.md(f"definition.{word}_about", number=row.number)),
        field(ids.DEFINITION_CLOSED_WHY, t("definition.closed_why"), why, optional=own, hint=hint),
    ]
    title, submit = t(f"definition.{word}_title"), t(f"definition.{word}_submit")
    form_id = ids.CLOSE_DEFINITION_FORM
    return modal(title, blocks, t, submit=submit, callback_id=form_id, definition=row.id)


def sent_back(version: Version, t: Translator) -> Message:
    """To whoever proposed it: it was sent back, and why."""
    by = bare_name(version.names.get(version.row.closed_by or "")) or t("note.bot")
    sentence = t.md("definition.was_sent_back", actor=by, number=version.row.number)
    why = [quote(clean(version.row.closed_why), WHY_MOST)] if clean(version.row.closed_why) else []
    return message(sentence, [section(sentence), *why, section(t.md("definition.sent_back_ask"))])


def told_of(version: Version, t: Translator) -> list[Block]:
    """Return what a version says, what speaks for it, and what a lead is held for."""
    row, facts = version.row, []
    if row.threshold is not None:
        facts.append(t.md("definition.from_score", score=t.number(row.threshold)))
    if row.why:
        facts.append(Mrkdwn(f"{t.md('definition.because')}\n{clip_md(_escaped(row.why), 2 * WHY_MOST)}"))
    rules = definition_rules.in_words(Rules.of(row.rules), t) + definition_rules.effect(version.effect, t)
    return [quote(clean(row.text), TEXT_MOST), *([section(lines(facts))] if facts else []), *rules]


def _escaped(text: str) -> Mrkdwn:
    return lines(md(row_text, WHY_MOST) for row_text in clean(text).splitlines())


def _state(version: Version, t: Translator) -> Mrkdwn:
    if version.state == State.REPLACED:
        return t.md("definition.replaced")
    if version.state in (State.WITHDRAWN, State.SENT_BACK):
        return t.md(f"definition.{version.state}", actor=bare_name(version.names.get(version.row.closed_by or "")))
    who = {side: bare_name(version.names.get(agreed_by(version.row, side) or "", "")) or "–" for side in Side}
    if version.state == State.AGREED:
        names = {"marketer": who[Side.MARKETING], "leader": who[Side.SALES]}
        return t.md("definition.agreed_by", at=_day(version, t), **names)
    if len(version.missing) > 1:
        return t.md("definition.waits_both")
    (side,) = version.missing
    return t.md(f"definition.waits_{side}")


def _day(version: Version, t: Translator) -> str:
    return t.full_day(version.row.agreed_at) if version.row.agreed_at else ""


def proposer(version: Version, t: Translator) -> str:
    """Return the name of who proposed it."""
    if version.row.proposed_by == FROM_FILE:
        return t("definition.team_file")
    return bare_name(version.names.get(version.row.proposed_by)) or version.row.proposed_by


def _agree(version: Version, t: Translator) -> Element:
    return button(t("button.definition_agree"), ids.AGREE_DEFINITION, version.row.id, primary=True)


def _close(version: Version, reader: str, t: Translator) -> Element:
    word = "withdraw" if version.row.proposed_by == reader else "send_back"
    return button(t(f"button.definition_{word}"), ids.CLOSE_DEFINITION, version.row.id)
