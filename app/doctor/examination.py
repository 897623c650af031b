"""The doctor's examination, part by part.

It may run beside a running bot: it takes no lock, posts nothing, and removes what it makes at Azure.
"""

from __future__ import annotations

from collections.abc import Callable

from app.doctor.access import access_findings
from app.doctor.azure import azure_findings
from app.doctor.database import database_findings
from app.doctor.findings import Finding, are_good
from app.doctor.machine import machine_findings
from app.doctor.slack import slack_findings
from app.settings import Settings


async def examine(settings: Settings, tell: Callable[[Finding], None]) -> int:
    """Try everything, and ``tell`` each finding as soon as it is there; 0 when the bot can work, else 1."""
    tell(Finding("settings", "good", "complete"))
    worst = 0
    for part in (
        slack_findings(settings),
        azure_findings(settings.assistant),
        database_findings(settings.database_url),
        access_findings(settings),
        machine_findings(settings.spool_dir),
    ):
        worst = max(worst, not await are_good(part, tell))
    return worst
