"""What the listeners rely on in a request of Slack's. Slack keeps to it; what does not is refused before anything runs.

A signature proves the sender, not the form: a proxy that mangles a body, or a change on Slack's side, must come out as
one clear refusal and not as an exception somewhere behind.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

Id = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,40}$")]
Ts = Annotated[str, StringConstraints(pattern=r"^\d{1,16}\.\d{1,9}$")]
# PostgreSQL stores no NUL; half of a surrogate pair pydantic takes for no text.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Named(_Part):
    id: Id


class _Authorization(_Part):
    team_id: Id | None = None
    enterprise_id: Id | None = None
    enterprise: _Named | None = None


class _Sender(_Part):
    """Where Bolt itself looks for who has sent it, and fails on another form."""

    enterprise: _Named | None = None
    authorizations: list[_Authorization] | None = None


class _Option(_Part):
    value: Text


class _Action(_Part):
    action_id: Text
    value: Text | None = None
    selected_option: _Option | None = None


class _Entered(_Part):
    value: Text | None = None
    selected_option: _Option | None = None
    selected_date: Text | None = None


class _State(_Part):
    values: dict[Text, dict[Text, _Entered]] = {}


class _View(_Part):
    id: Text
    hash: Text = ""
    callback_id: Text = ""
    private_metadata: Text = ""
    state: _State = _State()


class _Interaction(_Sender):
    team: _Named
    user: _Named
    channel: _Named | None = None
    trigger_id: Text = ""


class _Pressed(_Interaction):
    type: Literal["block_actions"]
    actions: Annotated[list[_Action], Field(min_length=1)]
    view: _View | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> _Pressed:
        if self.view is None and self.channel is None:
            raise ValueError("pressed neither in a message nor in a view")
        return self


class _Sent(_Interaction):
    type: Literal["view_submission", "view_closed"]
    view: _View


class _Command(_Part):
    command: Text
    text: Text = ""
    team_id: Id
    user_id: Id
    channel_id: Id
    trigger_id: Text


class _Message(_Sender):
    type: Literal["message"]
    channel: Id
    ts: Ts
    user: Text | None = None
    bot_id: Text | None = None
    subtype: Text | None = None
    thread_ts: Text | None = None


class _Opened(_Sender):
    type: Literal["app_home_opened"]
    user: Id
    tab: Text | None = None


class _Told(_Sender):
    type: Literal["event_callback"]
    team_id: Id
    event: Annotated[_Message | _Opened, Field(discriminator="type")]


class _Asked(_Part):
    type: Literal["url_verification"]
    challenge: Text


_PAYLOADS: TypeAdapter[Any] = TypeAdapter(Annotated[_Pressed | _Sent, Field(discriminator="type")])
_EVENTS: TypeAdapter[Any] = TypeAdapter(Annotated[_Told | _Asked, Field(discriminator="type")])
_COMMANDS: TypeAdapter[Any] = TypeAdapter(_Command)


def fault(body: bytes, content_type: str) -> str | None:
    """What is wrong with the form of a signed request, for the log; None where it can be dealt with."""
    try:
        if content_type.partition(";")[0].strip().lower() == "application/json":
            _EVENTS.validate_python(_object(body.decode()))
            return None
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if "payload" in form:
            _PAYLOADS.validate_python(_object(form["payload"]))
        elif form.get("ssl_check") != "1":
            _COMMANDS.validate_python(form)
    except ValidationError as error:
        return ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()[:5])
    except (ValueError, RecursionError) as error:
        return type(error).__name__
    return None


def _object(text: str) -> dict[str, Any]:
    """Slack's payloads are objects, and what goes into the database is text that it can hold."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("no object")
    json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair cannot be written anywhere
    return found
