"""To the admins: what is wrong with the bot or the workspace, what to do, and that it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from bot.core.crm.taking import NAMES
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import Message, lines, message, section
from bot.slack.blocks.base.phrases import mention, place, web_address
from bot.slack.blocks.base.text import bare_name, line
from storage.models import Alert
from storage.trouble import Trouble
from storage.vocabulary import AlertKind, CrmKind

NAMED = 10
"""So many names stand in an alert."""

# What is usually behind Slack's refusal, where we can say it better than its code.
SILENT_WAYS = ("generic", "notification")
"""Ways that may fall silent which are no tool of their own."""
HINTS = ("not_in_channel", "is_archived", "channel_not_found", "account_inactive")
Words = tuple[Mrkdwn, Mrkdwn]


def alert(known: Alert, names: Mapping[str, str], t: Translator) -> Message:
    """Return what is wrong and what to do; once it is over, that it is. `names` are display names by Slack user id."""
    sentence, todo = _KINDS[known.kind](known, names, t)
    if known.closed_at is not None:
        done = t.md("alert.over_since", at=t.moment(known.closed_at))
        return message(Mrkdwn(t.flow(done, sentence)), [section(done), section(sentence)])
    return message(Mrkdwn(t.flow(sentence, todo)), [section(sentence), section(todo)])


def over(known: Alert, t: Translator) -> Message:
    """Say that it is over."""
    sentence = t.md(f"alert.over.{known.kind}")
    return message(sentence, [section(sentence)])


def _ticks_stopped(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    since = known.data["since"]
    sentence = t.md("alert.ticks_stopped", since=_moment(since, t)) if since else t.md("alert.ticks_never")
    return sentence, t.md("alert.todo.ticks_stopped")


def _outbox_stuck(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    sentence = t.md("alert.outbox_stuck", count=known.data["count"], since=_moment(known.data["since"], t))
    return sentence, t.md("alert.todo.outbox_stuck")


def _messages_refused(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    error, target = line(known.data["error"], 80), known.data["target"]
    words: dict[str, object] = {"count": known.data["count"], "error": error}
    if target:
        sentence = t.md("alert.messages_refused", target=place(target), **words)
    else:
        sentence = t.md("alert.messages_refused_people", **words)
    hint = t.md(f"alert.hint.{error}") if error in HINTS else t.md("alert.hint.other")
    return sentence, Mrkdwn(t.flow(hint, t.md("alert.todo.messages_refused")))


def _no_admin(known: Alert, names: Mapping[str, str], t: Translator) -> Words:
    people = t.listed([bare_name(names.get(user)) or user for user in known.data["users"]])
    return t.md("alert.no_admin", names=people), t.md("alert.todo.no_admin")


def _owner_deactivated(known: Alert, names: Mapping[str, str], t: Translator) -> Words:
    rep = bare_name(names.get(known.data["user"])) or known.data["user"]
    left = known.data["count"] - len(known.data["numbers"])
    numbers = t.listed([f"#{number}" for number in known.data["numbers"]] + (["…"] if left else []))
    sentence = t.md("alert.owner_deactivated", rep=rep, count=known.data["count"], numbers=numbers)
    return sentence, t.md("alert.todo.owner_deactivated", rep=rep)


def _nobody_available(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    back = known.data["back"]
    sentence = t.md("alert.nobody_until", back=_moment(back, t)) if back else t.md("alert.nobody_available")
    return sentence, t.md("alert.todo.nobody_available")


def _intake_silent(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    source = known.data["source"]
    lasted, longest = (timedelta(seconds=known.data[name]) for name in ("lasted", "longest"))
    spans = {"lasted": t.duration(lasted), "longest": t.duration(longest)}
    way = source if source in SILENT_WAYS else "source"
    sentence = t.md(
        f"alert.intake_silent.{way}", kind=t(f"source.kind.{source}"), since=_moment(known.data["since"], t)
    )
    sentence = Mrkdwn(t.flow(sentence, t.md("alert.silence_compared", **spans)))
    return sentence, Mrkdwn(t.flow(t.md(f"alert.todo.intake_silent.{way}"), t.md("alert.todo.silence_is_true")))


def _webhook_refused(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    sentence = t.md("alert.webhook_refused", count=known.data["count"], error=line(known.data["error"], 80))
    return sentence, t.md("alert.todo.webhook_refused")


def _clock_moved(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    way, span = _ahead(known)
    return t.md(f"alert.clock_moved.{way}", span=t.duration(span)), t.md("alert.todo.clock_moved")


def _clock_wrong(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    way, span = _ahead(known)
    return t.md(f"alert.clock_wrong.{way}", span=t.duration(span)), t.md("alert.todo.clock_wrong")


def _ahead(known: Alert) -> tuple[str, timedelta]:
    seconds = known.data["seconds"]
    return "ahead" if seconds > 0 else "back", timedelta(seconds=abs(seconds))


def _disk_low(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    return t.md("alert.disk_low", megabytes=known.data["megabytes"]), t.md("alert.todo.disk_low")


def _not_slack(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    return t.md("alert.not_slack", since=_moment(known.data["since"], t)), t.md("alert.todo.not_slack")


def _another_bot(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    sentence = t.md("alert.another_bot", bot=mention(known.data["bot"]), count=known.data["count"])
    return sentence, t.md("alert.todo.another_bot")


def _crm_refused(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    words = {"crm": _crm(known), "since": _moment(known.data["since"], t)}
    code = known.data["code"]
    return t.md(f"alert.crm_refused.{code}", **words), t.md(f"alert.todo.crm_refused.{code}", kind=known.data["crm"])


def _crm_expires(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    sentence = t.md("alert.crm_expires", crm=_crm(known), at=_moment(known.data["ends"], t))
    return sentence, t.md("alert.todo.crm_expires", kind=known.data["crm"])


def _crm_vanished(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    data = known.data
    day = t.day(date.fromisoformat(data["day"]))
    words = {"crm": _crm(known), "day": day, "theirs": data["crm_count"], "here": data["bot"]}
    records = [*map(_record, data["urls"], data["records"])]
    return lines([t.md("alert.crm_vanished", **words), *records]), t.md("alert.todo.crm_vanished")


def _crm_field(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    data = known.data
    words = {"crm": _crm(known), "field": t(f"crm.field.{data['field']}"), "name": data["property"]}
    todo = t.md(f"alert.todo.crm_field.{data['code']}", kind=data["crm"], word=data["field"])
    return t.md(f"alert.crm_field.{data['code']}", **words, count=data["count"]), todo


def _crm_lacks(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    sentence = t.md("alert.crm_lacks", crm=_crm(known), lack=t(f"crm.lack.{known.data['lack']}"))
    return sentence, t.md("alert.todo.crm_lacks", crm=_crm(known), kind=known.data["crm"])


def _crm_budget(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    words = {"crm": _crm(known), "count": t.number(known.data["count"]), "limit": t.number(known.data["limit"])}
    return t.md("alert.crm_budget", **words), t.md("alert.todo.crm_budget", crm=_crm(known))


def _crm_changed(known: Alert, _: Mapping[str, str], t: Translator) -> Words:
    data = known.data
    names = t.listed([line(name, 80) for name in data["names"][:NAMED]])
    words = {"crm": _crm(known), "field": t(f"crm.field.{data['field']}"), "name": data["property"], "names": names}
    todo = t.md(f"alert.todo.crm_changed.{data['word']}", kind=data["crm"], word=data["field"])
    return t.md(f"alert.crm_changed.{data['word']}", **words), todo


def _record(url: str, record_id: str) -> Mrkdwn:
    address = web_address(url)
    shown = escape(line(record_id, 80))
    return Mrkdwn(f"• <{address}|{shown}>") if address else Mrkdwn(f"• {shown}")


def _crm(known: Alert) -> str:
    return NAMES[CrmKind(known.data["crm"])]


def database(trouble: Trouble, t: Translator) -> Message:
    """Say why nothing can be stored, and what to do."""
    sentence, todo = t.md(f"alert.database.{trouble}"), t.md(f"alert.todo.database.{trouble}")
    return message(Mrkdwn(t.flow(sentence, todo)), [section(sentence), section(todo)])


def database_over(t: Translator) -> Message:
    """Say that things can be stored again."""
    sentence = t.md("alert.over.database")
    return message(sentence, [section(sentence)])


def _moment(iso: str, t: Translator) -> str:
    return t.moment(datetime.fromisoformat(iso))


_KINDS: dict[AlertKind, Callable[[Alert, Mapping[str, str], Translator], Words]] = {
    AlertKind.TICKS_STOPPED: _ticks_stopped,
    AlertKind.OUTBOX_STUCK: _outbox_stuck,
    AlertKind.MESSAGES_REFUSED: _messages_refused,
    AlertKind.OWNER_DEACTIVATED: _owner_deactivated,
    AlertKind.NO_ADMIN: _no_admin,
    AlertKind.NOBODY_AVAILABLE: _nobody_available,
    AlertKind.INTAKE_SILENT: _intake_silent,
    AlertKind.WEBHOOK_REFUSED: _webhook_refused,
    AlertKind.CLOCK_MOVED: _clock_moved,
    AlertKind.CLOCK_WRONG: _clock_wrong,
    AlertKind.DISK_LOW: _disk_low,
    AlertKind.NOT_SLACK: _not_slack,
    AlertKind.ANOTHER_BOT: _another_bot,
    AlertKind.CRM_REFUSED: _crm_refused,
    AlertKind.CRM_EXPIRES: _crm_expires,
    AlertKind.CRM_VANISHED: _crm_vanished,
    AlertKind.CRM_FIELD: _crm_field,
    AlertKind.CRM_LACKS: _crm_lacks,
    AlertKind.CRM_BUDGET: _crm_budget,
    AlertKind.CRM_CHANGED: _crm_changed,
}
