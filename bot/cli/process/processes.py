"""Several processes that do the same: forked, started again where one ends by itself, and ended together."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog

from bot.cli.base.stop_signal import SECONDS_TO_STOP, Stop

LOOK = 0.1  # seconds
# Whoever cannot even start must not keep the machine busy with trying.
PAUSE = 1.0  # seconds

log = structlog.get_logger(__name__)


Work = Callable[[Stop], None]


def keep(count: int, work: Work) -> None:
    """Run `work` in `count` processes until SIGTERM or SIGINT, and return when all have ended. With one it is this
    process that works, and whoever has started it sees to its restart. `work` waits for its Stop, and returns."""
    if count == 1:
        work(Stop())
        return
    _Family(count, work).run()


class _Family:
    """A parent that does nothing but watch its children."""

    def __init__(self, count: int, work: Work) -> None:
        self._count, self._work = count, work
        self._children: set[int] = set()
        self._ending = 0.0
        self._start_at = 0.0

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        while not self._ending or self._children:
            if not self._ending and time.monotonic() >= self._start_at:
                self._complete()
            time.sleep(LOOK)
            self._bury()
            if self._ending and time.monotonic() > self._ending + LOOK:
                self._tell(signal.SIGKILL)

    def _complete(self) -> None:
        while len(self._children) < self._count:
            # A child must not take our end for its own before it has handlers of its own.
            signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
            try:
                parent, child = os.getpid(), os.fork()
                if child == 0:
                    self._be_child(parent)
                self._children.add(child)
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))

    def _be_child(self, parent: int) -> None:
        code = 1
        try:
            # A terminal sends Ctrl-C to all of us, and the parent passes it on as SIGTERM: twice would be at once.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stop = Stop((signal.SIGTERM,))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))
            threading.Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()
            self._work(stop)
            code = 0
        except BaseException as error:
            # Also SystemExit: what stands above in the stack is the parent's.
            log.exception("process_failed", exc_info=error)
        finally:
            sys.stdout.flush()
            os._exit(code)

    def _bury(self) -> None:
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            self._children.discard(child)
            if not self._ending:
                log.error("process_ended", process=child, code=os.waitstatus_to_exitcode(status))
                self._start_at = time.monotonic() + PAUSE

    def _end(self, _: int, __: FrameType | None) -> None:
        asked_before, self._ending = self._ending, self._ending or time.monotonic() + SECONDS_TO_STOP
        self._tell(signal.SIGKILL if asked_before else signal.SIGTERM)

    def _tell(self, number: int) -> None:
        for child in list(self._children):
            os.kill(child, number)


def _end_with(parent: int) -> None:
    """End this process as if asked to, once its parent is gone: nobody else would."""
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
