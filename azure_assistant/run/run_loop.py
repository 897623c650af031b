"""A run through as many attempts as it takes: what an attempt is, the backends say; what follows it, its failure."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Literal, Protocol

from openai import AsyncStream

from azure_assistant.assistant import Failed, Json, Prompt, RunEvent, RunStarted, Usage, Waiting
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import (
    AssistantError,
    Decision,
    ParameterRefused,
    RateLimited,
    RunTimedOut,
    ThreadBusy,
    UnknownError,
    Unreachable,
    WebPageAnswered,
)
from azure_assistant.transport.deadline import Deadline
from azure_assistant.transport.error_mapping import BROKEN, SDK_ERRORS, from_sdk
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.wire_json import as_objects, is_stream, plain_json

log = logging.getLogger(__name__)

SHORTENED = 4000
"""Characters that are left of transcript and context when a conversation has become too long."""


class Reader(Protocol):
    """What a run has told so far.

    Attributes:
        id: The run's id, once known.
        text: The answer so far: the sum of all ``TextDelta``.
        final: The run as it ended, once that is known.
        failed: How it failed, as long as nothing has told why.
    """

    id: str
    final: Any
    failed: AssistantError | None

    @property
    def text(self) -> str:
        """See above."""
        ...

    def read(self, event: Any) -> Iterator[RunEvent]:
        """What an event of the stream means. Raises ``AssistantError``."""
        ...

    def read_whole(self, run: Any) -> Iterator[RunEvent]:
        """What a run means that came as plain JSON although a stream was asked for."""
        ...


class RunLoop(ABC):
    """Turns errors into further attempts, or into ``Failed``.

    Args:
        config: Duration and retries.
        prompt: The question.
        parameters: What this service has refused so far.
    """

    request = ""
    """Kind of request whose optional parameters are left out when they are refused."""
    reader: Reader
    """Of the running attempt."""

    def __init__(self, config: AssistantConfig, prompt: Prompt, parameters: OptionalParameters) -> None:
        self.deadline = Deadline(config.run_seconds)
        self.backoff = config.retries.start(safe=True)
        self.prompt = prompt
        self.notes: list[str] = []
        self._deployment = config.deployment
        self._parameters = parameters
        self._bare = False

    @property
    @abstractmethod
    def has_history(self) -> bool:
        """Whether the service keeps anything of this thread that could stand in the way."""

    @abstractmethod
    def wanted(self) -> dict[str, Json]:
        """The optional parameters of the request."""

    @abstractmethod
    def spent(self) -> Usage:
        """What the run has cost, as far as that is known; asked once, at its end."""

    @abstractmethod
    def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Ask once. Raises ``AssistantError``."""

    @abstractmethod
    def rest(self, reason: str) -> AsyncGenerator[RunEvent, None]:
        """What a stream that broke off for a reason has not delivered."""

    @abstractmethod
    def began(self, run: str) -> None:
        """Note that the run exists at the service."""

    @abstractmethod
    async def renew(self, error: AssistantError) -> bool:
        """Replace what the error says is lost; whether that could be done."""

    @abstractmethod
    async def new_thread(self) -> None:
        """Begin a new thread at the service, which is told the transcript."""

    async def take_back(self) -> None:
        """Take a question back that the service may have kept, before it is asked again."""
        log.debug("nothing is left behind on this wire")

    async def follow(self, stream: AsyncStream[object]) -> AsyncGenerator[RunEvent, None]:
        """The events of a stream, and of the stored run if the stream breaks off."""
        reader, reason = self.reader, "end of stream"
        try:
            async with aclosing(self._told(stream)) as events:
                async for event in events:
                    yield event
        except BROKEN as raw:
            if not reader.id:
                raise from_sdk(raw) from raw
            reason = type(raw.__cause__ or raw).__name__
        except SDK_ERRORS as raw:
            raise from_sdk(raw, deployment=self._deployment) from raw
        finally:
            await stream.close()
        if reader.failed is not None:
            raise reader.failed
        if reader.final is not None:
            return
        log.warning("stream of %s broke off (%s)", reader.id or "a run", reason)
        if not reader.id:
            raise Unreachable(reason) if is_stream(stream.response) else WebPageAnswered(reason)
        async with aclosing(self.rest(reason)) as events:
            async for event in events:
                yield event

    async def _told(self, stream: AsyncStream[object]) -> AsyncGenerator[RunEvent, None]:
        whole = await self.deadline.keep(plain_json(stream.response))
        if whole is not None:
            for meaning in self.noted(self.reader.read_whole(whole)):
                yield meaning
            return
        async with aclosing(self.deadline.each(aiter(stream))) as events:
            async for event in events:
                for meaning in self.noted(self.reader.read(as_objects(event))):
                    yield meaning
                if self.reader.final is not None:
                    return

    def noted(self, events: Iterator[RunEvent]) -> Iterator[RunEvent]:
        """The events; the run's id is noted as it passes."""
        for event in events:
            if isinstance(event, RunStarted):
                self.began(event.run_id)
            yield event

    def optional(self) -> dict[str, Json]:
        """The optional parameters that the service takes."""
        return {} if self._bare else self._parameters.of(self.request, self.wanted())

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
                if self._bare:
                    log.warning("this service takes %s only without optional parameters", self.request)
                    self._parameters.leave_all_out(self.request, self.wanted())
                return
            try:
                delay = await self._recovered(failure)
            except AssistantError as error:
                log.warning("run %s failed after %.0f s: %s", self.reader.id or "?", self.deadline.elapsed, error)
                yield Failed(error, self.reader.text, self.spent())
                return
            if delay:
                yield Waiting(delay, _reason(failure))
                await asyncio.sleep(delay)

    async def abandon(self) -> None:
        """End at the service what takes too long. Without a connection most runs end by themselves."""
        log.info("run %s takes too long", self.reader.id or "?")

    async def _recovered(self, error: AssistantError) -> float:
        if isinstance(error, RunTimedOut):
            await self.abandon()
            raise error
        if self.reader.text:
            raise error
        return await self.deadline.keep(self.recover(error))

    async def recover(self, error: AssistantError) -> float:
        """Make another attempt possible; returns the seconds to wait before it, or raises the final error."""
        match error.decision:
            case Decision.WAIT:
                return await self._wait(error)
            case Decision.LEAVE_OUT:
                mended = isinstance(error, ParameterRefused) and self.leave_out(error)
            case Decision.RENEW:
                mended = await self.renew(error)
            case Decision.SHORTEN:
                mended = await self._shorten()
            case Decision.SAY:
                mended = False
        if not mended:
            raise error
        log.info("run %s: %s (%s)", self.reader.id or "?", error.decision.value, type(error).__name__)
        if self.reader.id:
            await self.take_back()
        return 0.0

    async def _wait(self, error: AssistantError) -> float:
        delay = self.backoff.after(error)
        if delay is None:
            if isinstance(error, UnknownError) and error.before_work and await self._last_resort():
                return 0.0
            raise error
        if self.reader.id or not error.before_work:
            await self.take_back()
        return delay

    async def _last_resort(self) -> bool:
        """What may help against a refusal that nobody knows: to ask for less, then in a new thread."""
        if self._ask_bare():
            return True
        if self.has_history and "new_thread" not in self.notes:
            self.notes.append("new_thread")
            await self.new_thread()
            return True
        return False

    def leave_out(self, error: ParameterRefused) -> bool:
        """Leave out what was refused; everything optional, when that is none of it."""
        return self._parameters.leave_out(self.request, self.wanted(), error.names) or self._ask_bare()

    def _ask_bare(self) -> bool:
        """Ask without any optional parameter; they are left out for good once that has helped."""
        if self._bare or not self.optional():
            return False
        self._bare = True
        return True

    async def _shorten(self) -> bool:
        """Go on in a new thread with the end of the conversation only, once."""
        told = len(self.prompt.transcript) + len(self.prompt.context)
        if "shortened" in self.notes or not (self.has_history or told > SHORTENED):
            return False
        self.notes.append("shortened")
        self.prompt = replace(
            self.prompt, transcript=self.prompt.transcript[-SHORTENED:], context=self.prompt.context[-SHORTENED:]
        )
        await self.new_thread()
        return True


def _reason(error: AssistantError) -> Literal["rate_limit", "busy", "retry"]:
    if isinstance(error, RateLimited):
        return "rate_limit"
    return "busy" if isinstance(error, ThreadBusy) else "retry"
