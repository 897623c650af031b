"""What came of a response: looked up by its id, its charts and files found, the turn closed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal

from openai import AsyncOpenAI

from azure_assistant.assistant import ChartReady, Failed, FileReady, Finished, Gone, RunEvent, Usage
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, EmptyAnswer, NotFound, ThreadLost
from azure_assistant.responses.artifacts import Evidence, Findings, collect
from azure_assistant.responses.container import Containers
from azure_assistant.responses.state import ThreadState
from azure_assistant.responses.stream import LIVE, ResponseReader
from azure_assistant.responses.thread import Threads
from azure_assistant.run.sandbox_files import Listed
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.sending import persistent
from azure_assistant.transport.wire_json import as_objects, integer, number, text, thing

log = logging.getLogger(__name__)

LIVE_PATIENCE = 60.0
"""Seconds to wait for a run that was begun elsewhere."""
INCLUDE: Literal["code_interpreter_call.outputs"] = "code_interpreter_call.outputs"
"""Without it ``outputs`` is null (https://community.openai.com/t/1270838)."""


@dataclass
class Service:
    """What all runs share. ``parameters``: what this service has refused."""

    client: AsyncOpenAI
    config: AssistantConfig
    threads: Threads
    containers: Containers
    parameters: OptionalParameters


async def resume(service: Service, state: ThreadState, run_id: str) -> AsyncGenerator[RunEvent, None]:
    """The events of ``Assistant.resume``."""
    reader = ResponseReader()
    try:
        found = await settled(service, run_id, LIVE_PATIENCE)
        if found is None or found.status in LIVE or found.status == "cancelled":
            await service.threads.drop_unanswered(state)
            yield Gone()
            return
        for event in reader.catch_up(found):
            yield event
        async with aclosing(finish(service, state, reader, [], _minutes(reader))) as events:
            async for event in events:
                yield event
    except AssistantError as error:
        yield Failed(error, reader.text, usage_of(reader.final, _minutes(reader), state.take_opened()))


async def settled(service: Service, response: str, patience: float) -> Any:
    """A stored response once it has ended, as it stands after ``patience`` seconds, or None when there is none."""
    if not response:
        return None
    deadline = asyncio.get_running_loop().time() + patience
    delay = 0.5
    while True:
        try:
            found = thing(
                as_objects(
                    await persistent(
                        lambda: service.client.responses.retrieve(response, include=[INCLUDE]), service.config.retries
                    )
                )
            )
        except (NotFound, ThreadLost):
            return None
        if text(found.status) not in LIVE or asyncio.get_running_loop().time() + delay > deadline:
            return found
        await asyncio.sleep(delay)
        delay = min(delay * 1.5, 5.0)


async def finish(
    service: Service, state: ThreadState, reader: ResponseReader, notes: list[str], minutes: float
) -> AsyncGenerator[RunEvent, None]:
    """Charts, files, and the end of a run that has answered."""
    findings = await _findings(service, state, reader)
    if not reader.text.strip() and not findings.artifacts:
        raise EmptyAnswer(f"response {reader.id}")
    for artifact in findings.artifacts:
        yield ChartReady(artifact) if artifact.kind == "chart" else FileReady(artifact)
    state.end_turn(reader.id, findings.seen)
    usage = usage_of(reader.final, minutes, state.take_opened())
    log.info(
        "run %s: %d artifacts, %d + %d tokens, %d pieces of code",
        reader.id, len(findings.artifacts), usage.input_tokens, usage.output_tokens, reader.codes,
    )  # fmt: skip
    yield Finished(reader.text, usage, findings.missing, [*notes, *(["cut_short"] if reader.cut_short else [])])


async def _findings(service: Service, state: ThreadState, reader: ResponseReader) -> Findings:
    async def list_files() -> list[Listed] | None:
        containers = [container for container in reader.containers() or [state.container] if container]
        listings = [await service.containers.listing(container) for container in containers]
        known = [listing for listing in listings if listing is not None]
        return [item for listing in known for item in listing] if known else None

    evidence = Evidence(
        response=reader.id,
        text=reader.text,
        citations=reader.citations(),
        cells=reader.cells(),
        started=reader.created,
        uploads=state.uploads(),
        seen=state.seen,
    )
    return await collect(evidence, list_files)


def _minutes(reader: ResponseReader) -> float:
    """How long a run that nobody here has watched kept its sandbox busy."""
    ended = number(thing(reader.final).completed_at)
    return max(0.0, ended - reader.created) / 60 if ended and reader.containers() else 0.0


def usage_of(response: Any, minutes: float, containers: int) -> Usage:
    """What a response has cost; of one that did not end, its sandbox alone."""
    usage = thing(thing(response).usage)
    cached = integer(thing(usage.input_tokens_details).cached_tokens)
    return Usage(integer(usage.input_tokens), cached, integer(usage.output_tokens), minutes, containers)
