"""A run through as many attempts as it takes: what an attempt is, the backends say; what follows it, its failure."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar, Literal

from openai import AsyncStream

from azure_assistant.assistant import Failed, Json, Prompt, RunEvent, Tool, Waiting
from azure_assistant.calls import Answered
from azure_assistant.context_window import both_ends, is_near, tokens, told_again
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
from azure_assistant.run import instructions
from azure_assistant.run.deadline import Deadline
from azure_assistant.run.outcome import RunOutcome
from azure_assistant.run.reader import RunReader
from azure_assistant.run.state import ThreadState
from azure_assistant.transport.api import ServiceApi
from telemetry.metrics import waited

log = logging.getLogger(__name__)

_OWN_TOOL = ("tools[0]", "tools.0")
"""Code Interpreter stands first, functions follow."""
SHORTENED = 4000
"""Characters that are left of transcript and context when a conversation has become too long."""


class RunLoop(ABC):
    """Asks a question, or goes on with one after calls, and turns errors into further attempts, or into ``Failed``.

    Attributes:
        given: What calls came to, as long as the service still waits for it.
        spoken: The same, when it has to be told in words: the service has lost the run.
    """

    request: ClassVar[str]
    """Kind of request whose optional parameters are left out when they are refused."""

    def __init__(self, api: ServiceApi, state: ThreadState, prompt: Prompt, answered: Answered | None = None) -> None:
        self.deadline = Deadline(api.config.run_seconds)
        self.backoff = api.config.retries.start()
        self.api = api
        self.state = state
        self._may_call = bool(prompt.tools or answered)
        self.given = answered.complete(state.waiting) if answered else None
        self.spoken: Answered | None = None
        whole = replace(prompt, transcript=told_again(prompt.transcript, api.config.window))
        self.prompt = _with_files(whole, self.given)
        self.notes: list[str] = []
        self.outcome = self.new_outcome(0)
        self._bare = False
        self._functionless = False

    @abstractmethod
    def new_outcome(self, first_code: int) -> RunOutcome:
        """The outcome of an attempt, of which nothing is known yet. ``first_code``: see ``RunReader``."""

    @abstractmethod
    def wanted(self) -> dict[str, Json]:
        """Parameters that some services and models refuse, and without which an answer is still one."""

    @abstractmethod
    def function(self, tool: Tool) -> Json:
        """A function, as the wire has it."""

    @abstractmethod
    async def ask(self) -> AsyncStream[object]:
        """Bring files and question to the service, and begin a run."""

    @abstractmethod
    async def renew(self, error: AssistantError) -> bool:
        """Replace what the error says is lost; whether that could be done."""

    @abstractmethod
    async def new_thread(self) -> None:
        """Begin a new thread at the service, which is told the transcript."""

    @abstractmethod
    def cut_patience(self) -> float:
        """Seconds to wait for the end of a run whose stream broke off."""

    @property
    def reader(self) -> RunReader:
        """What the running attempt has told."""
        return self.outcome.reader

    def remembers(self) -> bool:
        """Whether the service knows what was said before; otherwise it is told the transcript."""
        return not self.state.untold

    async def hand_over(self) -> None:
        """Have the service hand over what an answer lacks. Most wires list what lies in the sandbox."""
        log.debug("Nothing has to be asked for on this wire")

    async def take_back(self) -> None:
        """Take a question back that the service may have kept, before it is asked again."""
        log.debug("Nothing is left behind on this wire")

    async def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Ask once, follow the run, hand over what it made. Raises ``AssistantError`` when it comes to nothing."""
        self.outcome = self.new_outcome(self.reader.codes)
        if self.given is None and self.state.waiting.run:
            await self.deadline.keep(self.outcome.release())
        await self.deadline.keep(self._keep_whole())
        stream = await self.deadline.keep(self.ask())
        async with aclosing(self.outcome.follow(stream, self.deadline, self.cut_patience())) as events:
            async for event in events:
                yield event
        if not self.reader.calls():
            await self.hand_over()
        elif not self._may_call:
            raise RunRequiresAction(f"run {self.reader.id}")
        async with aclosing(self.outcome.finish(self.notes, self._minutes())) as events:
            async for event in events:
                yield event

    def optional(self) -> dict[str, Json]:
        """The optional parameters that the service takes, but for functions."""
        taken = {} if self._bare else self.api.parameters.of(self.request, self.wanted())
        taken.pop("tools", None)
        return taken

    def functions(self) -> list[Json]:
        """The functions that are offered: none where the service takes none."""
        if self._bare or self._functionless:
            return []
        wanted = {"tools": list(map(self.function, self.prompt.tools))}
        return list(self.api.parameters.of(self.request, wanted).get("tools", ()))

    def told(self) -> Prompt:
        """The prompt, with the functions that are offered."""
        return self.prompt if self.functions() else replace(self.prompt, tools=())

    def speak(self) -> None:
        """From now on, tell in words what calls came to."""
        self.given, self.spoken = None, self.given or self.spoken

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
                    log.warning("This service takes %s only without optional parameters", self.request)
                    self.api.parameters.leave_all_out(self.request, self.wanted())
                elif self._functionless:
                    self.api.parameters.leave_out(self.request, self.wanted(), ["tools"])
                return
            try:
                delay = await self._recovered(failure)
            except AssistantError as error:
                log.warning("Run %s failed after %.0f s: %s", self.reader.id or "?", self.deadline.elapsed, error)
                yield Failed(error, self.reader.text, self.outcome.usage(self._minutes(), begun=bool(self.reader.id)))
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
                mended = isinstance(error, NotSupported) and self._ask_without_functions()
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
        if self._ask_bare():
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

    def leave_out(self, error: ParameterRefused) -> bool:
        """Leave out what was refused; everything optional, when that is none of it."""
        names = [name for name in error.names if not (self.prompt.compute and name.startswith(_OWN_TOOL))]
        return self.api.parameters.leave_out(self.request, self.wanted(), names) or self._ask_bare()

    def _ask_without_functions(self) -> bool:
        """Ask without functions; they are left out for good once that has helped."""
        if not self.functions():
            return False
        self._functionless = True
        return True

    def _ask_bare(self) -> bool:
        """Ask without any optional parameter; they are left out for good once that has helped."""
        if self._bare or not (self.optional() or self.functions()):
            return False
        self._bare = True
        return True

    async def _keep_whole(self) -> None:
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

    def _minutes(self) -> float:
        return self.deadline.elapsed / 60 if self.prompt.compute and self.state.has_sandbox else 0.0


def _with_files(prompt: Prompt, answered: Answered | None) -> Prompt:
    """The prompt, with the files that outputs bring."""
    known = {item.file.id for item in prompt.files}
    brought = {item.file.id: item for output in (answered.outputs if answered else ()) for item in output.files}
    fresh = [item for file, item in brought.items() if file not in known]
    return replace(prompt, files=[*prompt.files, *fresh], compute=prompt.compute or bool(brought))


def _reason(error: AssistantError) -> Literal["rate_limit", "busy", "retry"]:
    if isinstance(error, RateLimited):
        return "rate_limit"
    return "busy" if isinstance(error, ThreadBusy) else "retry"
