"""The thread at the service: a conversation, or a chain of responses where conversations are not offered yet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from openai import AsyncOpenAI

from azure_assistant.assistant import Json, Thread
from azure_assistant.config import AssistantConfig
from azure_assistant.errors import EndpointWrong, LostError, NotFound, NotSupported
from azure_assistant.mapping import SDK_ERRORS, from_sdk
from azure_assistant.responses.state import ThreadState
from azure_assistant.sending import persistent

log = logging.getLogger(__name__)

ORPHAN_WINDOW = 50
PAGE = 100
AT_ONCE = 8


class Threads:
    """Opens, renews and removes threads."""

    def __init__(self, client: AsyncOpenAI, config: AssistantConfig) -> None:
        self._client = client
        self._config = config
        self._conversations = config.conversations

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
        log.warning("thread %s goes on in a new conversation", state.thread_id)

    def reference(self, state: ThreadState) -> dict[str, Json]:
        """The parameters of a response that continue the thread."""
        if state.conversation:
            return {"conversation": state.conversation}
        chain: dict[str, Json] = {"metadata": state.metadata} if state.metadata else {}
        return chain | ({"previous_response_id": state.previous} if state.previous else {})

    async def drop_unanswered(self, state: ThreadState) -> None:
        """Delete the newest question of the conversation if no answer follows it, so that it can be asked again."""
        if not state.conversation:
            return
        try:
            page = await self._client.conversations.items.list(state.conversation, order="desc", limit=ORPHAN_WINDOW)
        except SDK_ERRORS as raw:
            log.info("conversation items cannot be listed: %s", type(from_sdk(raw)).__name__)
            return
        stale: list[str] = []
        for item in page.data:
            if _is_answer(item):
                return
            stale.append(str(item.id))
            if _is_question(item):
                log.info("removing an unanswered question of %d items", len(stale))
                await self._delete_items(state.conversation, stale)
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
            made = await persistent(
                lambda: self._client.conversations.create(metadata=dict(metadata)), self._config.retries
            )
        except (NotFound, EndpointWrong, NotSupported) as error:
            if self._conversations:
                raise
            log.warning("no conversations here (%s): threads are chains of responses", error.detail)
            self._conversations = False
            return ""
        self._conversations = True
        return made.id

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
