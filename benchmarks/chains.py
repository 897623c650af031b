"""The longest chain of each row: what remains of the waits when nothing waits for what it does not need."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapreplace

from playground.latencies import Latencies

TRANSFERS = 4
"""Files of a turn that are on their way from Slack to Azure, or back, at a time."""
ADDITIONS = 8
"""Files that are added to a sandbox at a time."""


def ends(begun: Iterable[float], seconds: float, at_once: int) -> list[float]:
    """When pieces of work end that may begin at these moments, so many at a time."""
    free = [0.0] * at_once
    found = []
    for moment in sorted(begun):
        found.append(max(moment, free[0]) + seconds)
        heapreplace(free, found[-1])
    return found


def before_the_model(latencies: Latencies, files: int, *, sandbox: bool) -> float:
    """From a mention with files until the model is asked. ``sandbox``: whether this wire wants one made first."""
    moving = latencies.slack["download"] + latencies.of_azure("POST", "/files")
    here = ends([latencies.slack["files.info"]] * files, moving, TRANSFERS)
    thread = latencies.of_azure("POST", "/conversations" if sandbox else "/threads")
    if not sandbox:
        return max([thread, *here])
    return max(thread, renewal(latencies, here))


def renewal(latencies: Latencies, here: Iterable[float]) -> float:
    """Until a new sandbox has files that are at Azure at these moments."""
    made = latencies.of_azure("POST", "/containers")
    adding = latencies.of_azure("POST", "/containers/x/files")
    return max([made, *ends([max(made, moment) for moment in here], adding, ADDITIONS)])


def until_charts(latencies: Latencies, charts: int, *, sandbox: bool) -> float:
    """From the end of a run until the last chart is visible: fetched, brought to Slack, and shared together."""
    slack = latencies.slack
    fetching = latencies.of_azure("GET", f"{'/containers/x' if sandbox else ''}/files/x/content")
    moving = fetching + slack["files.getUploadURLExternal"] + slack["upload"]
    return max(ends([0.0] * charts, moving, TRANSFERS)) + slack["files.completeUploadExternal"]


def until_text(latencies: Latencies) -> float:
    """From the end of a run until its text is complete: the write that is under way, and the last one."""
    return latencies.slack["chat.appendStream"] + latencies.slack["chat.stopStream"]
