"""What the model reads again is in the service's cache."""

from __future__ import annotations

import pytest

from azure_assistant.assistant import Assistant, Prompt, Thread
from azure_assistant.events import Finished, Usage
from playground.azure.server import LocalAzure
from tests.azure.support import TestModel, ask

BLOCK = 128
LONG = "word " * 1500


async def used(assistant: Assistant, thread: Thread, prompt: Prompt) -> Usage:
    last = (await ask(assistant, thread, prompt))[-1]
    assert isinstance(last, Finished), last
    return last.usage


async def test_each_conversation_has_a_key_of_its_own(azure: LocalAzure, assistant: Assistant, thread: Thread) -> None:
    other = await assistant.create_thread({})
    for asked in (thread, other, thread):
        await ask(assistant, asked, "one")
    keys = [entry.body["prompt_cache_key"] for entry in azure.requests.of("POST", "/responses")]
    assert keys == [thread.id, other.id, thread.id]


@pytest.mark.parametrize(
    "others",
    [Prompt("and?"), Prompt("und?", locale="de-DE", timezone="Europe/Berlin"), Prompt("次は?", cjk_font=True)],
    ids=["the same person", "somebody else", "in another script"],
)
async def test_a_follow_up_pays_for_what_is_new(
    model: TestModel, assistant: Assistant, thread: Thread, others: Prompt
) -> None:
    model.answers = lambda _: [LONG]
    await used(assistant, thread, Prompt("what?", cjk_font=others.cjk_font))
    before = await used(assistant, thread, Prompt("why?"))
    after = await used(assistant, thread, others)
    assert after.cached_tokens >= before.input_tokens // BLOCK * BLOCK - BLOCK
    assert after.input_tokens - after.cached_tokens < len(LONG) // 4 + 3 * BLOCK
