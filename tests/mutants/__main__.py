"""``make mutants``: would the quick tests of the heart notice a mistake in it?

mutmut makes one small mistake at a time (``[tool.mutmut]`` in pyproject.toml says where) and runs the tests that come
by there. Of the thousands of mistakes a seeded sample is tried; the ones that no test notices are shown.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

MUTMUT = [str(Path(sys.executable).parent / "mutmut")]
NOTICED = {"killed", "timeout", "segfault", "caught by type check", "suspicious"}
GOAL = 85
"""Percent of the sample that must be noticed."""


def main() -> int:
    """Try a sample; returns the process's exit code."""
    options = _options()
    os.environ["QUICK_SECONDS"] = "60"
    shutil.rmtree("mutants", ignore_errors=True)  # else the tests of the last time are run
    _run("run", "--max-children", str(options.processes), "nothing.is.called.so", quiet=True)
    known = [name for name in _states() if any(part in name for part in options.only or [""])]
    sample = random.Random(options.seed).sample(sorted(known), min(options.number, len(known)))
    _say(f"{len(sample)} of {len(known)} mutants, seed {options.seed}.")
    for begin in range(0, len(sample), options.batch):
        _run("run", "--max-children", str(options.processes), *sample[begin : begin + options.batch], quiet=True)
        _say(_told(sample[: begin + options.batch]))
    states = _states()
    for name in sample:
        if states.get(name) not in NOTICED:
            _say(f"\n{name}: {states.get(name)}")
            _run("show", name)
    noticed = sum(states.get(name) in NOTICED for name in sample)
    return 0 if noticed * 100 >= GOAL * len(sample) else 1


def _told(sample: Sequence[str]) -> str:
    states = _states()
    counted = Counter(states.get(name, "?") for name in sample)
    noticed = sum(number for state, number in counted.items() if state in NOTICED)
    return f"{noticed} of {len(sample)} noticed ({noticed / len(sample):.0%}): {dict(counted)}"


def _states() -> dict[str, str]:
    """What has become of each mutant."""
    told = subprocess.run([*MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=True).stdout
    pairs = (line.strip().rpartition(": ") for line in told.splitlines() if ": " in line)
    return {name: state for name, _, state in pairs}


def _run(*arguments: str, quiet: bool = False) -> None:
    output = subprocess.DEVNULL if quiet else None
    subprocess.run([*MUTMUT, *arguments], stdout=output, stderr=output, check=False)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--number", type=int, default=400, help="how many mutants are tried")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--only", nargs="*", help="parts of the names of mutants, such as limits or plan")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--batch", type=int, default=50, help="mutants between two lines of progress")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
