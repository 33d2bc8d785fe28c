"""kintone's webhook: unsigned, once, at most sixty a minute for a domain; what is more is dropped in silence."""

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from playground.crm.kintone.form import to_minute
from playground.crm.kintone.records import Comment, Record, Records
from playground.crm.notices import Notice, Notices, Received
from playground.log import Log
from playground.model import Json

A_MINUTE, LARGEST = 60, 1_000_000
EVENTS = ("ADD_RECORD", "UPDATE_RECORD", "DELETE_RECORD", "ADD_RECORD_COMMENT", "UPDATE_STATUS")


class Webhook(Notices):
    """The webhook of one app. `address` is where the domain is found by people."""

    patience = 10.0

    def __init__(self, log: Log, now: Callable[[], datetime], address: str) -> None:
        super().__init__(log, now)
        self.events: tuple[str, ...] = EVENTS
        self._address = address
        self._minute: deque[datetime] = deque()

    def tell(self, event: str, records: Records, record: Record, more: Json) -> None:
        """Queue a notice, unless it is the sixty-first within a minute, too large, or of no event that was chosen."""
        if event not in self.events or not self.url:
            return
        now = self._now()
        while self._minute and self._minute[0] <= now - timedelta(minutes=1):
            self._minute.popleft()
        content = self._content(event, records, record, more)
        if len(self._minute) >= A_MINUTE or len(json.dumps(content, ensure_ascii=False).encode()) > LARGEST:
            self.lost += 1
            return
        self._minute.append(now)
        self.add(content)

    def _content(self, event: str, records: Records, record: Record, more: Json) -> Json:
        url = f"{self._address}/k/{records.app_id}/show#record={record.id}"
        content: Json = {
            "id": str(uuid4()),
            "type": event,
            "app": {"id": str(records.app_id), "name": records.app_name},
            "url": url,
        }
        if event == "DELETE_RECORD":
            at = to_minute(more["deletedAt"])
            return content | {"recordId": str(record.id), "deletedBy": more["deletedBy"], "deletedAt": at}
        if event == "ADD_RECORD_COMMENT":
            comment: Comment = more["comment"]
            shown = {"id": str(comment.id), "text": comment.text, "mentions": comment.mentions}
            return content | {"recordId": str(record.id), "comment": shown}
        return content | {"record": records.shown(record), "recordTitle": str(record.values.get("会社名", record.id))}

    def request(self, batch: list[Notice]) -> tuple[bytes, dict[str, str]]:
        """Return the one notice."""
        body = json.dumps(batch[0].content, ensure_ascii=False).encode()
        return body, {"Content-Type": "application/json", "User-Agent": "kintone-Webhook/0.1"}

    def taken(self, answer: Received) -> bool:
        """Tell whether the answer is a 2xx."""
        return 200 <= answer.status < 300

    def pause(self, attempt: int) -> timedelta | None:  # noqa: ARG002 - it is never tried again
        """Return nothing: it is not tried again."""
        return None
