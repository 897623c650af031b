"""The heart without Slack, put together: the configured deployment behind a workspace in memory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from app.settings import Settings
from azure_assistant import LazyAssistant
from azure_assistant.errors import SetupError
from azure_assistant.events import Usage
from conversations.access.limits import Limits
from conversations.database.database import Database
from conversations.engine.memory import MemoryEngine
from conversations.files.spool import Spool
from conversations.policy import Policy
from conversations.ports.testing import FakeReplies, FakeWindows, FakeWorkplace, FakeWorkspaces
from conversations.service import Conversations, Ports
from conversations.store.questions import QuestionStore
from conversations.store.results import known
from errors import CannotStart
from evals.asking import Bench
from helper.checks import HelperChecks
from helper.pool import HelperPool

_CHUNK = 64 * 1024


@asynccontextmanager
async def open_bench(settings: Settings) -> AsyncIterator[Bench]:
    """A bench; what it keeps lies in a folder that goes with it.

    Raises:
        CannotStart: Something that a person must put right.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="analyst-eval-")))
        database = Database(f"sqlite:///{folder / 'eval.db'}")
        stack.push_async_callback(database.close)
        await database.open()
        spool = Spool(settings.spool_bytes, folder / "spool")
        stack.push_async_callback(spool.close)
        await spool.open()
        helpers = HelperPool()
        stack.push_async_callback(helpers.close)
        try:
            assistant = LazyAssistant(settings.assistant)
        except SetupError as error:
            raise CannotStart(str(error)) from error
        stack.push_async_callback(assistant.close)
        await assistant.load()  # else the first answers take as long as the import does

        workplace, replies, engine = FakeWorkplace(chunk=_CHUNK), FakeReplies(), MemoryEngine()
        limits = Limits(run_minutes=settings.policy.limits.run_minutes)  # who may ask how often is no question here
        conversations = Conversations(
            database,
            engine,
            Ports(assistant, FakeWorkspaces(workplace, replies, FakeWindows()), helpers, HelperChecks()),
            spool,
            Policy(limits=limits, prices=settings.policy.prices, check=settings.policy.check),
        )
        await conversations.open()
        stack.push_async_callback(conversations.close)

        def cost(usage: Mapping[str, float]) -> float | None:
            return settings.policy.prices.cost(Usage(**known(Usage, dict(usage))))

        yield Bench(conversations, QuestionStore(database), workplace, replies, engine, cost)
