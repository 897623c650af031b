"""Tries once everything that the assistant needs from the service, for ``bot.py doctor``.

It costs a few tokens and the shortest life of one container (about a cent).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from openai import AsyncOpenAI

from azure_assistant.assistants.definition import CODE_INTERPRETER, retired
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, EndpointWrong, LostError, NotSupported, WebPageAnswered
from azure_assistant.retries import RetryPolicy
from azure_assistant.run.files import Uploads
from azure_assistant.run.fonts import PACKAGE, shipped_font
from azure_assistant.transport.client import Connection, connect
from azure_assistant.transport.download import download
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.sending import adapted, made, persistent

log = logging.getLogger(__name__)

PATIENCE = RetryPolicy(attempts=2, patience=5.0, busy_first=1.0)
NAME = "doctor.csv"
CONTENT = b"check,result\nupload,1\n"
SHORTEST_ANSWER = 16
"""Tokens; fewer are refused (https://developers.openai.com/api/reference/resources/responses/methods/create)."""


@dataclass(frozen=True)
class Check:
    """What came of one trial.

    ``lacking``: the bot works without it. ``detail`` says what was found; ``error`` is there when the state is ``bad``.
    """

    name: str
    state: Literal["good", "lacking", "bad"]
    detail: str = ""
    error: AssistantError | None = None


async def probe(config: AssistantConfig) -> AsyncGenerator[Check, None]:
    """Try the service step by step; what cannot work after a failure is left out. Cleans up behind itself."""
    config = replace(config, retries=PATIENCE)
    yield chart_font(config.chart_font)
    try:
        connection = connect(config)
    except AssistantError as error:
        yield Check("sign-in", "bad", error=error)
        return
    trial = _Assistants(connection, config) if config.api == "assistants" else _Responses(connection, config)
    try:
        async with aclosing(trial.checks()) as checks:
            async for check in checks:
                yield check
    finally:
        await trial.clean_up()
        await connection.close()


def chart_font(chosen: Path | None) -> Check:
    """Whether charts can have Chinese, Japanese and Korean glyphs."""
    path = chosen or shipped_font()
    if path is None:
        return Check("chart font", "lacking", f"charts will show boxes for 日本語: pip install {PACKAGE}")
    return Check("chart font", "good", path.name)


class _Trial:
    """What both wires share."""

    def __init__(self, connection: Connection, config: AssistantConfig) -> None:
        self.client: AsyncOpenAI = connection.client
        self.config = config
        self.parameters = OptionalParameters()
        self.uploads = Uploads(connection.client, config, self.parameters)
        self.file = ""

    async def clean_up(self) -> None:
        """Remove what was made."""
        if self.file:
            await self.remove(self.uploads.delete(self.file))

    async def remove(self, work: Awaitable[object]) -> None:
        try:
            await work
        except AssistantError as error:
            log.warning("something of this check is left at the service: %s", error.detail)

    async def reach(self) -> str:
        """One list call: nothing is made, and address, key and network are proven."""
        await persistent(lambda: self.client.files.list(purpose="assistants", limit=1), self.config.retries)
        return str(self.client.base_url)

    async def upload(self) -> str:
        uploaded = await self.uploads.upload(NAME, BytesIO(CONTENT), len(CONTENT), ())
        self.file = uploaded.id
        return f"{len(CONTENT)} bytes uploaded"


class _Responses(_Trial):
    """The Responses wire."""

    container = ""

    async def checks(self) -> AsyncGenerator[Check, None]:
        first = await _check("endpoint and key", self.reach())
        yield first
        if first.state == "bad":
            return
        yield await _check("deployment", self._answer())
        yield await self._conversations()
        upload = await _check("files", self.upload())
        yield upload
        container = await _check("Code Interpreter", self._container())
        yield container
        if (upload.state, container.state) == ("good", "good"):
            yield await _check("files in the sandbox", self._round_trip())

    async def clean_up(self) -> None:
        await super().clean_up()
        if self.container:
            retries, container = self.config.retries, self.container
            await self.remove(persistent(lambda: self.client.containers.delete(container), retries))

    async def _answer(self) -> str:
        name = self.config.deployment
        answer = await adapted(
            lambda given: self.client.responses.create(model=name, input="Say OK.", **given),
            "responses",
            {"max_output_tokens": SHORTEST_ANSWER, "store": False},
            self.parameters,
            self.config.retries,
            deployment=name,
        )
        return f"{name} answers ({answer.model})" if answer.model != name else f"{name} answers"

    async def _conversations(self) -> Check:
        retries, offered = self.config.retries, self.client.conversations
        try:
            opened = await adapted(
                lambda given: offered.create(**given),
                "conversations",
                {"metadata": {"made_by": "doctor"}},
                self.parameters,
                retries,
            )
        except WebPageAnswered as error:
            return Check("conversations", "bad", error=error)
        except (EndpointWrong, LostError, NotSupported):
            chains = "not offered here: threads become chains of responses, which end after 30 days"
            return Check("conversations", "lacking", chains)
        except AssistantError as error:
            return Check("conversations", "bad", error=error)
        await self.remove(persistent(lambda: offered.delete(opened.id), retries))
        return Check("conversations", "good", "threads are conversations")

    async def _container(self) -> str:
        opened = await made(lambda: self.client.containers.create(name="doctor"), self.config.retries)
        self.container = opened.id
        return "a container was made"

    async def _round_trip(self) -> str:
        placed = await made(
            lambda: self.client.containers.files.create(self.container, file_id=self.file), self.config.retries
        )
        content = self.client.containers.files.content.with_streaming_response
        chunks = download(lambda: content.retrieve(placed.id, container_id=self.container), self.config.retries)
        got = b"".join([chunk async for chunk in chunks])
        if got != CONTENT:
            raise AssistantError(f"{len(got)} bytes came back for {len(CONTENT)}")
        return "put in and read back"


class _Assistants(_Trial):
    """The Assistants wire. Whether the deployment answers shows only in a run."""

    async def checks(self) -> AsyncGenerator[Check, None]:
        first = await _check("endpoint and key", self.reach())
        yield first
        if first.state == "bad":
            return
        yield await _check("Assistants API", self._assistant())
        yield await _check("files", self.upload())

    async def _assistant(self) -> str:
        assistants: Any = self.client.beta.assistants
        model, retries = self.config.deployment, self.config.retries
        try:
            stored = await made(
                lambda: assistants.create(model=model, name="doctor", tools=[CODE_INTERPRETER]),
                retries,
                deployment=model,
            )
        except AssistantError as error:
            raise retired(error, self.config) from error
        await self.remove(persistent(lambda: assistants.delete(stored.id), retries))
        return f"{model} can be made an assistant"


async def _check(name: str, work: Awaitable[str]) -> Check:
    try:
        return Check(name, "good", await work)
    except AssistantError as error:
        return Check(name, "bad", error=error)
