"""Google Ads lead forms: the key stands in the body, and leaves it before anything is stored."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence

from bot.connectors.sources import payload
from bot.connectors.sources.base import Entry
from bot.connectors.sources.contract import Delivery, NotALead, Suspicion, Unreadable
from bot.connectors.sources.mapping import Mapped
from bot.connectors.sources.paths import flat
from bot.connectors.sources.payload import word
from bot.connectors.sources.proposal import Field
from bot.connectors.sources.reading import Record

KEY = "google_key"


class GoogleAds(Mapped):
    """`is_test` makes no lead. The numbers of campaign and form are 64 bits: they stay text."""

    signs = True

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> Suspicion | None:
        """Compare the key in the body with the secrets. Only a text can be right."""
        try:
            sent = json.loads(delivery.body)
        except (ValueError, RecursionError):
            return Suspicion.NOT_OF_THE_FORM
        given = sent.get(KEY) if isinstance(sent, dict) else None
        if given is None:
            return Suspicion.MISSING_HEADER
        if not isinstance(given, str):
            return Suspicion.NOT_OF_THE_FORM
        spelt = given.encode("utf-8", "surrogatepass")
        return None if any([hmac.compare_digest(spelt, each.encode()) for each in secrets]) else Suspicion.WRONG_KEY

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the one lead of a form, by its columns."""
        node = payload.members(payload.tree(delivery))
        key = word(node, "lead_id") or None
        if word(node, "is_test").lower() == "true":
            yield key, NotALead("test")
            return
        fields = {name: value for name, value in node.items() if name not in {KEY, "is_test"}}
        if not payload.items(node, "user_column_data"):
            yield key, self.record(fields)
            return
        values = flat(fields)
        presets: dict[str, Field] = {path: "attribute" for path in values if "[" not in path}
        yield key, Record(values, presets, sent_at=word(node, "lead_submit_time"))

    def kept(self, body: bytes) -> bytes:
        """Return the body without its key; one that is no JSON object is not kept at all."""
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError):
            raise Unreadable("The body is not JSON.") from None
        if not isinstance(sent, dict):
            raise Unreadable("The body is not an object.")
        return json.dumps({name: value for name, value in sent.items() if name != KEY}, ensure_ascii=False).encode()
