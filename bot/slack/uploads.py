"""The worker of uploads: fetches a file from Slack, counts what it comes to, imports it in steps, takes it back.

The file stays in Slack. A copy is on this machine only while it is read. What was interrupted goes on: an upload is
claimed for some minutes and then anybody's again, and an import knows how far it has come.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from bot.connectors.tables.cells import DayOrder
from bot.connectors.tables.columns import Column
from bot.connectors.tables.history_file import Progress
from bot.connectors.tables.summary import Summary
from bot.connectors.tables.uploaded import UploadedTable, Wish, digest_of
from bot.core.mql import history
from bot.core.mql import uploads as core
from bot.core.mql.history import NotUndoable, StillUsed
from bot.slack.context import AppContext
from bot.slack.web_api.gateway import TOKEN_TROUBLE, Denied, SlackFailure
from storage import uploads, workspaces
from storage.models import Upload, Workspace
from storage.vocabulary import UploadState

MOST_BYTES = 20 * 1024 * 1024
"""Of a file: over 100,000 rows. The command line takes any."""
LEASE = timedelta(minutes=3)
"""So long after a worker was killed another takes its upload up."""
AGAIN = timedelta(seconds=20)
GIVE_UP = timedelta(hours=1)
"""So long after a file was sent it is asked for, while Slack is in trouble."""
EVERY = 2.0
"""Seconds between two looks."""
SHOWN_EVERY = timedelta(seconds=3)

log = structlog.get_logger(__name__)


class _Failed(Exception):
    """The file cannot be had. `word` names the sentence: upload.failed.<word>."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Uploads:
    """Works on the uploads of one workspace, one after the other."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping.wait(EVERY):
            try:
                self.work()
            except Exception:
                # The database may be away for a moment; the next look finds the same uploads.
                log.exception("uploads_failed")

    def stop(self) -> None:
        """Finish the step in hand and take up nothing."""
        self._stopping.set()

    def work(self) -> int:
        """Do what is due now; returns how many uploads that were."""
        done = 0
        while not self._stopping.is_set() and (upload := self._claim()) is not None:
            try:
                self._act(upload)
            except Exception:
                # One that breaks us must not keep the others; it comes again after its lease.
                log.exception("upload_broken", workspace=upload.workspace_id, upload=upload.id)
            self._context.wake()
            done += 1
        return done

    def _claim(self) -> Upload | None:
        now, team_id = self._context.now(), self._context.identity.team_id
        with self._context.database.snapshot() as tx:
            if not uploads.is_due(tx, team_id, now):
                return None  # mostly: and whoever writes is not to wait for us
        with self._context.database.transaction() as tx:
            return uploads.claim(tx, team_id, now, now + LEASE)

    def _act(self, upload: Upload) -> None:
        with self._context.database.snapshot() as tx:
            workspace = workspaces.get(tx, upload.workspace_id)
        if workspace is None:
            return
        if upload.state == UploadState.UNDOING:
            self._undo(upload, workspace)
            return
        try:
            with self._fetched(upload) as file:
                table = UploadedTable(file, _wish(upload), self._context.database, workspace, self._context.now)
                if upload.state == UploadState.READING:
                    self._look(upload, table)
                else:
                    self._bring(upload, table)
        except _Failed as failed:
            self._end(upload, UploadState.FAILED, summary={"problem": failed.word})
        except SlackFailure as failure:
            self._postpone(upload, failure)

    @contextmanager
    def _fetched(self, upload: Upload) -> Iterator[Path]:
        """Give a copy of the file, for as long as it is needed. Raises _Failed and SlackFailure."""
        gateway = self._context.gateway
        try:
            about = gateway.call("files.info", file=upload.file_id)["file"]
            size = int(about.get("size") or 0)
            if size > MOST_BYTES:
                raise _Failed("too_large")
            with TemporaryDirectory(prefix="mql-bot-") as folder:
                file = Path(folder) / _name(about)
                with file.open("wb") as out:
                    gateway.fetch(str(about.get("url_private_download") or ""), out, size)
                yield file
        except Denied as denied:
            if denied.code in TOKEN_TROUBLE and denied.code != "missing_scope":
                raise
            raise _Failed("missing_scope" if denied.code == "missing_scope" else "gone") from denied

    def _look(self, upload: Upload, table: UploadedTable) -> None:
        kind, summary = table.look()
        self._end(upload, UploadState.READ, kind=kind, name=table.file.name, summary=summary.to_json())

    def _bring(self, upload: Upload, table: UploadedTable) -> None:
        summary = Summary.model_validate(upload.summary)
        if upload.kind is None or digest_of(table.file) != summary.digest:
            with self._context.database.transaction() as tx:
                now = self._context.now()
                core.goes_on(tx, upload, now, now, state=UploadState.READING)
            return
        progress = Progress(upload.import_id, upload.position, 0, 0)
        shown_at = self._context.now()
        for progress in table.bring(upload.kind):
            now = self._context.now()
            if self._stopping.is_set():
                self._go_on(upload, progress, shown=False, lease=timedelta(0))
                return
            shown = now - shown_at >= SHOWN_EVERY
            shown_at = now if shown else shown_at
            if not self._go_on(upload, progress, shown=shown, lease=LEASE):
                return
        bad = table.gathered.bad() or summary.bad
        counts = {"stored": progress.added, "moved": progress.changed}
        done = summary.model_copy(update={"bad": bad, "counts": counts})
        about = {"import_id": progress.import_id, "position": progress.position, "summary": done.to_json()}
        self._end(upload, UploadState.DONE, **about)

    def _go_on(self, upload: Upload, progress: Progress, *, shown: bool, lease: timedelta) -> bool:
        now = self._context.now()
        values: dict[str, Any] = {"position": progress.position, "import_id": progress.import_id}
        with self._context.database.transaction() as tx:
            if shown:
                return core.goes_on(tx, upload, now + lease, now, **values)
            values["next_attempt_at"] = now + lease
            return uploads.change(tx, upload.workspace_id, upload.id, (upload.state,), **values) is not None

    def _undo(self, upload: Upload, workspace: Workspace) -> None:
        summary = Summary.model_validate(upload.summary)
        try:
            with self._context.database.transaction() as tx:
                now = self._context.now()
                undone = history.undo(tx, workspace, upload.import_id or 0, now)
                counts = {"dropped": undone.dropped, "put_back": undone.put_back}
                after = summary.model_copy(update={"counts": counts}).to_json()
                core.ends(tx, upload, UploadState.UNDONE, now, summary=after)
        except StillUsed as error:
            self._end(upload, UploadState.DONE, summary=summary.model_copy(update={"left": error.numbers}).to_json())
        except NotUndoable:  # somebody has taken it back on the command line
            self._end(upload, UploadState.UNDONE)

    def _postpone(self, upload: Upload, failure: SlackFailure) -> None:
        now = self._context.now()
        log.warning("upload_not_fetched", workspace=upload.workspace_id, upload=upload.id, code=failure.code)
        if upload.state == UploadState.READING and now - upload.created_at > GIVE_UP:
            self._end(upload, UploadState.FAILED, summary={"problem": "unreachable"})
            return
        with self._context.database.transaction() as tx:
            core.waits(tx, upload, now + AGAIN)

    def _end(self, upload: Upload, state: UploadState, **values: Any) -> None:
        with self._context.database.transaction() as tx:
            core.ends(tx, upload, state, self._context.now(), **values)


def _wish(upload: Upload) -> Wish:
    """Return how a person wants it read."""
    reading = upload.reading
    places = reading.get("places")
    return Wish(
        kind=upload.kind,
        places=None if places is None else {Column(word): tuple(where) for word, where in places.items()},
        kept=tuple(reading.get("kept", ())),
        order=DayOrder(reading["order"]) if reading.get("order") else None,
    )


def _name(about: dict[str, Any]) -> str:
    """Return a name for the copy: that of the file, without folders or signs that a file system does not take."""
    bare = PurePath(str(about.get("name") or "").replace("\\", "/")).name
    plain = "".join(sign for sign in bare if sign.isprintable() and sign not in '/:*?"<>|')[-80:].strip(". ")
    return plain or "file"
