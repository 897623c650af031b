"""What the doctor finds, line by line."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

State = Literal["good", "lacking", "bad"]
SIGNS: dict[State, str] = {"good": "✓", "lacking": "–", "bad": "✗"}
WIDTH = 28


@dataclass(frozen=True)
class Finding:
    """A line of the report. ``lacking``: not there, not tried, or not needed."""

    name: str
    state: State
    detail: str
    fix: str = ""


Findings = AsyncGenerator[Finding, None]


async def are_good(findings: Findings, tell: Callable[[Finding], None]) -> bool:
    """Whether none of them is bad; each is told as soon as it is there."""
    good = True
    async with aclosing(findings) as found:
        async for finding in found:
            tell(finding)
            good = good and finding.state != "bad"
    return good


def write(finding: Finding) -> None:
    """Write one line, and one for the fix."""
    sys.stdout.write(f"{SIGNS[finding.state]} {finding.name:{WIDTH}} {finding.detail}\n")
    if finding.fix:
        sys.stdout.write(f"  {'':{WIDTH}} → {finding.fix}\n")
    sys.stdout.flush()
