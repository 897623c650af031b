"""The thread at the service: a conversation, or a chain of responses where conversations are not offered yet."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

from azure_assistant.assistant import Json, Thread
from azure_assistant.errors import (
    AssistantError,
    EndpointWrong,
    LostError,
    NotFound,
    NotSupported,
    WebPageAnswered,
)
from azure_assistant.responses.state import ResponsesState
from azure_assistant.transport.api import ServiceApi, each_done
from azure_assistant.transport.wire_json import each, text

log = logging.getLogger(__name__)

ORPHAN_WINDOW = 50


class ResponsesThreads:
    """Opens, renews and removes threads."""

    def __init__(self, api: ServiceApi) -> None:
        self._api = api
        self._conversations = api.config.conversations
        self._chains = True

    async def create(self, metadata: Mapping[str, str]) -> Thread:
        """Open a thread. Azure answers 404 where it has no conversations yet; then the thread is a chain."""
        conversation = await self._open(metadata)
        thread = Thread(conversation or f"chain_{uuid4().hex}")
        thread.state["metadata"] = dict(metadata)
        ResponsesState(thread).conversation = conversation
        return thread

    async def renew(self, state: ResponsesState) -> None:
        """Begin anew at the service; what was said so far has to be told again."""
        state.conversation = await self._open(state.metadata)
        state.previous = ""
        state.untold = True
        log.warning("Thread %s goes on in a new conversation", state.thread_id)

    def reference(self, state: ResponsesState) -> dict[str, Json]:
        """The parameters of a response that continue the thread."""
        if state.conversation:
            return {"conversation": state.conversation}
        return {"previous_response_id": state.previous} if state.previous and self._chains else {}

    def remembers(self, state: ResponsesState) -> bool:
        """Whether the service knows what was said before; otherwise each question is told the transcript."""
        return bool(state.conversation) or self._chains

    def do_without(self, state: ResponsesState, names: Sequence[str]) -> bool:
        """Go on without the way to continue a thread that was refused; whether it was one."""
        if "conversation" in names and state.conversation:
            log.warning("No conversations in responses here: threads are chains of responses")
            self._conversations, state.conversation, state.untold = False, "", True
            return True
        if "previous_response_id" in names and self._chains:
            log.warning("No chains of responses here: each question tells what was said before")
            self._chains = False
            return True
        return False

    async def drop_unanswered(self, state: ResponsesState) -> None:
        """Delete the newest question of the conversation if no answer follows it, so that it can be asked again."""
        if not state.conversation:
            return
        conversation = state.conversation
        try:
            page = await self._api.get("conversations", conversation, "items", order="desc", limit=ORPHAN_WINDOW)
        except AssistantError as error:
            log.info("Conversation items cannot be listed: %s", type(error).__name__)
            return
        stale: list[str] = []
        for item in each(page.data):
            if _is_answer(item):
                return
            stale.append(text(item.id))
            if _is_question(item):
                log.info("Removing an unanswered question of %d items", len(stale))
                await self._delete_items(conversation, stale)
                return

    async def delete(self, state: ResponsesState) -> None:
        """Remove conversation, items and responses. Deleting a conversation alone leaves its items."""
        conversation = state.conversation
        if conversation:
            await self._delete_items(conversation, await self._all_items(conversation))
            await self._api.remove("conversations", conversation)
        await each_done(partial(self._api.remove, "responses"), state.responses)

    async def _open(self, metadata: Mapping[str, str]) -> str:
        if self._conversations is False:
            return ""
        try:
            opened = await self._api.create("conversations", optional={"metadata": dict(metadata)})
        except (NotFound, EndpointWrong, NotSupported) as error:
            if self._conversations or isinstance(error, WebPageAnswered):
                raise
            log.warning("No conversations here (%s): threads are chains of responses", error.detail)
            self._conversations = False
            return ""
        self._conversations = True
        return text(opened.id)

    async def _all_items(self, conversation: str) -> list[str]:
        try:
            return await self._api.all_ids("conversations", conversation, "items")
        except LostError as error:
            log.debug("Gone already: %s", error.detail)
            return []

    async def _delete_items(self, conversation: str, items: list[str]) -> None:
        await each_done(partial(self._api.remove, "conversations", conversation, "items"), items)


def _is_answer(item: Any) -> bool:
    return bool(item.type == "message" and item.role == "assistant" and item.phase != "commentary")


def _is_question(item: Any) -> bool:
    return bool(item.type == "message" and item.role == "user")
