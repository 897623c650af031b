"""A run through as many attempts as it takes: what follows one is said by its failure."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Literal

from azure_assistant.assistant import Prompt
from azure_assistant.calls import Answered
from azure_assistant.context_window import both_ends, is_near, tokens
from azure_assistant.errors import (
    AssistantError,
    Decision,
    NotSupported,
    ParameterRefused,
    RateLimited,
    RunRequiresAction,
    RunTimedOut,
    ThreadBusy,
    UnknownError,
)
from azure_assistant.events import Failed, RunEvent, Waiting
from azure_assistant.run import instructions
from azure_assistant.run.attempt import RunAttempt
from azure_assistant.run.state import ThreadState
from azure_assistant.transport.api import ServiceApi
from telemetry.metrics import waited

log = logging.getLogger(__name__)

SHORTENED = 4000
"""Characters that are left of transcript and context when a conversation has become too long."""


class RunLoop(RunAttempt):
    """Turns errors into further attempts, or into ``Failed``."""

    def __init__(self, api: ServiceApi, state: ThreadState, prompt: Prompt, answered: Answered | None = None) -> None:
        super().__init__(api, state, prompt, answered)
        self.backoff = api.config.retries.start()

    @abstractmethod
    async def renew(self, error: AssistantError) -> bool:
        """Replace what the error says is lost; whether that could be done."""

    @abstractmethod
    async def new_thread(self) -> None:
        """Begin a new thread at the service, which is told the transcript."""

    async def take_back(self) -> None:
        """Take a question back that the service may have kept, before it is asked again."""
        log.debug("Nothing is left behind on this wire")

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
                self.succeeded()
                return
            try:
                delay = await self._recovered(failure)
            except AssistantError as error:
                log.warning("Run %s failed after %.0f s: %s", self.reader.id or "?", self.deadline.elapsed, error)
                yield Failed(error, self.reader.text, self.outcome.usage(self.minutes(), begun=bool(self.reader.id)))
                return
            if delay:
                if isinstance(failure, RateLimited):
                    waited("model", delay)
                yield Waiting(delay, _reason(failure))
                await asyncio.sleep(delay)

    async def abandon(self) -> None:
        """End at the service what cannot come to an end here. Without a connection most runs end by themselves."""
        log.info("Run %s is given up", self.reader.id or "?")

    async def _recovered(self, error: AssistantError) -> float:
        if isinstance(error, RunTimedOut | RunRequiresAction):
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
                mended = isinstance(error, NotSupported) and self.ask_without_functions()
        if not mended:
            raise error
        log.info("Run %s: %s (%s)", self.reader.id or "?", error.decision.value, type(error).__name__)
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
        if self.ask_bare():
            return True
        return bool(self.state.turns) and await self.go_on_anew()

    async def go_on_anew(self) -> bool:
        """Go on in a new thread at the service, once; whether that is another attempt."""
        if "new_thread" in self.notes:
            return False
        self.notes.append("new_thread")
        self.speak()
        await self.new_thread()
        return True

    async def keep_whole(self) -> None:
        """Go on in a new thread before the service would have to drop the beginning of this one."""
        compacts = "context_management" in self.optional()
        read = tokens(instructions.BASE) + self.state.held + self._asked()
        if self.given is None and self.remembers() and is_near(read, self.api.config.window, service_compacts=compacts):
            await self._condense()
        self.state.ask(self._asked())

    def _asked(self) -> int:
        """About how many tokens the question adds to the thread."""
        prompt = self.prompt
        if self.given:
            return sum(tokens(output.text) for output in self.given.outputs)
        told = [prompt.question, prompt.context, *(item.remark for item in prompt.files)]
        return sum(map(tokens, told if self.remembers() else [*told, prompt.transcript]))

    async def _condense(self) -> bool:
        """Go on in a new thread that is told the transcript, once."""
        if not {"condensed", "shortened"}.isdisjoint(self.notes):
            return False
        self.speak()
        await self.new_thread()
        self.notes.append("condensed")
        return True

    async def _shorten(self) -> bool:
        """Go on in a new thread that is told the transcript, and if that does not help, its ends only."""
        if self.remembers() and await self._condense():
            return True
        told = len(self.prompt.transcript) + len(self.prompt.context)
        if "shortened" in self.notes or told <= SHORTENED:
            return False
        self.notes[:] = [note for note in self.notes if note != "condensed"] + ["shortened"]
        transcript = both_ends(self.prompt.transcript, SHORTENED)
        self.prompt = replace(self.prompt, transcript=transcript, context=self.prompt.context[-SHORTENED:])
        self.speak()
        await self.new_thread()
        return True


def _reason(error: AssistantError) -> Literal["rate_limit", "busy", "retry"]:
    if isinstance(error, RateLimited):
        return "rate_limit"
    return "busy" if isinstance(error, ThreadBusy) else "retry"
