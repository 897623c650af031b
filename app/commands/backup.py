"""``python bot.py backup FOLDER``: copies the SQLite database while a bot runs."""

from __future__ import annotations

import sys
from pathlib import Path

from app.settings import Settings
from conversations.database.backup import back_up


def main(settings: Settings, folder: str) -> int:
    """Copy it, and say how it is brought back.

    Raises:
        DatabaseUnusable: There is no SQLite database, or no empty folder.
    """
    copies = back_up(settings.database_url, Path(folder))
    for copy in copies:
        sys.stdout.write(f"{copy.absolute()}  {copy.stat().st_size} bytes\n")
    sys.stdout.write("To bring it back: stop the bot, put both files in the place of its own, and start it.\n")
    return 0
