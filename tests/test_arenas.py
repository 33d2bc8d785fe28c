"""Threads share two arenas (bot/arenas.py)."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

THREADS_TAKE_MEMORY = """
import ctypes, threading
from bot import arenas
arenas.share()
library = ctypes.CDLL(None)
library.fdopen.restype = ctypes.c_void_p
together = threading.Barrier(8)
def take():
    together.wait()
    library.malloc(65_000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
library.malloc_info(0, ctypes.c_void_p(out := library.fdopen(1, b"w")))
library.fflush(ctypes.c_void_p(out))
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="another C library than glibc")
def test_however_many_threads_there_are_they_take_memory_from_two_arenas() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS_TAKE_MEMORY], check=True, capture_output=True, text=True)
    assert done.stdout.count("<heap nr=") == 2
