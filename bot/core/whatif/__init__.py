"""What would have been under another policy: the past, replayed on a database of its own."""

from bot.core.whatif.figures import Figures, Level, Messages, Period
from bot.core.whatif.recorded_history import Past, read
from bot.core.whatif.replay import Simulated, replay

__all__ = ["Figures", "Level", "Messages", "Past", "Period", "Simulated", "read", "replay"]
