"""``python -m tests.fuzz --minutes 60 --only payloads cleaning``: one target after the other, and a report.

Inputs that reached new code are kept in ``.fuzz/`` and are where the next run goes on.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import NAMES, load

HOME = Path(__file__).resolve().parents[2] / ".fuzz"
LONGEST_INPUT = 4096
HANGS_AFTER = 30
MEMORY = 2048
"""Megabytes."""


@dataclass(frozen=True)
class Outcome:
    """What came of fuzzing a target; ``finds`` that earlier runs had not made."""

    name: str
    seconds: float
    executions: int
    finds: int
    crashed: bool


def main() -> int:
    """Fuzz; 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=8.0, help="in all, shared equally (8)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, metavar="TARGET", help=" ".join(NAMES))
    options = parser.parse_args()
    outcomes = [fuzz(name, 60 * options.minutes / len(options.only)) for name in options.only]
    say("{:<10} {:>8} {:>11} {:>6}".format("target", "seconds", "executions", "finds"))
    for one in outcomes:
        say(f"{one.name:<10} {one.seconds:>8.0f} {one.executions:>11,} {one.finds:>6}{' crashed' * one.crashed}")
    found = sum(one.finds for one in outcomes)
    if found:
        say(f"Finds, each with its traceback: {HOME}/finds")
    return int(bool(found) or any(one.crashed for one in outcomes))


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fuzz(name: str, seconds: float) -> Outcome:
    """Fuzz one target in a process of its own."""
    corpus, finds = HOME / "corpus" / name, HOME / "finds" / name
    for folder in (corpus, finds):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(load(name).seeds()):
        (corpus / f"seed-{number:03d}").write_bytes(seed)
    limits = [f"-max_total_time={int(seconds)}", f"-timeout={HANGS_AFTER}", f"-rss_limit_mb={MEMORY}"]
    limits += [f"-max_len={LONGEST_INPUT}", f"-artifact_prefix={finds}/", "-print_final_stats=1", "-verbosity=1"]
    say(f"{name}: {seconds:.0f} s…")
    known, begun = set(finds.iterdir()), time.monotonic()
    command = [sys.executable, "-m", "tests.fuzz.run", name, str(finds), *limits, str(corpus)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode(errors="replace")
    (HOME / f"{name}.log").write_text(said)
    executions = re.findall(r"number_of_executed_units:\s+(\d+)|^#(\d+)", said, re.MULTILINE)
    count = max((int(number) for pair in executions for number in pair if number), default=0)
    fresh = [path for path in finds.iterdir() if path.suffix in {".txt", ""} and path not in known]
    return Outcome(name, time.monotonic() - begun, count, len(fresh), done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
