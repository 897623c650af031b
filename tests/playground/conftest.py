"""A local Azure with the scripted model, and the real SDK talking to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.azure.server import LocalAzure
from playground.azure.service.clock import ManualClock
from playground.azure.service.settings import Settings


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture
def interpreter() -> ScriptedInterpreter:
    return ScriptedInterpreter()


@pytest.fixture
async def azure(
    model: ScriptedModel, interpreter: ScriptedInterpreter, clock: ManualClock
) -> AsyncIterator[LocalAzure]:
    async with LocalAzure(model, interpreter, Settings(clock=clock)) as server:
        yield server


@pytest.fixture
async def client(azure: LocalAzure) -> AsyncIterator[AsyncOpenAI]:
    async with connect(azure) as connected:
        yield connected


@pytest.fixture
async def sdk(azure: LocalAzure) -> AsyncIterator[AsyncAzureOpenAI]:
    """The SDK of the Assistants wire."""
    async with AsyncAzureOpenAI(
        azure_endpoint=azure.endpoint,
        api_version="2025-04-01-preview",
        api_key=azure.api_key,
        max_retries=0,
        timeout=20,
    ) as opened:
        yield opened


def connect(azure: LocalAzure, prefix: str = "/openai/v1/", key: str | None = None) -> AsyncOpenAI:
    """The SDK as the bot uses it, without retries."""
    return AsyncOpenAI(base_url=azure.endpoint + prefix, api_key=key or azure.api_key, max_retries=0, timeout=20)
