"""What people have taught about the apps of the intake channel: its versions, and the way back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.connectors.sources.corrections import Edition
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal
from bot.slack.blocks.base.kit import Block, View, button, context, divider, first_of, lines, section, select
from bot.slack.blocks.base.phrases import sender_name
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.sources.sources import VERSIONS_SHOWN, earlier_versions, edition_line
from storage.models import SenderLayout, SenderMapping

READERS_SHOWN = 20
CHANGES_SHOWN = 8
LABEL = 60


def rows(taught: Sequence[SenderMapping], apps: Mapping[str, str], t: Translator) -> list[Block]:
    """Return the apps of which something was taught, each with a button that shows the versions; nothing where there is
    none. `apps`: what they call themselves, by id."""
    if not taught:
        return []
    about = section(t.md("reader.about"))
    return [divider(), about, *first_of(taught, READERS_SHOWN, lambda newest: [_row(newest, apps, t)], t)]


def layout_rows(
    layouts: Sequence[SenderLayout], apps: Mapping[str, str], names: Mapping[str, str], t: Translator
) -> list[Block]:
    """Return the layouts whose reading a person has confirmed, each with a button by which it is forgotten; nothing
    where there is none. `apps`: what they call themselves, by id; `names`: of the people who confirmed."""
    if not layouts:
        return []
    about = section(t.md("layout.about"))
    return [divider(), about, *first_of(layouts, READERS_SHOWN, lambda row: _layout(row, apps, names, t), t)]


def _layout(row: SenderLayout, apps: Mapping[str, str], names: Mapping[str, str], t: Translator) -> list[Block]:
    app = sender_name(row.sender, {**names, **apps}, t)
    fields = t.listed([t(f"teach.field.{name}") for name in row.reads])
    by, day = bare_name(names.get(row.by)) or row.by, t.day(t.local_date(row.at))
    corrected = [_change(label, name, t) for label, name in row.fields.items()]
    shown = lines([t.md("layout.line", app=app, fields=fields), *corrected])
    forget = button(t("button.forget_layout"), ids.FORGET_LAYOUT, row.id, say=t("layout.forget", app=app))
    return [section(shown, forget), context(t.md("layout.by", by=by, day=day))]


def _row(newest: SenderMapping, apps: Mapping[str, str], t: Translator) -> Block:
    app = sender_name(newest.sender, apps, t)
    shown = t.md("reader.line", app=app, version=newest.number, count=len(newest.fields))
    aloud = t("reader.look_at", app=app)
    return section(shown, button(t("button.reader_versions"), ids.LOOK_AT_READER, newest.id, say=aloud))


def form(
    newest: SenderMapping,
    apps: Mapping[str, str],
    editions: Sequence[Edition],
    names: Mapping[str, str],
    t: Translator,
) -> View:
    """Return the versions, the newest first, with what each changed; and the choice of an earlier one. `apps`: what
    they call themselves, by id; `names`: of the people who taught."""
    shown = first_of(editions, VERSIONS_SHOWN, lambda edition: [section(_edition(edition, names, t))], t)
    blocks = [section(t.md("reader.form_about", app=sender_name(newest.sender, apps, t))), *shown]
    earlier = earlier_versions(editions, names, t)
    if not earlier:
        return modal(t("reader.title"), blocks, t)
    chooser = select(ids.READER_VERSION, earlier, t("form.choose"))
    blocks.append(field(ids.READER_VERSION, t("source.go_back"), chooser, hint=t("reader.back_hint")))
    submit, callback_id = t("reader.submit"), ids.READER_FORM
    return modal(t("reader.title"), blocks, t, submit=submit, callback_id=callback_id, reader=newest.id)


def _edition(edition: Edition, names: Mapping[str, str], t: Translator) -> Mrkdwn:
    changes = list(edition.changed.items())
    changed = [_change(label, name, t) for label, name in changes[:CHANGES_SHOWN]]
    more = [t.md("list.more", count=len(changes) - len(changed))] if len(changes) > len(changed) else []
    return lines([Mrkdwn(f"*{escape(edition_line(edition, names, t))}*"), *changed, *more])


def _change(label: str, name: str | None, t: Translator) -> Mrkdwn:
    taken_for = t("reader.unlearnt") if name is None else t(f"teach.field.{name}")
    return t.md("reader.change", label=line(label, LABEL), field=taken_for)
