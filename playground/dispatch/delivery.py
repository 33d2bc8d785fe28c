"""Delivery: which way to the bot, twice if wanted, and everything into the log."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from playground.dispatch.signed_http import SignedHttp
from playground.dispatch.socket_mode import SocketMode
from playground.dispatch.transport import Answer, Dispatch, Transport
from playground.log import Log

ACKNOWLEDGE_SECONDS = 3.0


class Delivery:
    """Sends to the request URL, or over Socket Mode where none is connected."""

    def __init__(self, log: Log, now: Callable[[], datetime], socket_mode: SocketMode) -> None:
        self._log, self._now, self._socket_mode = log, now, socket_mode
        self._http: SignedHttp | None = None
        self.twice = False
        self.within = ACKNOWLEDGE_SECONDS
        self.seconds: Callable[[], float] = time.perf_counter
        """The clock by which the bot must acknowledge `within` so many seconds. Where the bot runs in our own process,
        this may be the processor time of the process, so that the load of the machine does not count."""
        self.patience: float | None = None
        """Seconds by the wall clock until nobody waits for the bot any longer; None: `within`."""

    def connect(self, request_url: str | None, signing_secret: str) -> None:
        """Choose signed HTTP to this address, or Socket Mode with None."""
        self._http = SignedHttp(request_url, signing_secret) if request_url else None

    @property
    def request_url(self) -> str | None:
        """The connected request URL."""
        return self._http.request_url if self._http else None

    @property
    def connected(self) -> bool:
        """Whether there is a request URL or a Socket Mode connection."""
        return self._http is not None or self._socket_mode.connections > 0

    def send(self, dispatch: Dispatch) -> Answer:
        """Deliver one request; with `twice` set the same again, keeping the first outcome."""
        transport: Transport = self._http or self._socket_mode
        at = int(time.time())
        answer = self._once(transport, dispatch, at)
        if self.twice:
            is_event = dispatch.kind == "events_api"
            again = replace(dispatch, retry_num=dispatch.retry_num + 1, retry_reason="http_timeout")
            self._once(transport, again if is_event else dispatch, at)
        return answer

    def _once(self, transport: Transport, dispatch: Dispatch, at: int) -> Answer:
        started = self.seconds()
        answer = transport.send(dispatch, self.within if self.patience is None else self.patience, at)
        answer = _timed(answer, self.seconds() - started, self.within)
        self._log.add(
            self._now(),
            "to_bot",
            dispatch.name,
            dispatch.payload,
            answer.body or answer.text,
            status=answer.status,
            elapsed=answer.elapsed,
            broken=(answer.sentence,) if answer.failure else (),
        )
        return answer


def _timed(answer: Answer, elapsed: float, within: float) -> Answer:
    if answer.failure or elapsed <= within:
        return replace(answer, elapsed=elapsed)
    sentence = f"answered after {elapsed:.1f} s, limit {within:g} s"
    return replace(answer, elapsed=elapsed, failure="http_timeout", sentence=sentence)
