"""While the command line is imported nothing becomes garbage, and to look for it again and again takes a sixth of the
time. `bot/__main__.py` imports this before everything else of ours, and says when all of it is there."""

from __future__ import annotations

import gc

_looked = gc.isenabled()
gc.disable()


def over() -> None:
    """Let the garbage collector look again, but not at what is loaded by now, which stays to the end."""
    gc.freeze()
    if _looked:
        gc.enable()
