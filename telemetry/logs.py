"""Which turn a line of the log belongs to, and lines as JSON for whoever collects them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_TURN: ContextVar[str] = ContextVar("turn", default="")

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


@contextmanager
def lines_of(turn: str) -> Iterator[None]:
    """All that is logged meanwhile, by this task and those that it begins, is the turn's."""
    token = _TURN.set(turn)
    try:
        yield
    finally:
        _TURN.reset(token)


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC, ISO 8601), level, logger, message, turn, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """See ``logging.Formatter``."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "turn": _TURN.get(),
            "traceback": self.formatException(record.exc_info) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in line.items() if value})  # ASCII: any character can be written
