"""A run through as many attempts as it takes; what an attempt is, the backends say."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal

from azure_assistant.assistant import Failed, RunEvent, Usage, Waiting
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, RateLimited, RunTimedOut, ThreadBusy
from azure_assistant.timing import Deadline

log = logging.getLogger(__name__)


class RunLoop(ABC):
    """Turns errors into further attempts, or into ``Failed``."""

    def __init__(self, config: AssistantConfig) -> None:
        self.deadline = Deadline(config.run_seconds)
        self.backoff = config.retries.start(safe=True)

    @property
    @abstractmethod
    def run_id(self) -> str:
        """Id of the run, once known."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The answer so far."""

    @abstractmethod
    def spent(self) -> Usage:
        """What the run has cost, as far as that is known; asked once, at its end."""

    @abstractmethod
    def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Ask once. Raises ``AssistantError``."""

    @abstractmethod
    async def recover(self, error: AssistantError) -> float:
        """Make another attempt possible; returns the seconds to wait before it, or raises the final error."""

    async def events(self) -> AsyncGenerator[RunEvent, None]:
        """The events of ``Assistant.run``."""
        while True:
            try:
                async with aclosing(self.attempt()) as events:
                    async for event in events:
                        yield event
            except AssistantError as error:
                failure = error
            else:
                return
            try:
                delay = await self._recovered(failure)
            except AssistantError as error:
                log.warning("run %s failed after %.0f s: %s", self.run_id or "?", self.deadline.elapsed, error)
                yield Failed(error, self.text, self.spent())
                return
            if delay:
                yield Waiting(delay, _reason(failure))
                await asyncio.sleep(delay)

    async def abandon(self) -> None:
        """End at the service what takes too long. Without a connection most runs end by themselves."""
        log.info("run %s takes too long", self.run_id or "?")

    async def _recovered(self, error: AssistantError) -> float:
        if isinstance(error, RunTimedOut):
            await self.abandon()
            raise error
        if self.text:
            raise error
        return await self.deadline.keep(self.recover(error))

    def later(self, error: AssistantError) -> float:
        """Seconds until the next attempt by the policy, or raises the error."""
        delay = self.backoff.after(error)
        if delay is None:
            raise error
        return delay


def _reason(error: AssistantError) -> Literal["rate_limit", "busy", "retry"]:
    if isinstance(error, RateLimited):
        return "rate_limit"
    return "busy" if isinstance(error, ThreadBusy) else "retry"
