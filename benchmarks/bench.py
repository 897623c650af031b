"""What all figures share: how often and how large, stages, and a PostgreSQL server."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.model import Tempo
from benchmarks.process import children, parent
from benchmarks.stage import Kind, Round, Stage
from tests.support.postgres import fresh_database, postgres_server


@dataclass
class Bench:
    """How to measure.

    Args:
        runs: How often each figure is taken; its median counts.
        scale: Part of the full number of questions, and of a file's full size.
        tempo: How the model answers.
        idle_seconds: How long nothing happens.
        warm: Seconds in which a warm bot shows what it uses when idle.
        pace: Factor of the services' latencies.
        alone: Whether the figures with these latencies leave out the plain bots.
        forks: Whether the bot is forked: its start is not measured then.
        server: A PostgreSQL server's URL; one is started when it is needed and empty.
    """

    runs: int = 5
    scale: float = 1.0
    tempo: Tempo = field(default_factory=Tempo)
    idle_seconds: float = 20.0
    warm: float = 4.0
    pace: float = 1.0
    alone: bool = False
    forks: bool = False
    server: str = ""
    _stack: ExitStack = field(default_factory=ExitStack)

    def sizes(self, count: int) -> int:
        """A number of questions, at this scale."""
        return max(2, int(count * self.scale))

    @asynccontextmanager
    async def stage(self, database: str, **options: Any) -> AsyncIterator[Stage]:
        """A fresh stage on SQLite or PostgreSQL, without a bot. ``options``: those of ``Stage``."""
        with tempfile.TemporaryDirectory(prefix="analyst-bench-") as name, ExitStack() as stack:
            async with Stage(Path(name), **options) as made:
                made.model.tempo, made.forks = self.tempo, self.forks
                if database == "postgres":
                    made.database_url = stack.enter_context(fresh_database(self._postgres()))
                yield made

    async def one_round(self, kind: Kind, count: int, *, database: str = "sqlite", replicas: int = 1) -> Round:
        """A round of simultaneous questions to freshly started, warm bots."""
        async with self.stage(database) as stage:
            for _ in range(replicas):
                await stage.start(kind)
            tempo, stage.model.tempo = stage.model.tempo, Tempo(silence=0.1, pieces=20, pause=0.05)
            await stage.round(5)
            await stage.learn_idle(self.warm)
            stage.model.tempo = tempo
            one = await stage.round(count)
            one.doubled = stage.doubled(one.asked) if kind == "bot" else 0
            return one

    def _postgres(self) -> str:
        if not self.server:
            self.server = self._stack.enter_context(postgres_server())
        return self.server

    def server_processes(self) -> list[int]:
        """The PostgreSQL server's processes."""
        with psycopg.connect(f"{self._postgres()}/postgres") as connection:
            return children(parent(connection.info.backend_pid))

    def close(self) -> None:
        """End the PostgreSQL server."""
        self._stack.close()
