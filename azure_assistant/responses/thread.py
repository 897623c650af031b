"""The thread at the service: a conversation, or a chain of responses where conversations are not offered yet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from openai import AsyncOpenAI

from azure_assistant.assistant import Json, Thread
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import (
    AssistantError,
    EndpointWrong,
    LostError,
    NotFound,
    NotSupported,
    WebPageAnswered,
)
from azure_assistant.responses.state import ThreadState
from azure_assistant.transport.error_mapping import SDK_ERRORS, from_sdk
from azure_assistant.transport.optional_parameters import OptionalParameters
from azure_assistant.transport.sending import adapted, persistent
from azure_assistant.transport.wire_json import as_objects, each, text, thing

log = logging.getLogger(__name__)

ORPHAN_WINDOW = 50
PAGE = 100
AT_ONCE = 8


class Threads:
    """Opens, renews and removes threads."""

    def __init__(self, client: AsyncOpenAI, config: AssistantConfig, parameters: OptionalParameters) -> None:
        self._client = client
        self._config = config
        self._parameters = parameters
        self._conversations = config.conversations
        self._chains = True

    async def create(self, metadata: Mapping[str, str]) -> Thread:
        """Open a thread. Azure answers 404 where it has no conversations yet; then the thread is a chain."""
        conversation = await self._open(metadata)
        thread = Thread(conversation or f"chain_{uuid4().hex}")
        thread.state["metadata"] = dict(metadata)
        ThreadState(thread).conversation = conversation
        return thread

    async def renew(self, state: ThreadState) -> None:
        """Begin anew at the service; what was said so far has to be told again."""
        state.conversation = await self._open(state.metadata)
        state.previous = ""
        state.untold = True
        log.warning("thread %s goes on in a new conversation", state.thread_id)

    def reference(self, state: ThreadState) -> dict[str, Json]:
        """The parameters of a response that continue the thread."""
        if state.conversation:
            return {"conversation": state.conversation}
        return {"previous_response_id": state.previous} if state.previous and self._chains else {}

    def remembers(self, state: ThreadState) -> bool:
        """Whether the service knows what was said before; otherwise each question is told the transcript."""
        return bool(state.conversation) or self._chains

    def do_without(self, state: ThreadState, names: Sequence[str]) -> bool:
        """Go on without the way to continue a thread that was refused; whether it was one."""
        if "conversation" in names and state.conversation:
            log.warning("no conversations in responses here: threads are chains of responses")
            self._conversations, state.conversation, state.untold = False, "", True
            return True
        if "previous_response_id" in names and self._chains:
            log.warning("no chains of responses here: each question tells what was said before")
            self._chains = False
            return True
        return False

    async def drop_unanswered(self, state: ThreadState) -> None:
        """Delete the newest question of the conversation if no answer follows it, so that it can be asked again."""
        if not state.conversation:
            return
        conversation = state.conversation
        try:
            page = await persistent(
                lambda: self._client.conversations.items.list(conversation, order="desc", limit=ORPHAN_WINDOW),
                self._config.retries,
            )
        except AssistantError as error:
            log.info("conversation items cannot be listed: %s", type(error).__name__)
            return
        stale: list[str] = []
        for item in each(thing(as_objects(page)).data):
            if _is_answer(item):
                return
            stale.append(text(item.id))
            if _is_question(item):
                log.info("removing an unanswered question of %d items", len(stale))
                await self._delete_items(conversation, stale)
                return

    async def delete(self, state: ThreadState) -> None:
        """Remove conversation, items and responses. Deleting a conversation alone leaves its items."""
        conversation = state.conversation
        if conversation:
            await self._delete_items(conversation, await self._all_items(conversation))
            await _forgiving(lambda: self._client.conversations.delete(conversation), self._config)
        responses = state.responses
        await _each(responses, lambda item: _forgiving(lambda: self._client.responses.delete(item), self._config))

    async def _open(self, metadata: Mapping[str, str]) -> str:
        if self._conversations is False:
            return ""
        try:
            opened = await adapted(
                lambda given: self._client.conversations.create(**given),
                "conversations",
                {"metadata": dict(metadata)},
                self._parameters,
                self._config.retries,
            )
        except (NotFound, EndpointWrong, NotSupported) as error:
            if self._conversations or isinstance(error, WebPageAnswered):
                raise
            log.warning("no conversations here (%s): threads are chains of responses", error.detail)
            self._conversations = False
            return ""
        self._conversations = True
        return str(opened.id)

    async def _all_items(self, conversation: str) -> list[str]:
        try:
            page = await persistent(
                lambda: self._client.conversations.items.list(conversation, limit=PAGE), self._config.retries
            )
            return [str(item.id) async for item in page]
        except LostError as error:
            log.debug("gone already: %s", error.detail)
            return []
        except SDK_ERRORS as raw:
            raise from_sdk(raw) from raw

    async def _delete_items(self, conversation: str, items: list[str]) -> None:
        def remove(item: str) -> Awaitable[None]:
            return _forgiving(
                lambda: self._client.conversations.items.delete(item, conversation_id=conversation), self._config
            )

        await _each(items, remove)


def _is_answer(item: Any) -> bool:
    return bool(item.type == "message" and item.role == "assistant" and getattr(item, "phase", "") != "commentary")


def _is_question(item: Any) -> bool:
    return bool(item.type == "message" and item.role == "user")


async def _forgiving(request: Callable[[], Awaitable[object]], config: AssistantConfig) -> None:
    """Delete something; that it is gone already is fine."""
    try:
        await persistent(request, config.retries)
    except LostError as error:
        log.debug("gone already: %s", error.detail)


async def _each(items: list[str], work: Callable[[str], Awaitable[None]]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: str) -> None:
        async with gate:
            await work(item)

    await asyncio.gather(*(one(item) for item in items))
