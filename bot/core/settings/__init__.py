"""The settings of a workspace: read, changed, previewed and saved in one way, whichever door a change comes through.

settings = present(tx, workspace_id)               # what holds, and its version
wanted = draft(settings, changes, directory)       # BadFile: every problem, with the path of its field
effect = preview(tx, wanted, now)                  # what it would come to now
past = replayed(read_past(tx, workspace, now), wanted)  # and would have last month: slow, where `concerns_past`
saved = save(tx, wanted, settings.version, ...)    # Overtaken: somebody has saved since
"""

from bot.core.settings.change import Change, entry
from bot.core.settings.drafting import draft
from bot.core.settings.past import Past, concerns_past, read_past, replayed
from bot.core.settings.present import Edition, Settings, edition, present
from bot.core.settings.saving import Overtaken, Saved, save
from bot.core.teamfile import preview

__all__ = [
    "Change",
    "Edition",
    "Overtaken",
    "Past",
    "Saved",
    "Settings",
    "concerns_past",
    "draft",
    "edition",
    "entry",
    "present",
    "preview",
    "read_past",
    "replayed",
    "save",
]
