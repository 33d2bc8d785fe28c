"""A file that somebody sent to the bot: how it is read, what it comes to, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.connectors.tables.cells import DayOrder
from bot.connectors.tables.columns import Column
from bot.connectors.tables.summary import BadLines, Summary
from bot.connectors.tables.uploaded import WANTED
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    View,
    actions,
    asking_first,
    button,
    context,
    lines,
    message,
    option,
    section,
    select,
)
from bot.slack.blocks.base.text import line
from storage.models import ImportRun, Upload
from storage.vocabulary import UploadKind, UploadState

KIND_BUTTONS = {
    UploadKind.HISTORY: ids.UPLOAD_HISTORY,
    UploadKind.LEADS: ids.UPLOAD_LEADS,
    UploadKind.OUTCOMES: ids.UPLOAD_OUTCOMES,
}
LEAVE, KEEP = "-", "keep"
"""What a column may be taken for beside what the kind of table wants: nothing, or an attribute of the lead."""
NAME = 60
COLUMNS_SHOWN = 50
"""Each has thirty choices, and a form at most 250 kB."""
LEFT_SHOWN = 12
REASONS_SHOWN = 8


def upload(row: Upload, summary: Summary, t: Translator) -> Message:
    """Return the message that shows an upload."""
    name = line(row.name, NAME) or t("upload.a_file")
    if row.state == UploadState.READ:
        return _read(row, summary, name, t)
    values = {"done": t.number(row.position), "whole": t.number(summary.rows)}
    if row.state == UploadState.FAILED:
        return _with_buttons(t.md(f"upload.failed.{summary.problem or 'gone'}", file=name), [], [])
    if row.state == UploadState.DONE:
        return _done(row, summary, name, t)
    counts = {shown: t.number(summary.counts.get(shown, 0)) for shown in ("dropped", "put_back")}
    return _with_buttons(t.md(f"upload.{row.state}", file=name, **values, **counts), [], [])


def _read(row: Upload, summary: Summary, name: str, t: Translator) -> Message:
    cancel = button(t("button.upload_cancel"), ids.UPLOAD_CANCEL, row.id)
    columns = button(t("button.upload_columns"), ids.UPLOAD_COLUMNS, row.id)
    if summary.problem is not None:
        chooser = [columns] if summary.columns else []
        return _with_buttons(t.md(f"upload.problem.{summary.problem}", file=name), [], [*chooser, cancel])
    if row.kind is None:
        kinds = [button(t(f"button.{action}"), action, row.id) for action in KIND_BUTTONS.values()]
        return _with_buttons(t.md("upload.which", file=name, rows=t.number(summary.rows)), [], [*kinds, cancel])
    bring = button(t("button.upload_import"), ids.UPLOAD_IMPORT, row.id, primary=True)
    what = t(f"upload.kind.{row.kind}")
    text = t.md("upload.read", file=name, rows=t.number(summary.rows), kind=what, encoding=summary.encoding)
    sentence = text if summary.news else t.md("upload.nothing", file=name, rows=t.number(summary.rows), kind=what)
    parts = [section(lines(_columns(summary, t))), section(lines(_counts(row.kind, summary, t))), *_bad(summary.bad, t)]
    return _with_buttons(sentence, parts, [*([bring] if summary.news else []), columns, cancel])


def _done(row: Upload, summary: Summary, name: str, t: Translator) -> Message:
    counts = {word: t.number(summary.counts.get(word, 0)) for word in ("stored", "moved")}
    text = t.md(f"upload.done.{row.kind}", file=name, **counts)
    numbers = t.listed([f"#{number}" for number in summary.left])
    left = [t.md("upload.still_used", numbers=numbers)] if summary.left else []
    undoable = row.kind == UploadKind.HISTORY and row.import_id is not None
    word = t("button.upload_undo")
    undo = asking_first(button(word, ids.UPLOAD_UNDO, row.id), t("upload.ask_undo"), word, t("form.cancel"))
    parts = [section(text) for text in left] + _bad(summary.bad, t)
    return _with_buttons(text, parts, [undo] if undoable else [])


def _with_buttons(sentence: Mrkdwn, parts: Sequence[Block], elements: Sequence[Element]) -> Message:
    return message(sentence, [section(sentence), *parts, *actions(elements)])


def _columns(summary: Summary, t: Translator) -> Iterator[Mrkdwn]:
    yield t.md("upload.columns")
    for column in Column:
        if places := summary.places.get(column):
            names = t.listed([line(summary.columns[place], NAME) for place in places if place < len(summary.columns)])
            yield _bullet(escape(t("import.column", what=t(f"import.column.{column}"), names=names)))
    read = {place for places in summary.places.values() for place in places}
    left = [line(name, NAME) for place, name in enumerate(summary.columns) if name and place not in read]
    if left:
        shown = t.listed([*left[:LEFT_SHOWN], *(["…"] if len(left) > LEFT_SHOWN else [])])
        yield _bullet(t.md("upload.left_out", names=shown))
    if summary.order:
        yield _bullet(t.md(f"upload.order.{summary.order}"))


def _bullet(text: Mrkdwn) -> Mrkdwn:
    return Mrkdwn(f"• {text}")


def _counts(kind: UploadKind, summary: Summary, t: Translator) -> Iterator[Mrkdwn]:
    if summary.first and summary.last:
        first, last = (t.full_date(t.local_date(moment)) for moment in (summary.first, summary.last))
        yield t.md("import.period", first=first, last=last)
    for word, count in summary.counts.items():
        if count or word == next(iter(summary.counts)):
            yield _bullet(t.md(f"upload.count.{word}", count=count, shown=t.number(count)))
    yield t.md(f"upload.about.{kind}")


def _bad(bad: dict[str, BadLines], t: Translator) -> list[Block]:
    """Return why rows cannot be imported, and in which lines of the file they are."""
    if not bad:
        return []
    whole = sum(reason.count for reason in bad.values())
    rows = [t.md("upload.bad", count=whole, shown=t.number(whole))]
    for word, reason in list(bad.items())[:REASONS_SHOWN]:
        named = t.listed([str(number) for number in reason.lines] + (["…"] if reason.count > len(reason.lines) else []))
        why = t(f"upload.bad.{word}")
        rows.append(_bullet(t.md("upload.bad_lines", why=why, shown=t.number(reason.count), lines=named)))
    more = len(bad) - REASONS_SHOWN
    return [section(lines(rows)), *([context(t.md("list.more", count=more))] if more > 0 else [])]


def taken_for(summary: Summary) -> dict[int, str]:
    """Return what each column is taken for by now, by its place."""
    return {place: word for word, places in summary.places.items() for place in places}


def form(row: Upload, summary: Summary, t: Translator) -> View:
    """Return the form that says what a file holds and which column is what."""
    kinds = [option(t(f"upload.kind.{kind}"), kind.value) for kind in KIND_BUTTONS]
    orders = [option(t(f"upload.order_name.{order}"), order.value) for order in DayOrder]
    initial = row.kind or UploadKind.HISTORY
    asked = [
        field(ids.UPLOAD_KIND, t("upload.form.kind"), select(ids.UPLOAD_KIND, kinds, t("form.choose"), initial)),
        field(
            ids.UPLOAD_ORDER,
            t("upload.form.order"),
            select(ids.UPLOAD_ORDER, orders, t("form.choose"), summary.order),
            optional=True,
            hint=t("upload.form.order_hint"),
        ),
    ]
    words = taken_for(summary) | dict.fromkeys(row.reading.get("kept", ()), KEEP)
    named = [(place, name) for place, name in enumerate(summary.columns) if name]
    # What is read comes first: on a phone nobody scrolls through a hundred columns.
    named.sort(key=lambda pair: (pair[0] not in words, pair[0]))
    allowed = WANTED[row.kind] if row.kind else WANTED[UploadKind.HISTORY]
    rows = [_column(place, name, words.get(place, LEAVE), allowed, t) for place, name in named[:COLUMNS_SHOWN]]
    left = len(named) - len(rows)
    rest = [context(t.md("list.more", count=left))] if left > 0 else []
    blocks = [*asked, *rows, *rest]
    kept = {"upload": row.id}
    return modal(t("upload.title"), blocks, t, submit=t("upload.submit"), callback_id=ids.UPLOAD_FORM, **kept)


def _column(place: int, name: str, taken: str, allowed: Sequence[Column], t: Translator) -> Block:
    beside = [option(t("upload.column.leave"), LEAVE), option(t("upload.column.keep"), KEEP)]
    options = [*beside, *(option(t(f"import.column.{column}"), column.value) for column in allowed)]
    chooser = select(ids.UPLOAD_COLUMN, options, t("form.choose"), taken)
    return field(f"{ids.UPLOAD_COLUMN}:{place}", line(name, 150), chooser)


def how(runs: Sequence[ImportRun], t: Translator) -> Message:
    """Return how a file is imported, and the last imports."""
    text = t.md("upload.how")
    rows = [escape(_run(run, t)) for run in runs]
    listed = [section(lines([t.md("upload.runs"), *rows]))] if rows else []
    return message(text, [section(text), *listed, context(t.md("upload.limits"))])


def _run(run: ImportRun, t: Translator) -> str:
    kind, state = t(f"import.kind.{run.kind}"), t(f"upload.run_state.{run.state}")
    counts = {"added": t.number(run.added), "changed": t.number(run.changed)}
    at, file = t.moment(run.started_at), line(run.file, NAME)
    return t("import.run", number=run.id, at=at, file=file, kind=kind, state=state, **counts)
