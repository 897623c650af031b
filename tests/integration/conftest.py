"""A local Slack, a local Azure OpenAI, and the real bot: as a process for one test, or in this one for a module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from playground.analyst import OfflineAnalyst
from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from tests.support.one_kernel import OneKernel
from tests.support.world import World


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture
async def world(tmp_path: Path, model: ScriptedModel) -> AsyncIterator[World]:
    async with World(tmp_path, model, ScriptedInterpreter(), seed=1) as made:
        await made.start_bot()
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Scripted runs; for tests that need no fault and no settings of their own."""
    folder = tmp_path_factory.mktemp("bot")
    async with World(folder, ScriptedModel(), ScriptedInterpreter()) as made:
        await made.run_bot()
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def analyst_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Real Python, and the offline analyst's answers."""
    folder = tmp_path_factory.mktemp("bot")
    async with World(folder, OfflineAnalyst(pace=0.0), await OneKernel().start()) as made:
        await made.run_bot()
        yield made
