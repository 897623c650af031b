"""How many tokens of a prompt the local Azure has read before."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI

from playground.azure.service.clock import ManualClock
from tests.playground.azure_calls import ask, container, tool

LONG = "word " * 2000  # 2,500 tokens


async def cached(client: AsyncOpenAI, text: str, **more: Any) -> int:
    usage = (await ask(client, text, **more)).usage
    assert usage is not None
    assert usage.input_tokens_details.cached_tokens <= usage.input_tokens
    return usage.input_tokens_details.cached_tokens


async def test_the_same_beginning_is_cached_in_whole_blocks(client: AsyncOpenAI) -> None:
    assert await cached(client, f"{LONG} one") == 0
    assert await cached(client, f"{LONG} two") == 2500 // 128 * 128
    assert await cached(client, f"x {LONG} one") == 0


async def test_less_than_the_least_counts_as_nothing(client: AsyncOpenAI) -> None:
    for _ in range(2):
        assert await cached(client, "word " * 815) == 0
    assert await cached(client, "word " * 825) == 0
    assert await cached(client, "word " * 825) == 1024


async def test_wide_characters_are_tokens_of_their_own(client: AsyncOpenAI) -> None:
    assert await cached(client, "売" * 1100) == 0
    assert await cached(client, "売" * 1100) == 1024


async def test_each_key_has_a_cache_of_its_own(client: AsyncOpenAI) -> None:
    assert await cached(client, LONG, prompt_cache_key="a") == 0
    assert await cached(client, LONG, prompt_cache_key="b") == 0
    assert await cached(client, LONG, prompt_cache_key="b") > 2000


async def test_a_conversation_is_cached_as_far_as_it_was_read(client: AsyncOpenAI) -> None:
    conversation = (await client.conversations.create()).id
    assert await cached(client, f"{LONG}[[long 8000]]", conversation=conversation) == 0
    second = await cached(client, "[[say yes]]", conversation=conversation)
    assert 2400 < second <= 2560, "its answer was written, not read"
    assert await cached(client, "[[say no]]", conversation=conversation) > 4200


async def test_other_instructions_and_other_tools_begin_another_prompt(client: AsyncOpenAI) -> None:
    first, second = [tool(await container(client)) for _ in range(2)]
    assert await cached(client, LONG, instructions="a", tools=first) == 0
    assert await cached(client, LONG, instructions="b", tools=first) == 0
    assert await cached(client, LONG, instructions="a") == 0
    assert await cached(client, LONG, instructions="a", tools=second) > 2000, "which container it is, no model reads"


async def test_what_is_not_read_again_is_forgotten(client: AsyncOpenAI, clock: ManualClock) -> None:
    await cached(client, LONG)
    clock.advance(minutes=29)
    assert await cached(client, LONG) > 2000
    clock.advance(minutes=31)
    assert await cached(client, LONG) == 0
