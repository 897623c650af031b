"""What is logged: our own words at the level that is set, those of libraries only from WARNING on."""

from __future__ import annotations

import atexit
import logging
import sys
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import SimpleQueue

from conversations.audit import stream
from telemetry.logs import TEXT, JsonLines

ROOMS = [path.parent.name for path in Path(__file__).parents[1].glob("*/__init__.py")]
"""Every package beside ``bot.py``: loggers are named by the module."""


def start_logging(level: str, shape: str = "text", *, audit: bool = False) -> None:
    """Log to stderr.

    Args:
        level: That of our own words.
        shape: ``text`` for people, ``json`` for what collects logs.
        audit: Write the lines of the audit to stdout.

    At DEBUG libraries write what they send and store: tokens, questions, cells of files.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if shape == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for room in ROOMS:
        logging.getLogger(room).setLevel(level)
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # a connection given back by a cancelled task
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)  # it warns of arguments that we give on purpose
    if audit:
        _stream_audit()


def _stream_audit() -> None:
    """From a thread of its own: whoever reads slowly holds up no transaction."""
    lines: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = QueueListener(lines, logging.StreamHandler(sys.stdout))
    stream.log.addHandler(QueueHandler(lines))
    stream.log.setLevel(logging.INFO)
    stream.log.disabled = False
    listener.start()
    atexit.register(listener.stop)
