"""Being away: /mql away and /mql back, the form with its presets, and who answers meanwhile."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.core.base import day_words, team
from bot.core.base.day_words import Days
from bot.core.base.permissions import Permission
from bot.core.base.results import Done, Refused
from bot.core.messages import kinds, notifications
from bot.core.messages.notifications import Below
from bot.core.mql import covers
from bot.core.routing import absences
from bot.core.sla.own_hours import OwnHours
from bot.core.views import absences as views
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.example_days import example_days
from bot.slack.blocks.base.kit import Message, View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.routing import absences as blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.command import Answer, CommandContext, is_name, somebody
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Interaction, Press, acting, opening, refused, turning
from storage import absences as absence_rows
from storage import members
from storage.models import Absence, Member
from storage.vocabulary import AbsenceSource


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.AWAY)(opening(context, form_view))
    app.action(ids.AWAY_WHO)(turning(context, lambda press: form_view(press, press.value)))
    for name, action in blocks.PRESETS.items():
        app.action(action)(acting(context, partial(_preset, name=name)))
    app.action(ids.AWAY_CANCEL)(acting(context, _cancel))
    app.action(ids.AWAY_CONFIRM)(acting(context, _confirm))
    app.view(ids.AWAY_FORM)(sending(context, _send))
    app.action(ids.BACK)(acting(context, _back))
    app.action(ids.COVER_NEXT)(acting(context, lambda press: _cover(press, press.row_id, None)))
    app.action(ids.COVER_BY)(acting(context, _cover_by))
    app.action(ids.COVER_KEEP)(acting(context, _keep))
    app.action(ids.COVER_TAKE_BACK)(acting(context, partial(_settle, leave=False)))
    app.action(ids.COVER_LEAVE)(acting(context, partial(_settle, leave=True)))


def away(command: CommandContext) -> Answer:
    """Open the form; with words, note that the caller is away on the days that were typed, or, where a leader names
    somebody first, that one."""
    words = command.words
    who = command.member
    if words and is_name(words[0]):
        named = somebody(command, words[0])
        if isinstance(named, Message):
            return named
        who, words = named, words[1:]
    if not words:
        return form_view(command, who.user_id if who else None)
    days = day_words.parse(" ".join(words), local_now(command, who))
    return announce(command, who, days)


def announce(command: CommandContext, who: Member | None, days: Days | None) -> Answer:
    """Write down the days that somebody has typed, and return what is said then."""
    if days is None:
        return Reply.AWAY_BAD_DATE
    outcome = _announce(command, who, days)
    if isinstance(outcome, Reply):
        return outcome
    waiting = views.waiting(command.tx, command.workspace, outcome.user_id, command.now)
    return blocks.announced(outcome, waiting, command.t, of_reader=outcome.user_id == command.by)


def back(command: CommandContext) -> Answer:
    """Note that the caller is back, and give them what waits for an owner if it is their turn."""
    if not command.may(Permission.OWN_ABSENCE):
        return Reply.ONLY_REPS
    was_away = absences.come_back(command.tx, command.workspace.id, command.by, command.now)
    # The same command once more finds nobody away any longer.
    return Reply.BACK if was_away or not command.first_time else Reply.NOT_AWAY


def _back(press: Press) -> Reply | None:
    """End the presser's absence from their App Home, which shows it then."""
    back_again = absences.come_back(press.tx, press.workspace.id, press.by, press.now)
    return None if back_again else Reply.NOT_AWAY


def form_view(interaction: Interaction, who_id: str | None = None) -> View | Reply:
    """Return the form of whoever acts, or of somebody else whom a leader has chosen."""
    roster = members.roster(interaction.tx, interaction.workspace.id)
    leads = interaction.may(Permission.ABSENCE)
    asked = who_id or (interaction.by if interaction.may(Permission.OWN_ABSENCE) else None)
    if not leads and asked is None:
        return Reply.ONLY_REPS
    if not leads and asked != interaction.by:
        return Reply.AWAY_OTHERS_NOT_ALLOWED
    who = next((member for member in roster if member.user_id == asked), None)
    known = absence_rows.of(interaction.tx, interaction.workspace.id, who.user_id, interaction.now) if who else []
    others = views.choosable(roster) if leads else []
    presets = blocks.presets(local_now(interaction, who))
    return blocks.form(who, known, presets, others, interaction.t, interaction.now, interaction.by)


def local_now(interaction: Interaction, who: Member | None) -> datetime:
    """Return the time of day where somebody is; where the workspace is for nobody."""
    return interaction.now.astimezone(ZoneInfo(team.reader_timezone(who, interaction.workspace.timezone)))


def span_of(interaction: Interaction, who: Member | None, days: Days) -> tuple[datetime, datetime]:
    """Return from when until when somebody is away on these days of theirs."""
    own = OwnHours.of(who, interaction.workspace.timezone)
    return days.span(own.timezone, own.halves(days.first))


def _announce(interaction: Interaction, who: Member | None, days: Days) -> Absence | Reply:
    if who is None or not team.may_be_away(who):
        return Reply.ONLY_REPS
    own = who.user_id == interaction.by
    if not interaction.may(Permission.ABSENCE, whose=who.user_id):
        return Reply.AWAY_OTHERS_NOT_ALLOWED
    begins, ends = span_of(interaction, who, days)
    source = AbsenceSource.PERSON if own else AbsenceSource.MANAGER
    row = absences.announce(
        interaction.tx,
        interaction.workspace.id,
        who.user_id,
        interaction.now,
        ends,
        since=begins,
        by=interaction.by,
        source=source,
    )
    return row or Reply.AWAY_BAD_DATE


