"""The bot: ``python bot.py`` reads the settings and runs it; ``doctor`` and ``usage`` look, ``drop`` drops a turn.

Everything else is imported when it is known to be needed, so that a wrong setting is told at once.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from importlib.util import find_spec

from app.settings import Settings, SettingsError, read_settings

SWITCH_SECONDS = 0.0005
"""How long a transaction's thread waits for a busy loop at each of its statements; by Python's default ten times that,
so that a transaction of eight statements, and the ack that waits for it, can take 40 ms longer than its work.
https://docs.python.org/3/library/sys.html#sys.setswitchinterval
"""

COLLECT_AFTER = (5_000, 20, 20)
"""Python's thresholds (https://docs.python.org/3/library/gc.html#gc.set_threshold). With its own, 1,000 turns in flight
are walked through again and again: a fifth of the CPU, and half a second without an ack at each full collection. A turn
leaves some 10 KB in cycles; with these numbers there are full collections every 2,000 turns or so.
"""


def main() -> int:
    """Read the settings and run.

    With the argument ``doctor``: only look whether everything is there; with ``usage``: tell what turns have used; with
    ``drop``: drop what is set aside.

    Returns:
        0 after a clean end, 1 when something outside refuses us, 2 when a setting is missing or wrong.
    """
    if reason := unfit():
        sys.stderr.write(f"{reason}\n")
        return 1
    if sys.argv[1:] == ["doctor"]:
        from app import doctor

        return doctor.main()
    if sys.argv[1:2] == ["usage"]:
        from app import usage

        return usage.main(sys.argv[2:])
    if sys.argv[1:2] == ["drop"]:
        from app import drop

        return drop.main(sys.argv[2:])
    try:
        settings = read_settings()
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        return 2
    start_logging(settings.log_level)
    return run(settings)


def unfit() -> str:
    """Why this Python cannot run the bot, and what to do; "" when it can."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one is told so, and not with a traceback
        return "Python 3.11 or newer is needed; this is {}.{}.".format(*sys.version_info)
    if find_spec("_sqlite3") is None:
        return "This Python was built without SQLite: install libsqlite3-dev (or sqlite-devel) and build it again."
    return ""


def run(settings: Settings) -> int:
    """Run the bot to its end.

    Returns:
        0 after a clean end, 1 when something outside refuses us.
    """
    gc.disable()  # a start is imports: hardly any garbage, and looking for it takes a tenth of the time
    from app.run import run_until_signal
    from conversations.database.unusable import DatabaseUnusable
    from slack_api.client import CannotStart

    gc.freeze()  # else the first collection walks all that was imported
    gc.enable()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        asyncio.run(run_until_signal(settings))
    except (CannotStart, DatabaseUnusable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def start_logging(level: str) -> None:
    """Log to stderr: our own words at ``level``, those of libraries only from WARNING on.

    At DEBUG libraries write what they send and store: tokens, questions, cells of files.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for ours in (
        "bot",
        "app",
        "azure_assistant",
        "conversations",
        "handlers",
        "helper",
        "replies",
        "slack_api",
        "workplace",
    ):
        logging.getLogger(ours).setLevel(level)
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # a connection given back by a cancelled task
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)  # it warns of arguments that we give on purpose


if __name__ == "__main__":
    sys.exit(main())
