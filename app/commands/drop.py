"""``python bot.py drop TURN``: drops a turn or job that is set aside, or suspected. A bot may be running."""

from __future__ import annotations

import asyncio
import sys

from app.settings import Settings
from conversations.slash.dropping import drop_from


def main(settings: Settings, turn: str) -> int:
    """Drop one, and say so.

    Returns:
        0, or 1 when there is no such turn.

    Raises:
        DatabaseUnusable: The database cannot be used.
    """
    if not asyncio.run(drop_from(settings.database_url, turn)):
        sys.stderr.write(f"Nothing that is set aside or suspected has the name {turn}; doctor lists what has.\n")
        return 1
    sys.stdout.write(f"{turn} is dropped.\n")
    return 0
