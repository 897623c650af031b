"""``make soak``: replicas on PostgreSQL, or one on SQLite; traffic, troubles, and the proof that nothing is lost."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
from pathlib import Path

from tests.soak.plan import Size
from tests.soak.report import readable
from tests.soak.soak import Soak
from tests.support.postgres import fresh_database, postgres_server


def main() -> int:
    """Soak, print the report, and write it as JSON.

    Returns:
        0 when the proof holds.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="of traffic and troubles (default: 30)")
    parser.add_argument("--questions", type=int, help="at least (default: 70 a minute)")
    parser.add_argument("--threads", type=int, help="at least (default: a tenth of the questions)")
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--sqlite", action="store_true", help="one replica on SQLite instead of PostgreSQL")
    parser.add_argument("--decks", type=float, default=1.0, help="of 28 troubles, a minute (default: 1)")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of all choices (default: random)")
    parser.add_argument("--limits", type=float, default=3.0, help="Slack's rate limits, times this (default: 3)")
    parser.add_argument("--out", type=Path, default=Path("build/soak.json"), help="the report (default: %(default)s)")
    given = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # bots are killed amid their requests
    questions = given.questions or int(70 * given.minutes)
    size = Size(given.minutes * 60, questions, given.threads or max(1, questions // 10))
    replicas = 1 if given.sqlite else given.replicas
    soak = Soak(size, given.seed, max(1, round(given.decks * given.minutes)), replicas, given.limits)
    sys.stdout.write(f"seed {given.seed}: {questions} questions in {size.threads} threads, {given.minutes:g} minutes\n")
    sys.stdout.flush()
    folder = Path(tempfile.mkdtemp(prefix="analyst-soak-"))
    if given.sqlite:
        figures, findings = asyncio.run(soak.run(folder, f"sqlite:///{folder}/analyst.db"))
    else:
        with postgres_server() as server, fresh_database(server) as url:
            figures, findings = asyncio.run(soak.run(folder, url))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    sys.stdout.write(f"{readable(figures)}\n  report: {given.out}; the bots' log: {folder / 'bots.log'}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
