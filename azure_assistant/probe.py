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
from typing import Literal

from azure_assistant.assistants.definition import CODE_INTERPRETER, retired
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import AssistantError, EndpointWrong, LostError, NotSupported, WebPageAnswered
from azure_assistant.retries import RetryPolicy
from azure_assistant.run.files import Uploads
from azure_assistant.run.fonts import PACKAGE, shipped_font
from azure_assistant.transport.api import ServiceApi
from azure_assistant.transport.client import connect
from azure_assistant.transport.wire_json import text

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
    api = ServiceApi(connection.client, config)
    trial = _Assistants(api) if config.api == "assistants" else _Responses(api)
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

    def __init__(self, api: ServiceApi) -> None:
        self.api = api
        self.config = api.config
        self.uploads = Uploads(api)
        self.file = ""

    async def clean_up(self) -> None:
        """Remove what was made."""
        if self.file:
            await self.remove(self.uploads.delete(self.file))

    async def remove(self, work: Awaitable[object]) -> None:
        try:
            await work
        except AssistantError as error:
            log.warning("Something of this check is left at the service: %s", error.detail)

    async def reach(self) -> str:
        """One list call: nothing is made, and address, key and network are proven."""
        await self.api.get("files", purpose="assistants", limit=1)
        return self.api.base_url

    async def upload(self) -> str:
        uploaded = await self.uploads.upload(NAME, BytesIO(CONTENT), len(CONTENT))
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
            await self.remove(self.api.delete("containers", self.container))

    async def _answer(self) -> str:
        name = self.config.deployment
        body = {"model": name, "input": "Say OK."}
        optional = {"max_output_tokens": SHORTEST_ANSWER, "store": False}
        model = text((await self.api.create("responses", body=body, optional=optional)).model)
        return f"{name} answers ({model})" if model not in {name, ""} else f"{name} answers"

    async def _conversations(self) -> Check:
        try:
            opened = await self.api.create("conversations", optional={"metadata": {"made_by": "doctor"}})
        except WebPageAnswered as error:
            return Check("conversations", "bad", error=error)
        except (EndpointWrong, LostError, NotSupported):
            chains = "not offered here: threads become chains of responses, which end after 30 days"
            return Check("conversations", "lacking", chains)
        except AssistantError as error:
            return Check("conversations", "bad", error=error)
        await self.remove(self.api.delete("conversations", text(opened.id)))
        return Check("conversations", "good", "threads are conversations")

    async def _container(self) -> str:
        self.container = text((await self.api.create("containers", body={"name": "doctor"})).id)
        return "a container was made"

    async def _round_trip(self) -> str:
        files = ("containers", self.container, "files")
        placed = await self.api.create(*files, body={"file_id": self.file})
        chunks = self.api.download(*files, text(placed.id), "content")
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
        model = self.config.deployment
        try:
            stored = await self.api.create(
                "assistants", body={"model": model, "name": "doctor", "tools": [CODE_INTERPRETER]}
            )
        except AssistantError as error:
            raise retired(error, self.config) from error
        await self.remove(self.api.delete("assistants", text(stored.id)))
        return f"{model} can be made an assistant"


async def _check(name: str, work: Awaitable[str]) -> Check:
    try:
        return Check(name, "good", await work)
    except AssistantError as error:
        return Check(name, "bad", error=error)
