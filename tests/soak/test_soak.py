"""A minute of the soak: every trouble once, two replicas, and the proof. ``make soak`` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.soak.plan import Size
from tests.soak.report import readable
from tests.soak.soak import Soak
from tests.support.postgres import fresh_database

SEED = 7
SIZE = Size(seconds=12, questions=36, threads=8, people=6, channels=5)


async def test_each_question_has_one_outcome_in_order(tmp_path: Path, postgres: str) -> None:
    """It takes as long as it takes: what ends it is that all is asked, every trouble made, and the proof holds."""
    with fresh_database(postgres) as url:
        figures, findings = await Soak(SIZE, SEED, decks=1, closing_pause=0.1, forks=True).run(tmp_path, url)
    told = readable(figures)
    assert not findings, told
    assert figures["questions"]["accepted"] >= SIZE.questions, told
    assert figures["questions"]["pairs in certain order"] > SIZE.questions, told
    assert figures["outcomes"]["answer"] > SIZE.questions / 2, told
    assert figures["troubles"]["kill -9"] > 1, told
    assert figures["troubles"]["SIGTERM"] == 1, told
    assert figures["met"]["slack"]["429"] > 0, told
    assert figures["met"]["deliveries beyond the first"] > SIZE.questions, told
