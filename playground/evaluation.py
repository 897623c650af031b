"""``python -m playground.evaluation``: ``bot.py eval`` against the local Azure.

There the offline analyst answers, or the model that ``PLAYGROUND_MODEL_URL`` and ``PLAYGROUND_MODEL_NAME`` name.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from playground.__main__ import ROOT, say, start_azure
from playground.azure.model.upstream import UpstreamModel, upstream_model


async def evaluate(arguments: Sequence[str], upstream: UpstreamModel | None) -> int:
    """Run ``bot.py eval`` with some arguments; returns its exit code."""
    async with AsyncExitStack() as stack:
        model = await start_azure(stack, "responses", upstream)
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ROOT / "bot.py"), "eval", *arguments), env={**os.environ, **model}
        )
        return await bot.wait()


def main() -> int:
    """Evaluate; returns the exit code."""
    try:
        upstream = upstream_model(os.environ)
    except ValueError as error:
        say(str(error))
        return 2
    return asyncio.run(evaluate(sys.argv[1:], upstream))


if __name__ == "__main__":
    sys.exit(main())
