"""The team file: one TOML file that says how a workspace works with the bot."""

from bot.core.teamfile.application import Preview, apply, preview
from bot.core.teamfile.changes import Change, diff
from bot.core.teamfile.draft import draft, workspace_of
from bot.core.teamfile.export import export
from bot.core.teamfile.last_admin import LastAdmin
from bot.core.teamfile.name_resolution import Account, Directory, Unresolved
from bot.core.teamfile.offline import Unasked, check
from bot.core.teamfile.parser import parse
from bot.core.teamfile.problems import BadFile, Problem
from bot.core.teamfile.schema import TeamFile
from bot.core.teamfile.state import current, open_mqls

__all__ = [
    "Account",
    "BadFile",
    "Change",
    "Directory",
    "LastAdmin",
    "Preview",
    "Problem",
    "TeamFile",
    "Unasked",
    "Unresolved",
    "apply",
    "check",
    "current",
    "diff",
    "draft",
    "export",
    "open_mqls",
    "parse",
    "preview",
    "workspace_of",
]
