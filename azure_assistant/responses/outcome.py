# ruff: noqa: D102 - ``RunOutcome`` says what these methods do
"""A response up to its outcome: looked up by its id, its charts and files found, its cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import time

from azure_assistant.calls import Answered
from azure_assistant.events import RunEvent, Usage
from azure_assistant.responses.artifacts import collect
from azure_assistant.responses.container import Containers
from azure_assistant.responses.content import stored_response
from azure_assistant.responses.sandbox_files import Listed
from azure_assistant.responses.state import ResponsesState
from azure_assistant.responses.stream import ResponsesReader
from azure_assistant.responses.thread import ResponsesThreads
from azure_assistant.run.artifacts import Findings
from azure_assistant.run.outcome import RunOutcome
from azure_assistant.run.reader import LIVE
from azure_assistant.transport.api import ServiceApi
from azure_assistant.transport.wire_json import WireObject, count, number, thing


@dataclass
class ResponsesService:
    """What all runs share."""

    api: ServiceApi
    threads: ResponsesThreads
    containers: Containers


class ResponsesOutcome(RunOutcome):
    """One run, begun here or elsewhere, up to its outcome.

    A run in the foreground ends with its connection; only a background one could be told to.
    """

    unanswered = LIVE | {"cancelled"}
    state: ResponsesState
    reader: ResponsesReader

    def __init__(self, service: ResponsesService, state: ResponsesState, first_code: int = 0) -> None:
        super().__init__(service.api, state, ResponsesReader(first_code))
        self._service = service

    async def retrieve(self, run_id: str) -> WireObject:
        return await stored_response(self.api, run_id)

    async def catch_up(self, run: WireObject) -> Iterator[RunEvent]:
        return self.reader.catch_up(run)

    async def drop_unanswered(self) -> None:
        await self._service.threads.drop_unanswered(self.state)

    async def close(self, answered: Answered) -> None:
        await self._service.threads.close(self.state, answered)

    async def release(self) -> None:
        await self._service.threads.answer_open(self.state, {})
        self.state.forget_calls()

    async def findings(self) -> Findings:
        """See ``RunOutcome``. What was handed over before calls is not handed over again."""
        found = await collect(self.reader.evidence(self.state.uploads(), self.state.seen), self._list_files)
        handed = self.state.handed
        files = [(item, str(item.ref.get("file"))) for item in found.artifacts]
        found.artifacts = [
            item for item, file in files if file not in handed or handed[file] != found.seen.get(file, -1)
        ]
        return found

    def usage(self, minutes: float, *, begun: bool = True) -> Usage:
        """See ``RunOutcome``. Containers of a response that never began are told with the next one."""
        usage = thing(thing(self.reader.final).usage)
        read, written = count(usage.input_tokens), count(usage.output_tokens)
        cached = min(read, count(thing(usage.input_tokens_details).cached_tokens))
        opened = self.state.take_opened() if begun else {}
        return Usage(read, cached, written, minutes, **opened)

    def minutes(self) -> float:
        ended = number(thing(self.reader.final).completed_at)
        return max(0.0, ended - self.reader.created) / 60 if ended and self.reader.containers() else 0.0

    async def _list_files(self) -> list[Listed] | None:
        containers = [container for container in self.reader.containers() or [self.state.container] if container]
        listings = [await self._service.containers.listing(container) for container in containers]
        known = [listing for listing in listings if listing is not None]
        if known and self.state.container:
            self.state.container_used = time()  # to be listed counts as use
        return [item for listing in known for item in listing] if known else None
