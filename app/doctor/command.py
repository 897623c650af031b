"""``python bot.py doctor``. What it tries things with is imported when the settings are right."""

from __future__ import annotations

import asyncio
import logging

from app.doctor.findings import Finding, write
from app.settings import SettingsError, read_settings


def main() -> int:
    """Write the report to the standard output.

    Returns:
        0 when the bot can work, 1 when something outside refuses it, 2 when a setting is missing or wrong.
    """
    logging.basicConfig(level=logging.CRITICAL)
    try:
        settings = read_settings()
    except SettingsError as error:
        for problem in error.problems:
            name, _, fix = problem.partition(": ")
            write(Finding(name, "bad", fix))
        write(Finding("everything else", "lacking", "is tried once the settings are complete"))
        return 2
    from app.doctor.examination import examine

    return asyncio.run(examine(settings, write))
