from __future__ import annotations

import io
import logging
import sys

import pytest

from bot import logs


def test_a_line_goes_to_what_is_stderr_when_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    logs.configure("WARNING", "console")
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    logging.getLogger("here").warning("still heard")
    assert "still heard" in second.getvalue()
    assert "Logging error" not in second.getvalue()
