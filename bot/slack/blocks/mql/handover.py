"""Giving an MQL to somebody else: the forms of a leader who reassigns it, and of an owner who cannot take it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.base import team
from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, read_only, text_input
from bot.slack.blocks.base.kit import View, option, section, select
from bot.slack.blocks.base.phrases import owner_called, subject, until_day
from bot.slack.blocks.base.preset_reasons import reason_fields
from bot.slack.blocks.base.text import bare_name
from storage.models import Member


def decline(view: MqlView, t: Translator) -> View:
    """Return why the owner cannot take it."""
    about = section(t.md("decline.about", whom=subject(view.mql, t)))
    blocks = [about, *reason_fields("decline", ids.WHY_NOT_REASON, ids.WHY_NOT, t)]
    submit = t("decline.submit")
    return modal(t("decline.title"), blocks, t, submit=submit, callback_id=ids.DECLINE_FORM, mql=view.mql.id)


def reassign(view: MqlView, members: Sequence[Member], t: Translator, now: datetime | None = None) -> View:
    """Return who is to have it, and why."""
    heading = t("reassign.title_assign" if view.mql.owner is None else "reassign.title")
    about = t.md("reassign.about", whom=subject(view.mql, t), rep=owner_called(view, t))
    if view.mql.owner is None:
        about = t.md("reassign.about_unassigned", whom=subject(view.mql, t))
    free = [m for m in members if team.is_rep(m) and not m.deactivated and m.user_id != view.mql.owner]
    if not free:
        return read_only(heading, [about, t.md("reassign.nobody")], t)
    options = [option(member_name(member, t, now), member.user_id) for member in free]
    why = text_input(ids.COMMENT, None, multiline=True)
    blocks = [
        section(about),
        field(ids.NEW_OWNER, t("reassign.new_owner"), select(ids.NEW_OWNER, options, t("form.choose"))),
        field(ids.COMMENT, t("reassign.reason"), why, optional=True, hint=t("reassign.reason_hint")),
    ]
    return modal(heading, blocks, t, submit=t("reassign.submit"), callback_id=ids.REASSIGN_FORM, mql=view.mql.id)


def member_name(member: Member, t: Translator, now: datetime | None) -> str:
    """Return somebody as one who may be chosen as an owner: with until when they are away."""
    name = bare_name(member.name, 40) or member.user_id
    if member.away_until is None or (now is not None and member.away_until <= now):
        return name
    return t("reassign.away", name=name, until=until_day(member.away_until, t))
