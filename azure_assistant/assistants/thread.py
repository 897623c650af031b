"""Threads and runs at the service: open, look, cancel, delete."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from openai import AsyncOpenAI

from azure_assistant.assistants.definition import retired
from azure_assistant.assistants.stream import LIVE
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, LostError
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.sending import adapted, persistent
from azure_assistant.transport.wire_json import as_objects, each, text, thing

log = logging.getLogger(__name__)

PAGE = 100


class Threads:
    """The calls on threads and runs that need no stream."""

    def __init__(self, client: AsyncOpenAI, config: AssistantConfig, parameters: OptionalParameters) -> None:
        self._client = client
        self._config = config
        self._parameters = parameters

    async def open(self, metadata: Mapping[str, str]) -> str:
        """Open a thread; returns its id.

        Raises:
            ServiceRetired: The service has no Assistants API.
        """
        try:
            opened = await adapted(
                lambda given: self._client.beta.threads.create(**given),
                "threads",
                {"metadata": dict(metadata)},
                self._parameters,
                self._config.retries,
            )
        except AssistantError as error:
            raise retired(error, self._config) from error
        return str(opened.id)

    async def settled(self, thread: str, run: str, patience: float) -> Any:
        """A run once it has ended, as it stands after ``patience`` seconds, or None when there is none."""
        if not run:
            return None
        clock = asyncio.get_running_loop().time
        deadline, delay = clock() + patience, 0.5
        while True:
            try:
                stored = await persistent(
                    lambda: self._client.beta.threads.runs.retrieve(run, thread_id=thread), self._config.retries
                )
            except LostError:
                return None
            found = thing(as_objects(stored))
            if text(found.status) not in LIVE or clock() + delay > deadline:
                return found
            await asyncio.sleep(delay)
            delay = min(delay * 1.5, 5.0)

    async def outcome(self, thread: str, run: str) -> tuple[Sequence[Any], Sequence[Any]]:
        """Steps and messages of a run, oldest first."""
        runs = self._client.beta.threads.runs
        steps = await persistent(
            lambda: runs.steps.list(run, thread_id=thread, limit=PAGE, order="asc"), self._config.retries
        )
        messages = await persistent(
            lambda: self._client.beta.threads.messages.list(thread, run_id=run, limit=PAGE, order="asc"),
            self._config.retries,
        )
        return each(thing(as_objects(steps)).data), each(thing(as_objects(messages)).data)

    async def cancel(self, thread: str, run: str, patience: float) -> None:
        """End a run and wait until the thread is free, at most ``patience`` seconds."""
        try:
            await persistent(lambda: self._client.beta.threads.runs.cancel(run, thread_id=thread), self._config.retries)
        except AssistantError as error:
            log.info("run %s cannot be cancelled: %s", run, error.detail)
        found = await self.settled(thread, run, patience)
        log.info("run %s ended as %s", run, found.status if found else "gone")

    async def drop_unanswered(self, thread: str) -> None:
        """Delete the newest message if it is a question, so that it can be asked again."""
        messages = self._client.beta.threads.messages
        try:
            page = await persistent(lambda: messages.list(thread, limit=1, order="desc"), self._config.retries)
            for message in each(thing(as_objects(page)).data):
                if message.role == "user":
                    await persistent(lambda: messages.delete(message.id, thread_id=thread), self._config.retries)  # noqa: B023
        except AssistantError as error:
            log.info("thread %s: %s", thread, error.detail)

    async def detach(self, thread: str, file_id: str) -> None:
        """Take a file out of the thread's sandbox."""
        threads = self._client.beta.threads
        try:
            found = await persistent(lambda: threads.retrieve(thread), self._config.retries)
            tools = thing(thing(thing(as_objects(found)).tool_resources).code_interpreter)
            kept = [other for other in tools.file_ids or () if other != file_id]
            await persistent(
                lambda: threads.update(thread, tool_resources={"code_interpreter": {"file_ids": kept}}),
                self._config.retries,
            )
        except LostError as error:
            log.info("thread %s: %s", thread, error.detail)

    async def delete(self, thread: str) -> None:
        """Delete the thread; one that is gone already is fine."""
        try:
            await persistent(lambda: self._client.beta.threads.delete(thread), self._config.retries)
        except LostError as error:
            log.info("thread %s: %s", thread, error.detail)
