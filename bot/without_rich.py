"""structlog without rich, which it imports where it is there (the command line brings it) to draw tracebacks in colour:
80 modules and 4 MiB that a bot never uses. Imported for that alone, before anything else imports structlog."""

import sys

_kept = sys.modules.pop("rich", None)
sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402, F401

del sys.modules["rich"]
if _kept is not None:
    sys.modules["rich"] = _kept
