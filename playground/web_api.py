"""The Web API without HTTP: tokens, scopes, rate limits and arguments, then the method itself."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playground.errors import SlackError
from playground.methods import METHODS, Call, Method, read_arguments
from playground.model import Json
from playground.rate_limits import RateLimits
from playground.views import Views
from playground.workspace import Workspace

BLOCK_ERRORS = re.compile(r"^([\w.]+(?:\[\d+\])?[\w.\[\]]*): (.*)$", re.DOTALL)


@dataclass
class Reply:
    """What a call comes to: the JSON body, the HTTP status, more headers, broken rules, events that happened."""

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    events: list[Json] = field(default_factory=list)


class WebApi:
    """Answers calls as Slack does."""

    def __init__(
        self,
        workspace: Workspace,
        views: Views,
        rates: RateLimits,
        tokens: Mapping[str, str],
        socket_url: Callable[[], str],
    ) -> None:
        self.workspace, self.views, self.rates = workspace, views, rates
        self.tokens = dict(tokens)
        self.socket_url = socket_url
        self.token_error = ""
        """Set to token_revoked or account_inactive to let every call fail with it."""

    def call(self, name: str, given: Mapping[str, Any], token: str | None) -> Reply:
        """Make one call; every refusal becomes a body with Slack's error code."""
        try:
            with self.workspace.change() as events:
                method = self._admit(name, token)
                self._slow_down(method, given)
                call = Call(self.workspace, self.views, {}, self.tokens[str(token)], self.socket_url)
                for scope in method.scopes:
                    call.need(scope)
                call = replace(call, args=read_arguments(method, given))
                return Reply({"ok": True} | method.run(call), events=events)
        except SlackError as refused:
            return _refusal(refused)

    def _slow_down(self, method: Method, given: Mapping[str, Any]) -> None:
        if not self.rates.on:
            return
        key = given.get("channel")
        channels = self.workspace.channels.values()
        named = [channel.id for channel in channels if key in (f"#{channel.name}", channel.user)]
        rest = self.rates.wait(method.name, method.tier, named[0] if named else key)
        if rest:
            raise SlackError("ratelimited", f"too many calls, wait {rest} s", retry_after=rest)

    def _admit(self, name: str, token: str | None) -> Method:
        if not token:
            raise SlackError("not_authed", "no token")
        kind = self.tokens.get(token)
        if kind is None:
            raise SlackError("invalid_auth", "token: unknown")
        if self.token_error:
            raise SlackError(self.token_error, f"token: {self.token_error}")
        if name not in METHODS:
            raise SlackError("unknown_method", f"the playground has no method {name}", req_method=name)
        if METHODS[name].token not in ("", kind):
            raise SlackError("not_allowed_token_type", f"token: {kind} tokens cannot call {name}")
        return METHODS[name]


def _refusal(refused: SlackError) -> Reply:
    body: Json = {"ok": False, "error": refused.code}
    headers: dict[str, str] = {}
    status = 200
    extra = dict(refused.extra)
    if "retry_after" in extra:
        headers["Retry-After"] = str(extra.pop("retry_after"))
        status = 429
    body |= extra
    if refused.sentences and refused.code.startswith("invalid"):
        messages = [f"[ERROR] {_with_pointer(sentence)}" for sentence in refused.sentences]
        body["response_metadata"] = {"messages": messages}
        if refused.code == "invalid_blocks":
            body.setdefault("errors", [_with_pointer(sentence) for sentence in refused.sentences])
    return Reply(body, status, headers, refused.sentences)


def _with_pointer(sentence: str) -> str:
    """Write the path of a sentence as Slack writes it: `… [json-pointer:/blocks/2/elements/0/text]`."""
    match = BLOCK_ERRORS.match(sentence)
    if match is None or not match.group(1).startswith(("blocks", "view", "attachments")):
        return sentence
    pointer = "/" + re.sub(r"\[(\d+)\]", r"/\1", match.group(1)).replace(".", "/")
    return f"{match.group(2)} [json-pointer:{pointer}]"
