"""A local Azure with a model that does what the test says, and the real assistant talking to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from azure_assistant import AssistantConfig, open_assistant
from azure_assistant.assistant import Assistant, Thread
from azure_assistant.retries import RetryPolicy
from playground.azure.server import LocalAzure
from tests.azure.support import TestInterpreter, TestModel

QUICK = RetryPolicy(first=0.01, longest=0.05, patience=2.0, busy_first=0.01, busy_longest=0.05)


@pytest.fixture
def interpreter() -> TestInterpreter:
    return TestInterpreter()


@pytest.fixture
def model(interpreter: TestInterpreter) -> TestModel:
    return TestModel(interpreter)


@pytest.fixture
async def azure(model: TestModel, interpreter: TestInterpreter) -> AsyncIterator[LocalAzure]:
    server = LocalAzure(model, interpreter)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def config(azure: LocalAzure) -> AssistantConfig:
    return AssistantConfig(azure.endpoint, azure.api_key, deployment=azure.deployment, retries=QUICK)


@pytest.fixture
async def assistant(config: AssistantConfig) -> AsyncIterator[Assistant]:
    opened = open_assistant(config)
    yield opened
    await opened.close()


@pytest.fixture
async def thread(assistant: Assistant) -> Thread:
    return await assistant.create_thread({"slack_thread": "T1:C1:1.2"})
