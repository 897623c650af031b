"""What a follow-up costs: of the tokens that the model reads, those that the service did not have in its cache."""

from __future__ import annotations

import itertools
from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.model import AT_ONCE
from benchmarks.stage import letters
from benchmarks.table import Row, median
from playground.azure.responses.prompt_cache import BLOCK
from tests.support.world import ANN, KENJI


async def billed_anew(bench: Bench) -> list[Row]:
    """Follow-ups about a file, by one person, and by two with other locales in turn."""
    rows = []
    count = bench.sizes(20)
    for said, askers in (("one person", (ANN,)), ("two people in turn", (ANN, KENJI))):
        async with bench.stage("sqlite") as stage:
            await stage.start("bot")
            stage.model.tempo = replace(AT_ONCE, characters=400)
            channel = stage.new_channel()
            thread = await stage.ask("what is the total", channel=channel, files=[("sales.csv", b"day,amount\n1,17\n")])
            await stage.outcomes(channel, thread)
            for number in range(count):
                await stage.ask(
                    f"and times {letters(number)}", user=askers[number % len(askers)], channel=channel, thread=thread
                )
                await stage.outcomes(channel, thread, number + 2)
            used = [one.json["usage"] for one in stage.azure.responses.values()]
        read = [usage["input_tokens"] for usage in used]
        cached = [usage["input_tokens_details"]["cached_tokens"] for usage in used]
        anew = median([one - known for one, known in zip(read[1:], cached[1:], strict=True)])
        new = median([one - before for before, one in itertools.pairwise(read)]) + BLOCK
        row = Row(f"input tokens billed anew per follow-up, {said}", f"≤ {new:.0f}", f"{anew:.0f}", anew <= new)
        row.note = f"goal: what was said since, and one block; {sum(cached[1:]) / sum(read[1:]):.0%} of all is cached"
        rows.append(row)
    return rows
