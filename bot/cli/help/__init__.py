"""`--help`, in the machine's language, grouped, and never cut. The English words stand at each command in
bot/__main__.py; `ja.po` has them in Japanese."""

from bot.cli.help.commands import SECTIONS, Commands

__all__ = ["SECTIONS", "Commands"]
