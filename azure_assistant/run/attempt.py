"""One attempt at a run: the request, with what the service takes of it, and what becomes of it."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from openai import AsyncStream

from azure_assistant.assistant import Json, Prompt, Tool
from azure_assistant.calls import Answered
from azure_assistant.context_window import told_again
from azure_assistant.errors import ParameterRefused, RunRequiresAction
from azure_assistant.events import RunEvent
from azure_assistant.run.deadline import Deadline
from azure_assistant.run.outcome import RunOutcome
from azure_assistant.run.reader import RunReader
from azure_assistant.run.state import ThreadState
from azure_assistant.transport.api import ServiceApi

log = logging.getLogger(__name__)

_OWN_TOOL = ("tools[0]", "tools.0")
"""Code Interpreter stands first, functions follow."""


class RunAttempt(ABC):
    """Asks a question, or goes on with one after calls, once. What is asked for may be less each time.

    Attributes:
        given: What calls came to, as long as the service still waits for it.
        spoken: The same, when it has to be told in words: the service has lost the run.
    """

    request: ClassVar[str]
    """Kind of request whose optional parameters are left out when they are refused."""

    def __init__(self, api: ServiceApi, state: ThreadState, prompt: Prompt, answered: Answered | None = None) -> None:
        self.deadline = Deadline(api.config.run_seconds)
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
    def cut_patience(self) -> float:
        """Seconds to wait for the end of a run whose stream broke off."""

    @abstractmethod
    async def keep_whole(self) -> None:
        """Go on in a new thread before the service would have to drop the beginning of this one."""

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

    async def attempt(self) -> AsyncGenerator[RunEvent, None]:
        """Ask once, follow the run, hand over what it made. Raises ``AssistantError`` when it comes to nothing."""
        self.outcome = self.new_outcome(self.reader.codes)
        if self.given is None and self.state.waiting.run:
            await self.deadline.keep(self.outcome.release())
        await self.deadline.keep(self.keep_whole())
        stream = await self.deadline.keep(self.ask())
        async with aclosing(self.outcome.follow(stream, self.deadline, self.cut_patience())) as events:
            async for event in events:
                yield event
        if not self.reader.calls():
            await self.hand_over()
        elif not self._may_call:
            raise RunRequiresAction(f"run {self.reader.id}")
        async with aclosing(self.outcome.finish(self.notes, self.minutes())) as events:
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

    def leave_out(self, error: ParameterRefused) -> bool:
        """Leave out what was refused; everything optional, when that is none of it."""
        names = [name for name in error.names if not (self.prompt.compute and name.startswith(_OWN_TOOL))]
        return self.api.parameters.leave_out(self.request, self.wanted(), names) or self.ask_bare()

    def ask_without_functions(self) -> bool:
        """Ask without functions; they are left out for good once that has helped."""
        if not self.functions():
            return False
        self._functionless = True
        return True

    def ask_bare(self) -> bool:
        """Ask without any optional parameter; they are left out for good once that has helped."""
        if self._bare or not (self.optional() or self.functions()):
            return False
        self._bare = True
        return True

    def succeeded(self) -> None:
        """Leave out for good what had to be left out for an attempt to come to its end."""
        if self._bare:
            log.warning("This service takes %s only without optional parameters", self.request)
            self.api.parameters.leave_all_out(self.request, self.wanted())
        elif self._functionless:
            self.api.parameters.leave_out(self.request, self.wanted(), ["tools"])

    def minutes(self) -> float:
        """How long the run has used a sandbox, so far."""
        return self.deadline.elapsed / 60 if self.prompt.compute and self.state.has_sandbox else 0.0


def _with_files(prompt: Prompt, answered: Answered | None) -> Prompt:
    """The prompt, with the files that outputs bring."""
    known = {item.file.id for item in prompt.files}
    brought = {item.file.id: item for output in (answered.outputs if answered else ()) for item in output.files}
    fresh = [item for file, item in brought.items() if file not in known]
    return replace(prompt, files=[*prompt.files, *fresh], compute=prompt.compute or bool(brought))
