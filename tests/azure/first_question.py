"""A process that asks its first question: ``python -m tests.azure.first_question ENDPOINT KEY DEPLOYMENT WIRE``.

With ``LOOP_WATCHDOG_REPORT`` it tells which callbacks keep its event loop busy.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from azure_assistant import AssistantConfig, LazyAssistant
from azure_assistant.assistant import Prompt
from azure_assistant.events import ChartReady, Finished, RunStarted
from tests.azure.support import ask, attach, content
from tests.support.in_bot.loop_watchdog import arm_if_asked


async def main(endpoint: str, key: str, deployment: str, wire: str) -> None:
    """A thread, a file, a question with a chart, a second one, what a crash leaves, and the end of it all."""
    config = AssistantConfig(endpoint, key, deployment=deployment)
    assistant = LazyAssistant(replace(config, api="assistants") if wire == "assistants" else config)
    thread = await assistant.create_thread({"slack_thread": "T1:C1:1.2"})
    file = await attach(assistant, thread, "sales.csv", b"region,sales\nnorth,10\n")
    events = await ask(assistant, thread, Prompt("Sales?", files=[file]))
    charts = [event.artifact for event in events if isinstance(event, ChartReady)]
    assert charts
    assert isinstance(events[-1], Finished)
    for chart in charts:
        assert await content(assistant, chart.ref)
    assert isinstance((await ask(assistant, thread, "And now?"))[-1], Finished)
    (started,) = [event for event in events if isinstance(event, RunStarted)]
    assert isinstance([event async for event in assistant.resume(thread, started.run_id)][-1], Finished)
    await assistant.remove_file(thread, file.file.id)
    await assistant.delete_thread(thread)
    await assistant.close()


if __name__ == "__main__":
    arm_if_asked()
    asyncio.run(main(*sys.argv[1:]))
