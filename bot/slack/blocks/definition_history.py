"""The versions of the MQL definition: a list with what each changed, and one of them whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.core.agreement.definition import Side, State, Version, agreed_by
from bot.core.agreement.definition_history import Changes, Edition, changes
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks import ids
from bot.slack.blocks.definition import proposer, told_of
from bot.slack.blocks.forms import modal
from bot.slack.blocks.kit import Block, Element, View, actions, button, context, divider, lines, section
from bot.slack.blocks.text import bare_name, md
from storage.models import Definition

ON_PAGE = 15
SENTENCES = 8
SENTENCE = 300
SHORT = 80


def versions(every: Sequence[Edition], skipped: int, t: Translator) -> View:
    """Some of the versions, the newest first. `skipped`: how many newer ones are left out."""
    shown = every[skipped : skipped + ON_PAGE]
    blocks: list[Block] = [section(_row(one, t), _see(one.version, t)) for one in shown]
    left = len(every) - skipped - len(shown)
    if left > 0:
        blocks.append(context(t.md("definition_history.more", count=left)))
    older = [_listed("older", skipped + ON_PAGE, t)] if left > 0 else []
    now = button(t("button.definition_now"), ids.DEFINITION_NOW, 0)
    return modal(t("definition_history.title"), [*blocks, divider(), *actions([*older, now])], t)


def version(edition: Edition, skipped: int, t: Translator) -> View:
    """One version whole. `skipped`: where the list goes on that it was chosen in."""
    told = edition.version
    day = t.full_day(told.row.proposed_at)
    blocks = [
        section(lines([_head(edition, t), _agreed(told, t)])),
        *told_of(told, t),
        *_changed(edition, t),
        context(t.md("definition_history.proposed_by", at=day, by=proposer(told))),
        *actions([_listed("versions_back", skipped, t)]),
    ]
    return modal(t("definition_history.title"), blocks, t)


def page_of(place: int) -> int:
    """How many newer versions are left out on the page of the list with this place, counted from 0."""
    return place // ON_PAGE * ON_PAGE


def _row(edition: Edition, t: Translator) -> Mrkdwn:
    return lines([_head(edition, t), _agreed(edition.version, t), _in_short(edition, t)])


def _head(edition: Edition, t: Translator) -> Mrkdwn:
    """The number, and when it counted or why it never did."""
    told, words = edition.version, {"number": edition.version.row.number}
    if told.state == State.OPEN:
        return t.md("definition_history.open", **words)
    if told.state == State.REPLACED:
        return t.md("definition_history.replaced", **words, next=told.row.number + 1)
    first = _day(told.row.agreed_at, t)
    if edition.until is None:
        return t.md("definition_history.counts", **words, first=first)
    return t.md("definition_history.counted", **words, first=first, last=_day(edition.until, t))


def _agreed(told: Version, t: Translator) -> Mrkdwn:
    """Who agreed for each side, as far as it has."""
    at = {Side.MARKETING: told.row.marketing_at, Side.SALES: told.row.sales_at}
    said = []
    for side in Side:
        user = agreed_by(told.row, side)
        if user is not None:
            name = bare_name(told.names.get(user)) or user
            said.append(t.md(f"definition_history.agreed_{side}", by=name, at=_day(at[side], t)))
    return lines(said) or t.md("definition_history.agreed_nobody")


def _in_short(edition: Edition, t: Translator) -> Mrkdwn:
    row, before = edition.version.row, edition.before
    if before is None:
        return t.md("definition_history.first")
    found = changes(before, row)
    said = [_threshold(before, row, t)] if found.threshold else []
    said += [_first_of(way, told, t) for way, told in (("removed", found.removed), ("added", found.added)) if told]
    return lines(said) or t.md("definition_history.same", number=before.number)


def _first_of(way: str, told: Sequence[str], t: Translator) -> Mrkdwn:
    first, more = md(told[0], SHORT), len(told) - 1
    said = t.md("definition_history.first_of", sentence=first, count=more) if more else first
    return Mrkdwn(f"{t.md(f'definition_history.{way}')} {said}")


def _changed(edition: Edition, t: Translator) -> Iterator[Block]:
    row, before = edition.version.row, edition.before
    if before is None:
        yield context(t.md("definition_history.first"))
        return
    found = changes(before, row)
    if not found:
        yield context(t.md("definition_history.same", number=before.number))
        return
    title = t.md("definition_history.changes", number=before.number)
    yield section(lines([Mrkdwn(f"*{title}*"), _threshold(before, row, t) if found.threshold else None]))
    yield from _sentences(found, t)


def _sentences(found: Changes, t: Translator) -> Iterator[Block]:
    for way, told in (("removed", found.removed), ("added", found.added)):
        bullets = [Mrkdwn(f"• {md(one, SENTENCE)}") for one in told[:SENTENCES]]
        left = len(told) - len(bullets)
        more = t.md("definition_history.more_sentences", count=left) if left else None
        if told:
            yield section(lines([t.md(f"definition_history.{way}"), *bullets, more]))


def _threshold(before: Definition, after: Definition, t: Translator) -> Mrkdwn:
    old, new = (
        t("definition_history.no_threshold")
        if one.threshold is None
        else t("definition_history.score", score=t.number(one.threshold))
        for one in (before, after)
    )
    return t.md("definition_history.threshold", old=old, new=new)


def _day(at: datetime | None, t: Translator) -> str:
    return t.full_day(at) if at else ""


def _see(told: Version, t: Translator) -> Element:
    say = t("definition_history.see_number", number=told.row.number)
    return button(t("button.definition_version"), ids.DEFINITION_VERSION, told.row.id, say=say)


def _listed(which: str, skipped: int, t: Translator) -> Element:
    return button(t(f"button.definition_{which}"), ids.DEFINITION_VERSIONS, skipped)
