"""A file that outgrows the sandbox: the real bot goes on in a larger one, and says so."""

from __future__ import annotations

from pathlib import Path

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from replies.views.sentences import NOTES
from tests.support.world import SALES, SOONER, World

SMALL = b"region,revenue\nEast,10\n"
LARGE = SMALL + b"West,20\n" * 60
PER_GIGABYTE = 100
"""Bytes of data for which a sandbox has a gigabyte here."""


async def test_the_thread_is_told_of_a_larger_sandbox(tmp_path: Path) -> None:
    interpreter = ScriptedInterpreter()
    async with World(tmp_path, ScriptedModel(), interpreter) as world:
        world.constants = {**SOONER, "azure_assistant.sandbox_memory.TIMES": 2**30 // PER_GIGABYTE}
        world.settings["MAX_SANDBOX_MEMORY"] = "16g"
        await world.run_bot()
        ts = await world.ask("[[file]]", files=[("small.csv", SMALL)])
        await world.outcomes(SALES, ts, files=1)
        (small,) = world.azure.containers.values()
        await world.ask("[[context]] [[files]]", thread=ts, files=[("large.csv", LARGE)])
        said = await world.says(SALES, ts, NOTES["larger_sandbox"])
        (large,) = world.azure.containers.values()
        assert (small.memory_limit, large.memory_limit) == ("1g", "16g")
        assert interpreter.gigabytes[large.id] == 16
        assert "16 GB of memory" in said
        listed = {line.partition(" ")[0].partition("-")[2] for line in said.splitlines() if line.startswith("cfile_")}
        assert len(large.files) == 4, "both of the person's files, what charts need, and the one that was made"
        assert listed <= {"out.csv"}
        await world.ask("[[say Third]]", thread=ts)
        await world.outcomes(SALES, ts, 3)
        assert len(world.azure.requests.of("POST", "/containers")) == 2
