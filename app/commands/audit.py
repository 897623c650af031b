"""``python bot.py audit``: the audit as lines of JSON on the standard output. A bot may be running."""

from __future__ import annotations

import os
import sys

from app.settings import Settings
from conversations.audit.reading import read_audit


def main(settings: Settings, since: float, until: float, team: str) -> None:
    """Write the lines from one epoch time until before another; of one workspace, or of all.

    Raises:
        DatabaseUnusable: The database cannot be read, or its tables are of an earlier version.
    """
    try:
        for line in read_audit(settings.database_url, since, until, team):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough; Python must not flush once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
