"""python -m bot.cli.sample: make the sample company's twelve weeks anew, in both languages."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cli.sample import stored
from storage.vocabulary import Locale

for locale in Locale:
    with TemporaryDirectory() as folder:
        database = Path(folder) / "history.db"
        stored.pack(locale, database, stored.live(locale, database), Path(__file__).parent)
