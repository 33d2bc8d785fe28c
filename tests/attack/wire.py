"""Raw connections to a port of this machine, what it answers, and how it fares meanwhile."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.installation import SECRET

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
HOST = "127.0.0.1"
NOTHING, CLOSED = "nothing", "closed"


def connect(port: int, timeout: float = 5.0) -> socket.socket:
    """Connect to a port of this machine."""
    return socket.create_connection((HOST, port), timeout=timeout)


def answers(connection: socket.socket, seconds: float = 3.0) -> str:
    """Return the status of each answer that comes until the peer closes or is silent for so long: "400", "202 202",
    CLOSED where it closes without one, NOTHING where it only keeps the connection."""
    received, over = b"", NOTHING
    connection.settimeout(seconds)
    try:
        while chunk := connection.recv(65_536):
            received += chunk
        over = CLOSED
    except TimeoutError:
        pass
    except OSError:
        over = CLOSED
    return " ".join(status.decode() for status in STATUS.findall(received)) or over


def ask(port: int, request: bytes, seconds: float = 3.0) -> str:
    """Send something at once and return what is answered."""
    with connect(port) as connection:
        with suppress(OSError):
            connection.sendall(request)
        return answers(connection, seconds)


def text(port: int, request: bytes, seconds: float = 10.0) -> str:
    """Send something at once and return all that comes until the peer closes."""
    received = b""
    with connect(port, seconds) as connection:
        connection.sendall(request)
        while chunk := connection.recv(65_536):
            received += chunk
    return received.decode(errors="replace")


def pour(port: int, head: bytes, parts: Iterable[bytes], seconds: float = 60.0) -> str:
    """Send part after part until all are sent, the peer answers, or it closes; return what is answered."""
    give_up = time.monotonic() + seconds
    with connect(port) as connection:
        try:
            connection.sendall(head)
            for part in parts:
                connection.sendall(part)
                if time.monotonic() > give_up:
                    return "still taking"
        except TimeoutError:
            return "still open, reads no more"
        except OSError:
            pass
        return answers(connection, 5.0)


def webhook(number: str, body: bytes = b"", path: str = "/webhooks/generic", moment: float | None = None) -> bytes:
    """Return a whole signed request, as a tool sends it."""
    body = body or json.dumps({"company": f"Example {number}", "external_id": number}).encode()
    stamp = str(int(time.time() if moment is None else moment))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.digest(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256)).decode()
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"webhook-id: {number}",
        f"webhook-timestamp: {stamp}",
        f"webhook-signature: v1,{digest}",
    )
    return "\r\n".join(lines).encode() + b"\r\nConnection: close\r\n\r\n" + body


@dataclass
class Health:
    """How the honest sender fared, and what the server took."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    memory_before: float = 0.0
    memory: float = 0.0

    @property
    def p50(self) -> float:
        """The median answer, in milliseconds."""
        return 1000 * median(self.seconds or [0.0])

    @property
    def slowest(self) -> float:
        """The slowest answer, in milliseconds."""
        return 1000 * max(self.seconds or [0.0])


@contextmanager
def honest(port: int, pids: Callable[[], Collection[int]], prefix: str, patience: float = 8.0) -> Iterator[Health]:
    """Send a signed webhook every tenth of a second, each over a connection of its own, while the block runs."""
    health, over = Health(memory_before=megabytes(pids())), threading.Event()

    def send() -> None:
        count = 0
        while not over.is_set():
            count += 1
            began = time.monotonic()
            try:
                status = ask(port, webhook(f"{prefix}-{count}"), patience)
            except OSError:
                status = CLOSED
            health.failed += status != "202"
            health.seconds.append(time.monotonic() - began)
            over.wait(0.1)

    def weigh() -> None:
        while not over.is_set():
            health.memory = max(health.memory, megabytes(pids()))
            over.wait(0.05)

    threads = [threading.Thread(target=work, daemon=True) for work in (send, weigh)]
    for thread in threads:
        thread.start()
    try:
        yield health
    finally:
        over.set()
        for thread in threads:
            thread.join()


def megabytes(pids: Collection[int]) -> float:
    """Return what processes hold in memory (resident), in MB."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])
    return total / 1024


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    pids = [pid]
    for parent in pids:
        with suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                pids += [int(child) for child in (task / "children").read_text().split()]
    return pids
