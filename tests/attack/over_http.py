"""Attacks on the HTTP side of `serve`. After each an honest sender must have been answered all the while."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.attack import sizes, slow, smuggling, wire
from tests.attack.stage import MOST_MEMORY, SLOWEST, Outcome, stage

SECONDS = 25  # longer than any deadline of the server
SERVE = ("serve",)
Answers = Callable[[str], bool]

# What it must be answered: one of these words, and nothing else.
PEERS: dict[str, tuple[Callable[[int, float], str], tuple[str, ...]]] = {
    "16 slow requests": (slow.slow_requests, ("408",)),
    "500 silent connections": (slow.silent_connections, ("closed",)),
    "100 heads, a byte a second": (slow.dripping_heads, ("408",)),
    "100 bodies, a byte a second": (slow.dripping_bodies, ("408",)),
    "100 that read no answer": (slow.unread_answers, ("not read",)),
    "300 MB in chunks": (sizes.chunked_body, ("413",)),
    "300 MB": (sizes.large_body, ("413",)),
    "a head of 200 MB": (sizes.large_head, ("431",)),
    "1,000,000 headers": (sizes.many_headers, ("431",)),
    "1,000 headers": (sizes.fairly_many_headers, ("431",)),
    "a URL of 1 MB": (sizes.long_url, ("414", "431")),
    "a URL of 20,000 characters": (sizes.fairly_long_url, ("414",)),
    "60 bodies of 4 MB but a byte": (sizes.many_bodies, ("of",)),
}


def _peer(name: str) -> Callable[[Path], Outcome]:
    run, wanted = PEERS[name]

    def attack(folder: Path) -> Outcome:
        with stage(folder, SERVE) as bot:
            with wire.honest(bot.port, bot.pids, "honest") as health:
                answer = run(bot.port, SECONDS)
            words = answer.replace(",", "").split()
            expected = any(word in wanted or answer in wanted for word in words) and wire.NOTHING not in words
            fair = not health.failed and health.slowest < SLOWEST
            slim = health.memory - health.memory_before < MOST_MEMORY
            return Outcome(answer, expected and fair and slim and not bot.tracebacks(), health)

    return attack


def _smuggling(folder: Path) -> Outcome:
    with stage(folder, SERVE) as bot:
        with wire.honest(bot.port, bot.pids, "honest") as health:
            given = smuggling.answers(bot.port)
        taken = {name: answer for name, answer in given.items() if answer not in ("400", "501")}
        in_order = wire.ask(bot.port, smuggling.pipelined(), 1.0) == "200 200 200"
        answer = f"{len(given) - len(taken)} of {len(given)} refused" + "".join(f"; {n}: {a}" for n, a in taken.items())
        return Outcome(answer, not taken and in_order and not health.failed and not bot.tracebacks(), health)


def _rebinding(folder: Path) -> Outcome:
    with stage(folder, SERVE) as bot:
        request = b"GET /metrics HTTP/1.1\r\nHost: attacker.example:3000\r\nConnection: close\r\n\r\n"
        answer = wire.ask(bot.port, request)
        return Outcome(answer, answer == "403")


ATTACKS = {name: _peer(name) for name in PEERS} | {
    "requests with two ends": _smuggling,
    "metrics under another name": _rebinding,
}
