"""The assistant object at the service: made once for each configuration, and found again by a key in its metadata."""

from __future__ import annotations

import asyncio
import hashlib
import logging

from azure_assistant.assistant import Json
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
from azure_assistant.transport.api import PAGE, ServiceApi
from azure_assistant.transport.wire_json import each, text, thing

log = logging.getLogger(__name__)

NAME = "Slack data analyst"
CODE_INTERPRETER: Json = {"type": "code_interpreter"}


class Definitions:
    """Ids of the assistant objects, by the archive for charts that they carry."""

    def __init__(self, api: ServiceApi) -> None:
        self._api = api
        self._lock = asyncio.Lock()
        self._ids: dict[str, str] = {}

    async def assistant_id(self, charts: str = "") -> str:
        """Id of the assistant whose sandbox holds an archive for charts (a file id), or none.

        Raises:
            ServiceRetired: The service has no Assistants API.
        """
        async with self._lock:
            if charts not in self._ids:
                key = self._key(charts)
                self._ids[charts] = await self._find(key) or await self._make(key, charts)
            return self._ids[charts]

    def forget(self) -> None:
        """Say that the service has lost them."""
        self._ids.clear()

    def _key(self, charts: str) -> str:
        parts = (self._api.config.deployment, instructions.VERSION, instructions.BASE, charts)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    async def _find(self, key: str) -> str:
        try:
            page = await self._api.get("assistants", limit=PAGE, order="desc")
        except AssistantError as error:
            raise retired(error, self._api.config) from error
        return next((text(found.id) for found in each(page.data) if thing(found.metadata).key == key), "")

    async def _make(self, key: str, charts: str) -> str:
        body: dict[str, Json] = {
            "model": self._api.config.deployment,
            "name": NAME,
            "instructions": instructions.BASE,
            "tools": [CODE_INTERPRETER],
            "tool_resources": {"code_interpreter": {"file_ids": [charts]}} if charts else {},
            "metadata": {"key": key},
        }
        stored = await self._api.create("assistants", body=body)
        log.info("Made assistant %s", stored.id)
        return text(stored.id)


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
