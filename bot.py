"""``python bot.py`` runs the bot; ``python bot.py --help`` lists what else it can do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, by default the process's; see ``app.command_line.main``."""
    if reason := unfit():
        sys.stderr.write(f"{reason}\n")
        return 1
    from app import command_line

    return command_line.main(sys.argv[1:] if arguments is None else arguments)


def unfit() -> str:
    """Why this Python cannot run the bot, and what to do; "" when it can."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one is told so, and not with a traceback
        return "Python 3.11 or newer is needed; this is {}.{}.".format(*sys.version_info)
    if find_spec("_sqlite3") is None:
        return "This Python was built without SQLite: install libsqlite3-dev (or sqlite-devel) and build it again."
    return ""


if __name__ == "__main__":
    sys.exit(main())
