"""``python bot.py drop TURN``: drops a turn or job that is set aside, or suspected. A bot may be running."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from app.settings import SettingsError, read_settings
from conversations.database.unusable import DatabaseUnusable
from conversations.jobs.dropping import drop_from

HELP = "usage: python bot.py drop TURN   (doctor lists what can be dropped)"


def main(arguments: Sequence[str]) -> int:
    """Drop one, and say so.

    Args:
        arguments: The turn, as ``doctor`` names it.

    Returns:
        0; 1 when there is no such turn, or the database cannot be used; 2 when the argument or a setting is wrong.
    """
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write(f"{HELP}\n")
        return 2
    (turn,) = arguments
    try:
        dropped = asyncio.run(drop_from(read_settings().database_url, turn))
    except SettingsError as error:
        sys.stderr.write("\n".join(error.problems) + "\n")
        return 2
    except DatabaseUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not dropped:
        sys.stderr.write(f"Nothing that is set aside or suspected has the name {turn}; doctor lists what has.\n")
        return 1
    sys.stdout.write(f"{turn} is dropped.\n")
    return 0
