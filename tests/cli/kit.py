from __future__ import annotations

import random
import socket

from typer.testing import CliRunner, Result

from bot.__main__ import app


def cli(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def complaint(*arguments: str) -> str:
    """The one line that a command leaves with."""
    done = cli(*arguments)
    assert done.exit_code == 1, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    (line,) = done.stderr.splitlines()
    return line


def free_port() -> int:
    """A port that is free, as is the next: below those that the system gives to outgoing connections."""
    while True:
        port = random.randint(10_000, 30_000)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue
