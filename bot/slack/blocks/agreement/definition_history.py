"""The versions of the MQL definition: a list with what each changed, and one of them whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.core.agreement.definition import Side, State, Version, agreed_by
from bot.core.agreement.definition_history import Changes, Edition, changes
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.agreement.definition import proposer, told_of
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import modal
from bot.slack.blocks.base.kit import Block, Element, View, actions, and_more, button, context, divider, lines, section
from bot.slack.blocks.base.text import bare_name, md
from storage.models import Definition

ON_PAGE = 15
SENTENCES = 8
SENTENCE = 300
SHORT = 80


def versions(every: Sequence[Edition], skipped: int, t: Translator) -> View:
    """Return some of the versions, the newest first. `skipped`: how many newer ones are left out."""
    shown = every[skipped : skipped + ON_PAGE]
    blocks: list[Block] = [section(_row(edition, t), _see(edition.version, t)) for edition in shown]
    left = len(every) - skipped - len(shown)
    blocks += and_more(left, t, "definition_history.more")
    older = [_listed("older", skipped + ON_PAGE, t)] if left > 0 else []
    now = button(t("button.definition_now"), ids.DEFINITION_NOW, 0)
    return modal(t("definition_history.title"), [*blocks, divider(), *actions([*older, now])], t)


def version(edition: Edition, skipped: int, t: Translator) -> View:
    """One version whole. `skipped`: where the list goes on that it was chosen in."""
    shown_version = edition.version
    day = t.full_day(shown_version.row.proposed_at)
    blocks = [
        section(lines([_head(edition, t), _agreed(shown_version, t)])),
        *told_of(shown_version, t),
        *_changed(edition, t),
        context(t.md("definition_history.proposed_by", at=day, by=proposer(shown_version, t))),
        *actions([_listed("versions_back", skipped, t)]),
    ]
    return modal(t("definition_history.title"), blocks, t)


def page_of(place: int) -> int:
    """Return how many newer versions are left out on the page of the list with this place, counted from 0."""
    return place // ON_PAGE * ON_PAGE


def _row(edition: Edition, t: Translator) -> Mrkdwn:
    return lines([_head(edition, t), _agreed(edition.version, t), _in_short(edition, t)])


def _head(edition: Edition, t: Translator) -> Mrkdwn:
    """Return the number, and when it counted or why it never did."""
    version, words = edition.version, {"number": edition.version.row.number}
    if version.state == State.OPEN:
        return t.md("definition_history.open", **words)
    if version.state in (State.WITHDRAWN, State.SENT_BACK):
        return t.md(f"definition_history.{version.state}", number=version.row.number)
    if version.state == State.REPLACED:
        return t.md("definition_history.replaced", **words, next=version.row.number + 1)
    first = _day(version.row.agreed_at, t)
    if edition.until is None:
        return t.md("definition_history.counts", **words, first=first)
    return t.md("definition_history.counted", **words, first=first, last=_day(edition.until, t))


def _agreed(version: Version, t: Translator) -> Mrkdwn:
    """Return who agreed for each side, as far as it has."""
    at = {Side.MARKETING: version.row.marketing_at, Side.SALES: version.row.sales_at}
    sentences = []
    for side in Side:
        user = agreed_by(version.row, side)
        if user is not None:
            name = bare_name(version.names.get(user)) or user
            sentences.append(t.md(f"definition_history.agreed_{side}", by=name, at=_day(at[side], t)))
    return lines(sentences) or t.md("definition_history.agreed_nobody")


def _in_short(edition: Edition, t: Translator) -> Mrkdwn:
    row, before = edition.version.row, edition.before
    if before is None:
        return t.md("definition_history.first")
    difference = changes(before, row)
    sentences = [_threshold(before, row, t)] if difference.threshold else []
    sentences += [
        _first_of(way, texts, t)
        for way, texts in (("removed", difference.removed), ("added", difference.added))
        if texts
    ]
    return lines(sentences) or t.md("definition_history.same", number=before.number)


def _first_of(way: str, texts: Sequence[str], t: Translator) -> Mrkdwn:
    first, more = md(texts[0], SHORT), len(texts) - 1
    text = t.md("definition_history.first_of", sentence=first, count=more) if more else first
    return Mrkdwn(f"{t.md(f'definition_history.{way}')} {text}")


def _changed(edition: Edition, t: Translator) -> Iterator[Block]:
    row, before = edition.version.row, edition.before
    if before is None:
        yield context(t.md("definition_history.first"))
        return
    difference = changes(before, row)
    if not difference:
        yield context(t.md("definition_history.same", number=before.number))
        return
    title = t.md("definition_history.changes", number=before.number)
    yield section(lines([Mrkdwn(f"*{title}*"), _threshold(before, row, t) if difference.threshold else None]))
    yield from _sentences(difference, t)


def _sentences(difference: Changes, t: Translator) -> Iterator[Block]:
    for way, texts in (("removed", difference.removed), ("added", difference.added)):
        bullets = [Mrkdwn(f"• {md(text, SENTENCE)}") for text in texts[:SENTENCES]]
        left = len(texts) - len(bullets)
        more = t.md("definition_history.more_sentences", count=left) if left else None
        if texts:
            yield section(lines([t.md(f"definition_history.{way}"), *bullets, more]))


def _threshold(before: Definition, after: Definition, t: Translator) -> Mrkdwn:
    old, new = (
        t("definition_history.no_threshold")
        if version.threshold is None
        else t("definition_history.score", score=t.number(version.threshold))
        for version in (before, after)
    )
    return t.md("definition_history.threshold", old=old, new=new)


def _day(at: datetime | None, t: Translator) -> str:
    return t.full_day(at) if at else ""


def _see(version: Version, t: Translator) -> Element:
    say = t("definition_history.see_number", number=version.row.number)
    return button(t("button.definition_version"), ids.DEFINITION_VERSION, version.row.id, say=say)


def _listed(which: str, skipped: int, t: Translator) -> Element:
    return button(t(f"button.definition_{which}"), ids.DEFINITION_VERSIONS, skipped)
