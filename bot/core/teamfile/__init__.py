"""The team file: one TOML file that says how a workspace works with the bot."""

from bot.core.teamfile.applying import Preview, apply, preview
from bot.core.teamfile.changes import Change, diff
from bot.core.teamfile.drafting import draft, workspace_of
from bot.core.teamfile.exporting import export
from bot.core.teamfile.problems import BadFile, Problem
from bot.core.teamfile.reading import parse
from bot.core.teamfile.resolving import Account, Directory, Unresolved
from bot.core.teamfile.schema import TeamFile
from bot.core.teamfile.state import current, open_mqls

__all__ = [
    "Account",
    "BadFile",
    "Change",
    "Directory",
    "Preview",
    "Problem",
    "TeamFile",
    "Unresolved",
    "apply",
    "current",
    "diff",
    "draft",
    "export",
    "open_mqls",
    "parse",
    "preview",
    "workspace_of",
]
