"""The assistant object at the service: made once for each configuration, and found again by a key in its metadata."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import Any

from openai import AsyncOpenAI

from azure_assistant.config import AssistantConfig
from azure_assistant.errors import (
    ApiVersionWrong,
    AssistantError,
    EndpointWrong,
    LostError,
    NotSupported,
    ServiceRetired,
    WebPageAnswered,
)
from azure_assistant.run import instructions
from azure_assistant.transport.sending import made, persistent
from azure_assistant.transport.wire_json import as_objects, each, text, thing

log = logging.getLogger(__name__)

NAME = "Slack data analyst"
LISTED = 100
CODE_INTERPRETER: Any = {"type": "code_interpreter"}


class Definitions:
    """Ids of the assistant objects, by the font that they carry."""

    def __init__(self, client: AsyncOpenAI, config: AssistantConfig) -> None:
        self._client = client
        self._config = config
        self._lock = asyncio.Lock()
        self._ids: dict[str, str] = {}

    async def assistant_id(self, font: str = "") -> str:
        """Id of the assistant whose sandbox holds the font's archive (a file id), or no font.

        Raises:
            ServiceRetired: The service has no Assistants API.
        """
        async with self._lock:
            if font not in self._ids:
                key = self._key(font)
                self._ids[font] = await self._find(key) or await self._make(key, font)
            return self._ids[font]

    def forget(self) -> None:
        """Say that the service has lost them."""
        self._ids.clear()

    def _key(self, font: str) -> str:
        parts = (self._config.deployment, instructions.VERSION, instructions.BASE, font)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    async def _find(self, key: str) -> str:
        try:
            page = await persistent(
                lambda: self._client.beta.assistants.list(limit=LISTED, order="desc"), self._config.retries
            )
        except AssistantError as error:
            raise retired(error, self._config) from error
        known = each(thing(as_objects(page)).data)
        return next((text(found.id) for found in known if thing(found.metadata).key == key), "")

    async def _make(self, key: str, font: str) -> str:
        resources: Any = {"code_interpreter": {"file_ids": [font]}} if font else {}
        stored = await made(
            lambda: self._client.beta.assistants.create(
                model=self._config.deployment,
                name=NAME,
                instructions=instructions.BASE,
                tools=[CODE_INTERPRETER],
                tool_resources=resources,
                metadata={"key": key},
            ),
            self._config.retries,
            deployment=self._config.deployment,
        )
        log.info("made assistant %s", stored.id)
        return str(stored.id)


def retired(error: AssistantError, config: AssistantConfig) -> AssistantError:
    """``ServiceRetired`` if that is what an error on a call that names no object of ours means.

    What Azure answers since 2026-08-26 is not recorded; OpenAI answers 404
    (https://github.com/aallam/openai-kotlin/issues/470). A version that is refused is the API's end, unless somebody
    has set it.
    """
    if isinstance(error, WebPageAnswered) or (isinstance(error, ApiVersionWrong) and config.api_version):
        return error
    if isinstance(error, LostError | EndpointWrong | NotSupported | ApiVersionWrong):
        return ServiceRetired(error.detail)
    return error
