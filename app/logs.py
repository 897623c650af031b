"""What is logged: our own words at the level that is set, those of libraries only from WARNING on."""

from __future__ import annotations

import logging
from pathlib import Path

ROOMS = [path.parent.name for path in Path(__file__).parents[1].glob("*/__init__.py")]
"""Every package beside ``bot.py``: loggers are named by the module."""


def start_logging(level: str) -> None:
    """Log to stderr; ``level`` is that of our own words.

    At DEBUG libraries write what they send and store: tokens, questions, cells of files.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for room in ROOMS:
        logging.getLogger(room).setLevel(level)
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # a connection given back by a cancelled task
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)  # it warns of arguments that we give on purpose
