"""What ``python bot.py eval`` is asked for, and what it says."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.settings import Settings
from errors import CannotStart
from evals.answers import Judged
from evals.cases import Case
from evals.comparing import differences
from evals.reports.as_html import as_html
from evals.reports.as_json import as_json
from evals.reports.as_markdown import as_markdown, as_table, figures
from evals.reports.summary import compared
from evals.requirements import Requirement
from evals.results import About, Results, read_results, row_of

UNMET = 3
"""The exit code when requirements are not met, or something is worse."""


async def measure(settings: Settings, chosen: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Ask a set of questions, write the reports, and say what they are.

    Returns:
        0, or ``UNMET``.

    Raises:
        CannotStart: No question was answered; or the folder cannot be written.
    """
    judged = await _ask(settings, cases, chosen.at_once)
    if not any(one.given.outcome in {"answered", "asked"} for one in judged):
        raise CannotStart(f"No question was answered: {judged[0].given.error or judged[0].given.outcome}")
    results = Results(_about(settings, chosen.questions), [row_of(one) for one in judged])
    await asyncio.to_thread(_write, Path(chosen.to), results, judged)
    sys.stdout.write(f"{figures(results)}\n{Path(chosen.to) / 'report.html'}\n")
    return _unmet(results, chosen.require)


def compare(before: str, after: str) -> int:
    """Say how two reports differ.

    Returns:
        0, or ``UNMET`` when a share is worse.

    Raises:
        CannotStart: One of them is no report, or they have no question in common.
    """
    found = list(differences(read_results(Path(before)), read_results(Path(after))))
    if not found:
        raise CannotStart("The two reports have no question in common.")
    sys.stdout.write(f"{as_table(compared(found))}\n")
    return UNMET if any(one.is_share and one.verdict == "worse" for one in found) else 0


async def _ask(settings: Settings, cases: Sequence[Case], at_once: int) -> Sequence[Judged]:
    from app.evaluating.bench import open_bench
    from evals.asking import ask_all

    progress = _Progress(sum(len(case.turns) for case in cases))
    async with open_bench(settings) as bench:
        try:
            return await ask_all(bench, cases, at_once, progress.tell)
        finally:
            progress.end()


def _about(settings: Settings, questions: str) -> About:
    from azure_assistant.run.instructions import VERSION

    return About(
        questions=questions,
        deployment=settings.assistant.deployment,
        api=settings.assistant.api,
        instructions=VERSION,
        at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        currency=settings.policy.prices.currency,
    )


def _write(folder: Path, results: Results, judged: Sequence[Judged]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(as_json(results.about, judged), encoding="utf-8")
        (folder / "report.md").write_text(as_markdown(results, judged), encoding="utf-8")
        (folder / "report.html").write_text(as_html(results, judged), encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"The reports cannot be written to {folder} ({error.strerror}).") from error


def _unmet(results: Results, required: Sequence[Requirement]) -> int:
    unmet = [words for one in required if (words := one.unmet(results.rows))]
    for words in unmet:
        sys.stderr.write(f"Not met: {words}.\n")
    return UNMET if unmet else 0


class _Progress:
    """A bar on a terminal, and elsewhere nothing."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._began = total, 0, time.monotonic()
        self._is_shown = sys.stderr.isatty()
        self._show()

    def tell(self, _: Judged) -> None:
        """One more question has its answer."""
        self._done += 1
        self._show()

    def end(self) -> None:
        """Leave the bar's line."""
        if self._is_shown:
            sys.stderr.write("\n")

    def _show(self) -> None:
        if self._is_shown:
            filled = 30 * self._done // max(1, self._total)
            seconds = time.monotonic() - self._began
            bar = "█" * filled + "·" * (30 - filled)
            sys.stderr.write(f"\r{bar} {self._done} of {self._total} questions, {seconds:.0f} s")
            sys.stderr.flush()