def _page(interaction: Interaction, row: Absence) -> View:
    waiting = views.waiting(interaction.tx, interaction.workspace, row.user_id, interaction.now)
    return blocks.announced_page(row, waiting, interaction.t, of_reader=row.user_id == interaction.by)


def _whose(interaction: Interaction, view: View) -> Member | None:
    who = json.loads(view["private_metadata"] or "{}").get("who", "")
    return members.get(interaction.tx, interaction.workspace.id, who)


def _preset(press: Press, name: str) -> View | Reply:
    who = _whose(press, press.body["view"])
    days = dict(blocks.presets(local_now(press, who)))[name]
    outcome = _announce(press, who, days)
    return outcome if isinstance(outcome, Reply) else _page(press, outcome)


def _send(form: Form) -> View | Reply | None:
    who = _whose(form, form.view)
    days = day_words.parse(form.values.get(ids.AWAY_DAYS) or "", local_now(form, who))
    outcome = _announce(form, who, days) if days else Reply.AWAY_BAD_DATE
    if outcome == Reply.AWAY_BAD_DATE:
        raise Invalid({ids.AWAY_DAYS: form.t("error.away_days", **example_days(form.t, form.now))})
    return outcome if isinstance(outcome, Reply) else _page(form, outcome)


def _confirm(press: Press) -> Reply | None:
    """Write down the days that a leader has mentioned of somebody else, and say what waits meanwhile."""
    try:
        who_id, days = blocks.read_carried(press.value)
    except ValueError:
        return Reply.AWAY_BAD_DATE
    outcome = _announce(press, members.get(press.tx, press.workspace.id, who_id), days)
    if isinstance(outcome, Reply):
        return outcome
    name = team.name_of(press.tx, press.workspace.id, who_id)
    press.reply(Reply.ABSENCE_SET, Below(absence=outcome.id), rep=name)
    return None


def _cancel(press: Press) -> View | Reply:
    """Take an absence back, and show the form as it is then; outside of it, say so."""
    row = _known(press, press.row_id)
    if row is None:
        return Reply.ABSENCE_GONE
    absences.cancel(press.tx, press.workspace.id, row.id, press.now)
    return form_view(press, row.user_id) if press.in_form else Reply.ABSENCE_CANCELLED


def _known(press: Press, absence_id: int) -> Absence | None:
    """Return an absence about which the presser may decide: their own, or as a leader anybody's."""
    row = absence_rows.get(press.tx, press.workspace.id, absence_id)
    allowed = row is not None and press.may(Permission.ABSENCE, whose=row.user_id)
    return row if allowed else None


def _cover_by(press: Press) -> View | Refused | Reply | None:
    absence_id, _, to = press.value.partition(":")
    return _cover(press, int(absence_id), to)


def _cover(press: Press, absence_id: int, to: str | None) -> View | Refused | Reply | None:
    row = _known(press, absence_id)
    if row is None:
        return Reply.ABSENCE_GONE
    outcomes = covers.cover_unaccepted(press.tx, press.workspace.id, row.user_id, press.by, to, press.now)
    done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    if not done:
        return refused(outcomes[0]) if outcomes else Reply.COVER_NOTHING
    press.reply(Reply.COVER_DONE, count=len(done), rep=_names(press, done))
    return _shown_anew(press, row)


def _names(press: Press, done: list[Done]) -> str:
    """Return who covers now what was acted on."""
    acted_on = {outcome.mql.id for outcome in done}
    parts = views.covered(press.tx, press.workspace, done[0].mql.owner or "")
    return press.t.listed([part.cover.name for part in parts if acted_on & {view.mql.id for view in part.views}])


def _keep(press: Press) -> View | Reply:
    row = _known(press, press.row_id)
    if row is None:
        return Reply.ABSENCE_GONE
    return form_view(press, row.user_id) if press.in_form else Reply.COVER_KEPT


def _settle(press: Press, *, leave: bool) -> Reply | None:
    """Take back what a colleague has covered, or leave it with them."""
    absence_id, _, cover = press.value.partition(":")
    row = _known(press, int(absence_id))
    if row is None:
        return Reply.ABSENCE_GONE
    act = covers.leave if leave else covers.take_back
    count = act(press.tx, press.workspace.id, row.user_id, cover, press.by, press.now)
    key = notifications.absence_key(kinds.ABSENCE_OVER.word, row, row.user_id)
    notifications.edit_message(press.tx, press.workspace.id, key, cover, press.now)
    if not count:
        return Reply.COVER_NOTHING
    name = team.name_of(press.tx, press.workspace.id, cover)
    press.reply(Reply.COVER_LEFT if leave else Reply.COVER_TAKEN_BACK, count=count, rep=name)
    return None


def _shown_anew(press: Press, row: Absence) -> View | None:
    """Bring the message or the form in which it was pressed up to date."""
    if press.in_form:
        return _page(press, row)
    key = notifications.absence_key(kinds.ABSENCE_BEGAN.word, row, press.by)
    notifications.edit_message(press.tx, press.workspace.id, key, press.caller.trigger_id, press.now)
    return None
