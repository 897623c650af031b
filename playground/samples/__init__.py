"""Two tables of our own making, to try the bot with; ``tests/playground/sample_generator.py`` makes them."""

from pathlib import Path

FOLDER = Path(__file__).parent
ENGLISH = "sales_2025.csv"
JAPANESE = "店舗売上_2025年.csv"
DESCRIPTIONS = {
    ENGLISH: "A year of a shop's orders, in English",
    JAPANESE: "店舗の売上、cp932 (Shift_JIS)",
}
"""What the page says of each file, by name."""
