"""The thread at the service: opened, renewed, removed."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from functools import partial

from azure_assistant.assistants.definition import retired
from azure_assistant.assistants.state import AssistantsState
from azure_assistant.errors import AssistantError, FileLost, LostError
from azure_assistant.transport.api import PAGE, ServiceApi, each_done
from azure_assistant.transport.wire_json import each, text, thing

log = logging.getLogger(__name__)


class AssistantsThreads:
    """Opens, renews and removes threads."""

    def __init__(self, api: ServiceApi) -> None:
        self._api = api

    async def open(self, state: AssistantsState) -> None:
        """Open a new thread. Raises ``ServiceRetired`` where the service has no Assistants API."""
        if not state.thread:
            state.thread = await self._open(state.metadata)

    async def renew(self, state: AssistantsState) -> None:
        """Begin anew at the service; what was said so far has to be told again."""
        state.renew(await self._open(state.metadata))
        log.warning("Thread %s goes on in a new one", state.thread_id)

    async def drop_unanswered(self, state: AssistantsState) -> None:
        """Delete the newest message if it is a question, so that it can be asked again."""
        try:
            page = await self._api.get("threads", state.thread, "messages", limit=1, order="desc")
            for message in each(page.data):
                if message.role == "user":
                    await self._api.delete("threads", state.thread, "messages", text(message.id))
        except AssistantError as error:
            log.info("Thread %s: %s", state.thread, error.detail)

    async def take_back(self, state: AssistantsState) -> None:
        """Delete the newest question and all that was said to it, so that it can be asked anew."""
        try:
            page = await self._api.get("threads", state.thread, "messages", limit=PAGE, order="desc")
            roles = [text(message.role) for message in each(page.data)]
            newest = each(page.data)[: roles.index("user") + 1] if "user" in roles else []
            await each_done(
                partial(self._api.remove, "threads", state.thread, "messages"), [text(one.id) for one in newest]
            )
        except AssistantError as error:
            log.info("Thread %s: %s", state.thread, error.detail)

    async def attach(self, state: AssistantsState, file_ids: Sequence[str]) -> None:
        """Put files into the thread's sandbox without a message, which a waiting run would not let through."""
        held = [file for file in state.attached if file not in file_ids]
        resources = {"code_interpreter": {"file_ids": [*held, *file_ids]}}
        try:
            await self._api.post("threads", state.thread, body={"tool_resources": resources})
        except AssistantError as error:
            raise lost_file(error, file_ids) from error
        state.attached.extend(file_ids)

    async def detach(self, state: AssistantsState, file_id: str) -> None:
        """Take a file out of the thread's sandbox."""
        try:
            found = await self._api.get("threads", state.thread)
            tools = thing(thing(found.tool_resources).code_interpreter)
            kept = [other for other in tools.file_ids or () if other != file_id]
            resources = {"code_interpreter": {"file_ids": kept}}
            await self._api.post("threads", state.thread, body={"tool_resources": resources})
        except LostError as error:
            log.info("Thread %s: %s", state.thread, error.detail)

    async def delete(self, state: AssistantsState) -> None:
        """Delete the thread, and what it was before; one that is gone already is fine."""
        for thread in filter(None, [*state.left, state.thread]):
            await self._api.remove("threads", thread)

    async def _open(self, metadata: Mapping[str, str]) -> str:
        try:
            opened = await self._api.create("threads", optional={"metadata": dict(metadata)})
        except AssistantError as error:
            raise retired(error, self._api.config) from error
        return text(opened.id)


def lost_file(error: AssistantError, file_ids: Sequence[str]) -> AssistantError:
    """``FileLost`` if the error names some of the files, else the error itself."""
    lost = [file for file in file_ids if re.search(rf"\b{re.escape(file)}\b", error.detail)]
    return FileLost(file_ids=lost) if lost else error
