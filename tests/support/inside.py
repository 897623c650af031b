"""The bot inside the process of the tests: no start to wait for, and a debugger and coverage see it.

What needs another life of the bot (kill -9, signals, exit codes, the start itself, replicas) needs a process.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app import run as lifecycle
from app.logs import start_logging
from app.settings import read_settings
from tests.support.forkserver import set_constants

Write = Callable[[str], None]

LOOSE_ENDS = {"DRAIN_SECONDS": "0"}
"""What still runs at the end of the tests is left."""


class BotInside:
    """A bot that runs as a task of the present loop. The engine allows one at a time in a process.

    Args:
        folder: For files of its own.
        environment: Its settings.
        constants: See ``World``.
        write: Takes each line that it logs.
    """

    _running: BotInside | None = None

    def __init__(
        self, folder: Path, environment: Mapping[str, str], constants: Mapping[str, float], write: Write
    ) -> None:
        assert BotInside._running is None, "another bot runs in this process"
        BotInside._running = self
        self._stop = asyncio.Event()
        usual = {**LOOSE_ENDS, "SPOOL_DIR": str(folder)}
        self._settings = read_settings({**usual, **environment}, dotenv=None)
        self._ended = asyncio.create_task(self._run(constants, write))

    async def _run(self, constants: Mapping[str, float], write: Write) -> None:
        try:
            with _constants(constants), _temporary_files(), _logged(write):
                await lifecycle.run(self._settings, self._stop)
        finally:
            BotInside._running = None

    async def ended(self) -> None:
        """Wait for its end; raises what it ended with."""
        await asyncio.shield(self._ended)

    async def stop(self) -> None:
        """Let it end as after SIGTERM."""
        self._stop.set()
        await self._ended


@contextmanager
def _constants(values: Mapping[str, float]) -> Iterator[None]:
    usual = set_constants(values)
    try:
        yield
    finally:
        set_constants(usual)


@contextmanager
def _temporary_files() -> Iterator[None]:
    """A bot says where they lie in its whole process."""
    usual = tempfile.tempdir
    try:
        yield
    finally:
        tempfile.tempdir = usual


@contextmanager
def _logged(write: Write) -> Iterator[None]:
    start_logging("INFO")
    handler = _Lines(write)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


class _Lines(logging.Handler):
    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write = write
        self.setFormatter(logging.Formatter("%(levelname)-7s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self.format(record) + "\n")
