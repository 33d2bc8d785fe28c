"""What belongs to an MQL beside it, as blocks: all that its lead has written, and other MQLs that a reader ought to
know of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.views.mql import MqlView, Other, Words
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import SECTION, Block, context, lines, quote
from bot.slack.blocks.base.phrases import web_address
from bot.slack.blocks.base.text import bare_name, clean, pieces
from storage.models import Mql
from storage.vocabulary import Status

EARLIER_SHOWN = 200
TEXTS_SHOWN = 20
PIECES_SHOWN = 30
_AT_WORK = (Status.ACCEPTED, Status.CONTACTED)


def hints(view: MqlView, t: Translator) -> list[Block]:
    """Return the other MQLs that a reader ought to know of: what the lead was before, who may be the same person, what
    there is of the same company, and what was merged."""
    if view.related is None:
        return []
    related = view.related
    if related.into is not None:  # what there is beside it is that one's
        return [context(gone_on)] if (gone_on := _hint("into", related.into, t)) else []
    sentences = [
        _hint("former", related.former, t),
        _hint("maybe", related.maybe, t),
        _hint("company", related.company, t),
    ]
    if related.merged:
        sentences.append(t.md("related.merged", numbers=t.listed([f"#{number}" for number in related.merged])))
    known = lines(sentences)
    return [context(known)] if known else []


def _hint(word: str, other: Other | None, t: Translator) -> Mrkdwn | None:
    if other is None or (other.mql.status == Status.WITHDRAWN and word != "into"):
        return None
    rep = bare_name(other.owner.name) if other.owner else ""
    words = {"other": _link(other), "state": state(other.mql, t), "rep": rep}
    return t.md(f"related.{word}", **words) if rep else t.md(f"related.{word}_unowned", **words)


def _link(other: Other) -> Mrkdwn:
    number = Mrkdwn(f"#{other.mql.number}")
    return Mrkdwn(f"<{other.permalink}|{number}>") if web_address(other.permalink) else number


def state(mql: Mql, t: Translator) -> str:
    """Return in a word where another MQL stands; of an opportunity that is decided its result."""
    if mql.deal_result is not None:
        return t(f"deal.{mql.deal_result}")
    return t("related.at_work") if mql.status in _AT_WORK else t(f"status.{mql.status}")


def words_of_lead(view: MqlView, t: Translator, limit: int) -> list[Block]:
    """Return the beginning of what the person wrote, quoted: what they wrote last comes first."""
    written = _words(view)
    if not written:
        return []
    newest, *earlier = written
    if not earlier:
        return [quote(_shown(newest.text), limit)]
    blocks = [context(t.md("related.wrote_last", at=t.moment(newest.at))), quote(_shown(newest.text), limit)]
    blocks += [context(t.md("related.wrote", at=t.moment(earlier[0].at)))]
    blocks += [quote(_shown(earlier[0].text), min(limit, EARLIER_SHOWN))]
    return [*blocks, context(t.md("related.wrote_more", count=len(earlier) - 1))] if earlier[1:] else blocks


def newest_words(view: MqlView) -> str:
    """Return what the person wrote last; empty where they wrote nothing."""
    written = _words(view)
    return _shown(written[0].text) if written else ""


def all_words_of_lead(view: MqlView, t: Translator) -> list[Block]:
    """Return everything that the person wrote, quoted, the newest first; with its time where there are several."""
    written = _words(view)
    if len(written) == 1:
        return [quote(piece) for piece in pieces(_shown(written[0].text), SECTION)]
    blocks: list[Block] = []
    for place, words in enumerate(written):
        parts = [quote(piece) for piece in pieces(_shown(words.text), SECTION)]
        if place == TEXTS_SHOWN or len(blocks) + len(parts) >= PIECES_SHOWN:
            return [*blocks, context(t.md("related.wrote_more_in_thread", count=len(written) - place))]
        blocks += [context(t.md("related.wrote", at=t.moment(words.at))), *parts]
    return blocks


def quoted(written: Sequence[Words], t: Translator, limit: int, most: int) -> list[Block]:
    """Return what a lead wrote just now: the newest texts, each cut to a limit."""
    shown = [quote(_shown(words.text), limit) for words in written[:most] if _shown(words.text)]
    left = len(written) - most
    return [*shown, context(t.md("related.wrote_more", count=left))] if left > 0 else shown


def _words(view: MqlView) -> list[Words]:
    mql = view.mql
    given = view.related.words if view.related else ((Words(mql.received_at, mql.message),) if mql.message else ())
    return [words for words in given if _shown(words.text)]


def _shown(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", clean(text))
