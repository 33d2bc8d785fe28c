"""What the listeners rely on in a request of Slack's. Slack keeps to it; what does not is refused before anything runs.

A signature proves the sender, not the form: a proxy that mangles a body, or a change on Slack's side, must come out as
one clear refusal and not as an exception somewhere behind.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_qp
from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from bot.connectors.tables.cells import DayOrder
from bot.core.base.day_words import DayPart
from bot.core.messages.kinds import MUTABLE
from bot.core.reports.monthly import month_of
from bot.core.setup.answers import Part
from bot.core.sla.holidays import is_known
from bot.core.teamfile.schema import timezones
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.place_menus import NO_HOLIDAYS
from bot.slack.blocks.base.preset_days import OTHER_DAY, PRESETS
from bot.slack.blocks.base.preset_reasons import OTHER_REASON, REASONS
from bot.slack.blocks.mql.senders import FIELDS
from bot.slack.blocks.mql.several_outcomes import LATER
from bot.slack.blocks.routing import absences
from bot.slack.blocks.settings.screens import SCREENS, Form, Place
from storage.vocabulary import AuditKind, Disposition, Evidence, Locale, PolicyTemplate, SourceKind, UploadKind

Id = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,40}$")]
Ts = Annotated[str, StringConstraints(pattern=r"^\d{1,16}\.\d{1,9}$")]
# PostgreSQL stores no NUL; half of a surrogate pair pydantic takes for no text.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
# What a receipt is kept under; no index holds much more.
Key = Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,255}$")]

# Slack hands back what we gave it: with a button the id of a row, with a choice what stands here. No database holds a
# longer id.
_LONGEST = 18
_ROW = rf"-?[0-9]{{1,{_LONGEST}}}"
_USER = r"[A-Z0-9]{1,40}"
_PAGE = rf"(?:{'|'.join(AuditKind)})?:(?:{_USER})?:[0-9]{{1,9}}"
_CHOICES = {
    ids.MORE: rf"[a-z_]+:{_ROW}",
    ids.QUICK: rf"(?:{'|'.join(Disposition)}):[a-z0-9_]*:{_ROW}",
    ids.NEXT_TOUCH: rf"(?:{'|'.join((*PRESETS, OTHER_DAY))}):{_ROW}",
    **dict.fromkeys((ids.HOME_REP, ids.HOME_STATE, ids.HOME_TIER), r"all|=[^\x00]{1,150}"),
    **dict.fromkeys((ids.AUDIT_KIND, ids.AUDIT_WHO), _PAGE),
    ids.ROW: rf"[a-z_]+:{_ROW}",
    ids.PICK_MQL: _ROW,
    ids.DISPOSITION: "|".join(Disposition),
    ids.AWAY_WHO: _USER,
    ids.SETTING_PERSON: _USER,
    ids.COVER_BY: rf"{_ROW}:{_USER}",
    ids.SETUP_PART: rf"{_USER}:(?:{'|'.join(Part)})",
    ids.SETUP_MANAGER: rf"{_USER}:(?:{_USER})?",
}
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# What a button carries that is no id of a row alone.
_CARRIED = {
    **dict.fromkeys((ids.COVER_TAKE_BACK, ids.COVER_LEAVE), rf"{_ROW}:{_USER}"),
    ids.AWAY_CONFIRM: rf"{_USER}:{_DAY}:{_DAY}:(?:{'|'.join(DayPart)})?",
    **dict.fromkeys((ids.PAUSE_TURNS, ids.LEAVE_TURNS), rf"{_ROW}:[0-9]{{1,12}}"),
    **dict.fromkeys((ids.AUDIT_NEWER, ids.AUDIT_OLDER), _PAGE),
}
_SETTINGS = (ids.SETTING, ids.SETTING_BACK, ids.SETTING_NEXT)
_IN_FORMS = (
    *(ids.PICK_MQL, ids.DISPOSITION, ids.AWAY_WHO, *absences.PRESETS.values()),
    *(*_SETTINGS, ids.SETTING_PERSON, ids.SETUP_PART, ids.SETUP_MANAGER),
)
_FORMS_OF_AN_MQL = (
    ids.HOW_FORM,
    ids.FEEDBACK_FORM,
    ids.REASSIGN_FORM,
    ids.DECLINE_FORM,
    ids.PAUSE_FORM,
    ids.REFUSE_PAUSE_FORM,
    ids.DISPUTE_FORM,
    ids.UPHOLD_FORM,
    ids.NEXT_TOUCH_FORM,
)


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    """Return what raises ValueError for any word but these."""
    known = frozenset(words)

    def read(word: str) -> str:
        if word not in known:
            raise ValueError(word)
        return word

    return read


def _holidays(text: str) -> None:
    if text != NO_HOLIDAYS and not is_known(text):
        raise ValueError("a country whose holidays are not known")


def _timezone(word: str) -> str:
    if word not in timezones():
        raise ValueError(word)
    return word


# Fields of forms in which nobody can type; each of these raises ValueError for what cannot be chosen there.
_CHOSEN: dict[str, Callable[[str], object]] = {
    ids.CONTACT_KIND: Evidence,
    ids.DISPOSITION: Disposition,
    ids.RECYCLE_ON: date.fromisoformat,
    ids.PAUSE_UNTIL: date.fromisoformat,
    ids.PAUSE_PRESET: lambda day: day == OTHER_DAY or date.fromisoformat(day),
    ids.WHY_PAUSE_REASON: _one_of((*REASONS["pause"], OTHER_REASON)),
    ids.WHY_NOT_REASON: _one_of((*REASONS["decline"], OTHER_REASON)),
    ids.NEXT_TOUCH_ON: date.fromisoformat,
    ids.DEAL_ON: date.fromisoformat,
    ids.ACTION_UNTIL: date.fromisoformat,
    ids.UPLOAD_KIND: UploadKind,
    ids.UPLOAD_ORDER: DayOrder,
    ids.SETUP_LANGUAGE: Locale,
    ids.SETUP_TIMEZONE: _timezone,
    ids.SETUP_TEMPLATE: PolicyTemplate,
    ids.SETUP_HOLIDAYS: _holidays,
    ids.SETUP_AS: Part,
    ids.SETUP_KIND: SourceKind,
}


class _Part(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="allow", strict=True)


class _Named(_Part):
    id: Id


class _Profiled(_Named):
    profile: _Status


class _Status(_Part):
    status_text: str | None = None
    status_emoji: str | None = None
    status_expiration: Annotated[int, Field(ge=0)] | None = None


class _Authorization(_Part):
    team_id: Id | None = None
    enterprise_id: Id | None = None
    enterprise: _Named | None = None


class _Link(_Part):
    response_url: Text


class _Sender(_Part):
    """Where Bolt itself looks for who has sent it, and fails on another form."""

    enterprise: _Named | None = None
    authorizations: list[_Authorization] | None = None
    response_urls: Annotated[list[_Link], Field(max_length=1)] = []


class _Option(_Part):
    value: Text


class _Action(_Part):
    action_id: Text
    value: Text | None = None
    selected_option: _Option | None = None
    selected_user: Id | None = None

    @model_validator(mode="after")
    def _ours(self) -> _Action:
        if self.action_id in (ids.MUTE, ids.UNMUTE):
            if self.value not in MUTABLE:
                raise ValueError("names a kind that cannot be muted")
            return self
        if self.action_id == ids.PROPOSE_DEFINITION:
            month_of(self.value or "")
            return self
        if self.action_id in _SETTINGS:
            Place.read(self.value or "")
            return self
        if self.action_id == ids.SETTING_PERSON:
            handed = self.selected_user or ""
        elif self.action_id in _CHOICES:
            handed = self.selected_option.value if self.selected_option else ""
        elif self.action_id in (ids.OPEN_IN_CRM, ids.OPEN_MESSAGE):
            return self
        else:
            handed = self.value or ""
        if not re.fullmatch({**_CARRIED, **_CHOICES}.get(self.action_id, _ROW), handed):
            raise ValueError("carries what we did not give it")
        if self.action_id == ids.MEETING_HELD:
            date.fromisoformat(handed)
        return self


class _Entered(_Part):
    value: Text | None = None
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None
    selected_date: Text | None = None
    selected_time: Text | None = None
    selected_user: Id | None = None
    selected_conversation: Id | None = None
    selected_users: list[Id] | None = None
    selected_conversations: list[Id] | None = None


class _State(_Part):
    values: dict[Text, dict[Text, _Entered]]

    @model_validator(mode="after")
    def _choosable(self) -> _State:
        for block, read in _CHOSEN.items():
            for entered in self.values.get(block, {}).values():
                option = entered.selected_option.value if entered.selected_option else None
                if text := (entered.value or option or entered.selected_date or "").strip():
                    read(text)
        for block, chosen in self.values.items():
            for entered in chosen.values() if block.startswith(f"{ids.SEVERAL_ANSWER}:") else ():
                answer = entered.selected_option.value if entered.selected_option else LATER
                if answer != LATER and not re.fullmatch(_CHOICES[ids.QUICK], answer):
                    raise ValueError("answers with what we did not offer")
        for block, chosen in self.values.items():
            for entered in chosen.values() if block.startswith(f"{ids.LABEL_FIELD}:") else ():
                if entered.selected_option and entered.selected_option.value not in FIELDS:
                    raise ValueError("chooses a field that there is not")
        return self

    @model_validator(mode="after")
    def _tickable(self) -> _State:
        picked = [chosen for block, chosen in self.values.items() if block.startswith(f"{ids.PICKED}:")]
        ticks = [tick for chosen in picked for entered in chosen.values() for tick in entered.selected_options or ()]
        if not all(re.fullmatch(_ROW, tick.value) for tick in ticks):
            raise ValueError("ticks what we did not offer")
        return self


class _Kept(_Part):
    """What our forms keep with them."""

    mql: Annotated[int, Field(gt=-(10**_LONGEST), lt=10**_LONGEST)] | None = None
    request: Annotated[int, Field(gt=-(10**_LONGEST), lt=10**_LONGEST)] | None = None
    unreadable: Annotated[int, Field(gt=-(10**_LONGEST), lt=10**_LONGEST)] | None = None
    upload: Annotated[int, Field(gt=-(10**_LONGEST), lt=10**_LONGEST)] | None = None
    who: Id | None = None
    place: Text | None = None
    seen: Annotated[int, Field(ge=0, lt=10**9)] | None = None
    was: Text | None = None
    asked: Text | None = None
    draft: Text | None = None


class _View(_Part):
    type: Literal["modal", "home"]
    id: Key
    hash: Key
    callback_id: Text = ""
    private_metadata: Text

    @model_validator(mode="after")
    def _remembers(self) -> _View:
        self.kept()
        return self

    def kept(self) -> _Kept:
        return _Kept.model_validate_json(self.private_metadata or "{}")


class _Form(_View):
    state: _State

    @model_validator(mode="after")
    def _about_an_mql(self) -> _Form:
        if self.callback_id in _FORMS_OF_AN_MQL and self.kept().mql is None:
            raise ValueError("a form about no MQL")
        if self.callback_id in (ids.TEACH_FORM, ids.HAND_OVER_FORM) and self.kept().unreadable is None:
            raise ValueError("a form about no entry of the queue")
        if self.callback_id == ids.SETTINGS_FORM and not self._about_a_setting():
            raise ValueError("a form about no setting")
        if self.callback_id == ids.UPLOAD_FORM and self.kept().upload is None:
            raise ValueError("a form about no upload")
        return self

    def _about_a_setting(self) -> bool:
        kept = self.kept()
        is_form = isinstance(SCREENS[Place.read(kept.place or "").screen], Form)
        return is_form and kept.seen is not None and kept.was is not None


class _Interaction(_Sender):
    team: _Named
    user: _Named
    channel: _Named | None = None


class _Pressed(_Interaction):
    type: Literal["block_actions"]
    trigger_id: Key
    actions: Annotated[list[_Action], Field(min_length=1)]
    view: _View | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> _Pressed:
        if self.view is None and self.channel is None:
            raise ValueError("pressed neither in a message nor in a view")
        for action in self.actions:
            if action.action_id in _IN_FORMS and self.view is None:
                raise ValueError("chosen in no form")
            if action.action_id == ids.DISPOSITION and self.view and self.view.kept().mql is None:
                raise ValueError("chosen in a form about no MQL")
        return self


class _Typed(_Interaction):
    """Typed into a menu whose options are asked for."""

    type: Literal["block_suggestion"]
    action_id: Text
    block_id: Text = ""
    value: Text = ""


class _Sent(_Interaction):
    type: Literal["view_submission"]
    view: _Form


class _Closed(_Interaction):
    type: Literal["view_closed"]
    view: _View


class _Command(_Part):
    command: Text
    text: Text = ""
    team_id: Id
    user_id: Id
    channel_id: Id
    trigger_id: Key


class _Posted(_Part):
    ts: Ts
    user: Text | None = None
    bot_id: Text | None = None
    subtype: Text | None = None
    thread_ts: Text | None = None


class _Message(_Posted, _Sender):
    type: Literal["message"]
    channel: Id
    message: _Posted | None = None
    """What it is by now, of one that was changed."""
    deleted_ts: Ts | None = None
    channel_type: Text | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _tells_what(self) -> _Message:
        if self.subtype == "message_changed" and self.message is None:
            raise ValueError("changed to nothing")
        if self.subtype == "message_deleted" and self.deleted_ts is None:
            raise ValueError("deleted nothing")
        return self


class _Mentioned(_Posted, _Sender):
    type: Literal["app_mention"]
    channel: Id
    text: Text = ""


class _Opened(_Sender):
    type: Literal["app_home_opened"]
    user: Id
    tab: Text | None = None


class _StatusChanged(_Sender):
    type: Literal["user_status_changed"]
    user: _Profiled


class _Function(_Part):
    callback_id: Text


class _Executed(_Sender):
    type: Literal["function_executed"]
    function: _Function
    function_execution_id: Key
    event_ts: Ts
    inputs: dict[Text, Any]
    bot_access_token: Text | None = None


class _Shared(_Sender):
    type: Literal["file_shared"]
    file_id: Id
    user_id: Id
    channel_id: Id


class _Told(_Sender):
    type: Literal["event_callback"]
    team_id: Id
    event: Annotated[
        _Message | _Mentioned | _Opened | _Executed | _Shared | _StatusChanged, Field(discriminator="type")
    ]
    event_id: Key | None = None

    @model_validator(mode="after")
    def _once(self) -> _Told:
        if self.event.type == "file_shared" and self.event_id is None:
            raise ValueError("an event without an id")
        return self


class _Asked(_Part):
    type: Literal["url_verification"]
    challenge: Text


_PAYLOADS: TypeAdapter[Any] = TypeAdapter(Annotated[_Pressed | _Typed | _Sent | _Closed, Field(discriminator="type")])
_EVENTS: TypeAdapter[Any] = TypeAdapter(Annotated[_Told | _Asked, Field(discriminator="type")])
_COMMANDS: TypeAdapter[Any] = TypeAdapter(_Command)


class Malformed(Exception):
    """What is wrong with the form of a request, for the log."""


def json_text(body: bytes, content_type: str) -> str:
    """Return what a signed request carries as JSON: of a press or a form the payload, of a command its fields.

    Bolt reads an object as such, however it came. To take it out of the body once more would cost as much as to write
    three rows, and a command in which somebody writes "payload" Bolt takes for a press without one. Raises Malformed
    for what cannot be dealt with.
    """
    try:
        return _checked(body.decode(), content_type)
    except ValidationError as error:
        details = (f"{'.'.join(map(str, detail['loc']))}: {detail['type']}" for detail in error.errors()[:5])
        raise Malformed(", ".join(details)) from None
    except (ValueError, RecursionError) as error:
        raise Malformed(type(error).__name__) from None


def _checked(text: str, content_type: str) -> str:
    if content_type.partition(";")[0].strip().lower() == "application/json":
        _EVENTS.validate_python(_object(text))
        return text.lstrip()
    form = _form(text)
    if "payload" in form:
        _PAYLOADS.validate_python(_object(form["payload"]))
        return form["payload"].lstrip()
    if form.get("ssl_check") != "1":
        _COMMANDS.validate_python(form)
    return json.dumps(form)


def _form(text: str) -> dict[str, str]:
    """Return the fields of a form. A press is one field, every third character of it escaped: `parse_qsl`, which takes
    each escape by itself, needs longer for a card than all else that is read of it, so it is decoded in one go."""
    name, _, value = text.partition("=")
    if name != "payload" or "&" in value or _UNESCAPED.search(value):
        return dict(parse_qsl(text, keep_blank_values=True))
    quoted_printable = value.encode().replace(b"=", b"%3D").replace(b"+", b" ").replace(b"%", b"=")
    return {name: a2b_qp(quoted_printable).decode(errors="replace")}


_UNESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _object(text: str) -> dict[str, Any]:
    """Slack's payloads are objects, and what goes into the database is text that it can hold."""
    parsed = json.loads(text)
    if not isinstance(parsed, dict):
        raise ValueError("no object")
    if "\\ud" in text.lower():  # half a surrogate pair, which only comes escaped, cannot be written anywhere
        json.dumps(parsed, ensure_ascii=False).encode()
    return parsed
