"""Two tables of our own making, to try the bot with; ``generate.py`` makes them."""

from pathlib import Path

from playground.samples.generate import ENGLISH, JAPANESE

FOLDER = Path(__file__).parent
DESCRIPTIONS = {
    ENGLISH: "A year of a shop's orders, in English",
    JAPANESE: "店舗の売上、cp932 (Shift_JIS)",
}
"""What the page says of each file, by name."""
