"""A worker that dies: the run ends and says so, instead of waiting for ever."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.support.crashes import DIED
from tests.support.world import ROOT

WELL = "def test_one(): pass\ndef test_two(): pass\n"
DIES = "import os\ndef test_one(): os.abort()\ndef test_two(): pass\n"


async def test_a_dead_worker_ends_the_run_with_a_code_of_its_own(tmp_path: Path) -> None:
    for name, code in (("a", WELL), ("b", DIES), ("c", WELL), ("d", WELL)):
        (tmp_path / f"test_{name}.py").write_text(code)
    options = ("-n", "2", "--dist", "loadfile", "-p", "tests.support.crashes", "-p", "no:cacheprovider")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", *options),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == DIED
    assert b"NOT ALL TESTS HAVE RUN: gw" in told
