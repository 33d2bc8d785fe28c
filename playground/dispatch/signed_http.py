"""Requests to the bot's request URL, signed as Slack signs them (Slack documentation: verifying requests)."""

import hashlib
import hmac
import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from playground.dispatch.transport import Answer, Dispatch


def sign(secret: str, at: int, body: bytes) -> str:
    """Return the value of X-Slack-Signature."""
    base = b"v0:" + str(at).encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encode(dispatch: Dispatch) -> tuple[bytes, str]:
    """Return body and content type: JSON for events, a form for commands, a form with a payload for interactions."""
    if dispatch.kind == "events_api":
        return json.dumps(dispatch.payload).encode(), "application/json"
    form = dispatch.payload if dispatch.kind == "slash_commands" else {"payload": json.dumps(dispatch.payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


class SignedHttp:
    """A transport to one request URL."""

    def __init__(self, request_url: str, signing_secret: str) -> None:
        self.request_url, self._secret = request_url, signing_secret

    def send(self, dispatch: Dispatch, patience: float, at: int) -> Answer:
        """Post one request; an unreachable, silent or unhappy bot becomes an answer with a failure."""
        body, content_type = encode(dispatch)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": str(at),
            "X-Slack-Signature": sign(self._secret, at, body),
        }
        if dispatch.retry_num:
            headers |= {"X-Slack-Retry-Num": str(dispatch.retry_num), "X-Slack-Retry-Reason": dispatch.retry_reason}
        try:
            return self._post(body, headers, patience)
        except TimeoutError:
            return Answer(None, failure="http_timeout", sentence=f"no answer within {patience:g} s")
        except (OSError, HTTPException) as problem:
            return Answer(None, failure="connection_failed", sentence=f"could not reach the bot: {problem}")

    def _post(self, body: bytes, headers: dict[str, str], patience: float) -> Answer:
        url = urlsplit(self.request_url)
        secure = url.scheme == "https"
        host, port = url.hostname or "", url.port or (443 if secure else 80)
        connection = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=patience)
        try:
            connection.request("POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            no_retry = response.headers.get("X-Slack-No-Retry") == "1"
            content = 200 <= response.status < 300
            sentence = "" if content else f"answered {response.status}"
            return Answer(response.status, text, 0.0, "" if content else "http_error", sentence, no_retry)
        finally:
            connection.close()
