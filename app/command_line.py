"""The commands of ``python bot.py``.

What they need is imported when the settings are right, so that a wrong one is told at once.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

from app.settings import SettingsError, read_settings
from errors import CannotStart
from evals.requirements import Requirement, read_requirement

MOST_AT_ONCE = 100
"""Conversations that ``eval`` holds at a time."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for.

    Args:
        arguments: Its words, without the program's name.

    Returns:
        0 after a clean end, 1 when something outside refuses us, 2 when a setting is missing or wrong, 3 when ``eval``
        finds less than it was told to require.

    Raises:
        SystemExit: With 2 when there is no such command, with 0 after the help.
    """
    chosen = read_arguments(arguments)
    try:
        return COMMANDS[chosen.command](chosen)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 1


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """What the command line asks for; raises ``SystemExit`` after the help, or when it cannot be understood."""
    parser = argparse.ArgumentParser(
        prog="python bot.py",
        usage="%(prog)s [-h] [COMMAND] ...",
        description="A data analyst that lives in Slack. Without a command it runs, until SIGTERM or Ctrl-C.",
        epilog="The settings come from the environment and from .env; README.md lists them.",
    )
    commands = parser.add_subparsers(prog=parser.prog, dest="command", metavar="COMMAND")
    parser.set_defaults(command="run")
    commands.add_parser("run", help="run the bot (the default)")
    commands.add_parser(
        "setup", help="make the Slack app, try tokens and model, and write .env, one question at a time"
    )
    commands.add_parser("doctor", help="try everything that the bot needs, and name the fix for what is missing")
    usage = commands.add_parser("usage", help="tell what turns have used and cost, by day and channel")
    usage.add_argument("days", metavar="DAYS", nargs="?", type=_days, default=30, help="days to look back (30)")
    backup = commands.add_parser("backup", help="copy the SQLite database while the bot runs")
    backup.add_argument("folder", metavar="FOLDER", help="an empty or new folder for the copies")
    audit = commands.add_parser("audit", help="write the audit as lines of JSON, while the bot runs")
    audit.add_argument(
        "--since", metavar="DATE", type=_moment, default=0.0, help="from when on, such as 2026-11-01 (UTC)"
    )
    audit.add_argument("--until", metavar="DATE", type=_moment, default=math.inf, help="before when (UTC)")
    audit.add_argument("--team", metavar="ID", default="", help="of one workspace only")
    drop = commands.add_parser("drop", help="drop a turn or job that is set aside, or suspected")
    drop.add_argument("turn", metavar="TURN", help="its id, as doctor lists it")
    _add_eval(commands)
    word = next((argument for argument in arguments if not argument.startswith("-")), "run")
    if word not in COMMANDS:
        near = "".join(f" Did you mean {name}?" for name in get_close_matches(word.lower(), COMMANDS, 1))
        parser.error(f"there is no command {word!r}.{near} The commands are {', '.join(COMMANDS)}.")
    return parser.parse_args(arguments)


def _add_eval(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("eval", help="ask questions with known answers, and report how many were right")
    parser.add_argument(
        "questions",
        metavar="SET",
        nargs="?",
        default="shipped",
        help="shipped, smoke, ambiguous, or a folder of your own (shipped)",
    )
    parser.add_argument("--to", metavar="FOLDER", default="eval-report", help="folder for the reports (eval-report)")
    parser.add_argument("--at-once", metavar="N", type=_at_once, default=4, help="conversations at a time (4)")
    parser.add_argument(
        "--require",
        metavar="WHAT",
        type=_requirement,
        action="append",
        default=[],
        help="fail with exit code 3 without it, such as right>=0.9; may be repeated",
    )
    parser.add_argument(
        "--compare",
        metavar=("BEFORE", "AFTER"),
        nargs=2,
        help="ask nothing; compare two report.json, and fail with exit code 3 if a share is worse",
    )


def _at_once(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MOST_AT_ONCE} (it is {text!r})")
    return int(text)


def _requirement(text: str) -> Requirement:
    try:
        return read_requirement(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _days(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a number of days (it is {text!r})")
    return int(text)


def _moment(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a date, or a date and a time (it is {text!r})") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _run(_: argparse.Namespace) -> int:
    settings = read_settings()
    from app.logs import start_logging
    from app.tuning import tuned_after_imports

    start_logging(settings.log_level, settings.log_format, audit=settings.audit_log == "stdout")
    with tuned_after_imports():
        from app.run import run_until_signal
    asyncio.run(run_until_signal(settings))
    return 0


def _setup(_: argparse.Namespace) -> int:
    from app.setup.wizard import main as setup

    return setup()


def _doctor(_: argparse.Namespace) -> int:
    from app.doctor.command import main as doctor

    return doctor()


def _usage(chosen: argparse.Namespace) -> int:
    settings = read_settings()
    from app.commands.usage import main as usage

    usage(settings, chosen.days)
    return 0


def _audit(chosen: argparse.Namespace) -> int:
    settings = read_settings()
    from app.commands.audit import main as audit

    audit(settings, chosen.since, chosen.until, chosen.team)
    return 0


def _drop(chosen: argparse.Namespace) -> int:
    settings = read_settings()
    from app.commands.drop import main as drop

    return drop(settings, chosen.turn)


def _eval(chosen: argparse.Namespace) -> int:
    if chosen.compare:
        from app.evaluating.command import compare

        return compare(*chosen.compare)
    settings = read_settings(slack=False)
    from app.evaluating.command import measure
    from evals.sets import named_set

    try:
        return asyncio.run(measure(settings, chosen, named_set(chosen.questions)))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; there is no report.\n")
        return 1


def _backup(chosen: argparse.Namespace) -> int:
    settings = read_settings()
    from app.commands.backup import main as backup

    return backup(settings, chosen.folder)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "setup": _setup,
    "doctor": _doctor,
    "usage": _usage,
    "audit": _audit,
    "backup": _backup,
    "drop": _drop,
    "eval": _eval,
}
