"""Who runs a command, for the audit log."""

from __future__ import annotations

import getpass
import os

from bot.core.base.audit import Author
from storage.vocabulary import Door

UNIX_ID = "uid {}"
"""How somebody is named who has no name, as in many containers."""


def author(door: Door = Door.COMMAND_LINE) -> Author:
    """Return whoever is logged in on this machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = UNIX_ID.format(os.getuid())
    return Author(door, machine_user=name)
