"""The thread at the service: a conversation, or a chain of responses where conversations are not offered yet."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from azure_assistant.assistant import Json
from azure_assistant.calls import NOT_DONE, Answered
from azure_assistant.errors import (
    AssistantError,
    EndpointWrong,
    LostError,
    NotFound,
    NotSupported,
    TemporaryError,
    WebPageAnswered,
)
from azure_assistant.responses.state import ResponsesState
from azure_assistant.transport.api import PAGE, ServiceApi, each_done
from azure_assistant.transport.wire_json import WireObject, each, text
from untrusted.characters import whole as sendable

log = logging.getLogger(__name__)

MOST_ADDED = 20
"""Items that a conversation takes at once."""


class ResponsesThreads:
    """Opens, renews and removes threads."""

    def __init__(self, api: ServiceApi) -> None:
        self._api = api
        self._conversations = api.config.conversations
        self._chains = True

    async def open(self, state: ResponsesState) -> None:
        """Open a conversation for a new thread. Azure answers 404 where it has none yet; then the thread is a chain."""
        if not (state.conversation or state.previous):
            state.conversation = await self._open(state.metadata)

    async def renew(self, state: ResponsesState) -> None:
        """Begin anew at the service; what was said so far has to be told again."""
        old = state.conversation
        state.conversation = await self._open(state.metadata)
        if old:
            state.left.append(old)
        state.previous = ""
        state.untold = True
        state.forget_calls()
        log.warning("Thread %s goes on in a new conversation", state.thread_id)

    def reference(self, state: ResponsesState, after: str = "") -> dict[str, Json]:
        """The parameters of a response that continue the thread, or the response ``after`` which it goes on."""
        if state.conversation:
            return {"conversation": state.conversation}
        previous = after or state.previous
        return {"previous_response_id": previous} if previous and self._chains else {}

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
        """Delete the newest question of the conversation if no answer follows it, so that it can be asked again.

        Of a question that waits for the outputs of calls, only what follows the calls is deleted.
        """
        stale: list[str] = []
        called = False
        for item in await self._newest(state):
            if text(item.call_id) in state.closed or (_is_answer(item) and not called):
                return
            if item.type == "function_call" and text(item.call_id) in state.waiting.ids:
                await self._delete_items(state.conversation, stale)
                return
            stale.append(text(item.id))
            called = called or item.type in {"function_call", "function_call_output"}
            if _is_question(item):
                log.info("Removing an unanswered question of %d items", len(stale))
                await self._delete_items(state.conversation, stale)
                return

    async def rewind(self, state: ResponsesState, answered: Answered) -> None:
        """Undo that these outputs were given already, by a process that died before it knew of the new response."""
        ids = {output.id for output in answered.outputs}
        stale: list[WireObject] = []
        for item in await self._newest(state):
            if item.type == "function_call" and text(item.call_id) in ids:
                break
            stale.append(item)
        else:
            return
        if any(item.type == "function_call_output" and text(item.call_id) in ids for item in stale):
            log.info("Calls were answered before: removing %d items", len(stale))
            await self._delete_items(state.conversation, [text(item.id) for item in stale])

    async def close(self, state: ResponsesState, answered: Answered) -> None:
        """Answer calls for good: in the conversation now, in a chain with its next question."""
        outputs = {output.id: sendable(output.text) for output in answered.outputs}
        if state.conversation:
            await self.answer_open(state, outputs)
        state.close(answered.run, outputs, told=bool(state.conversation))

    async def answer_open(self, state: ResponsesState, outputs: Mapping[str, str]) -> bool:
        """Answer all calls of the conversation that have no output; whether that helps.

        Raises:
            TemporaryError: They could not be answered now.
        """
        newest = await self._newest(state)
        done = {text(item.call_id) for item in newest if item.type == "function_call_output"}
        waiting = [text(item.call_id) for item in newest if item.type == "function_call"]
        lacking = [call for call in dict.fromkeys(reversed(waiting)) if call and call not in done]
        given = answers({call: outputs.get(call, NOT_DONE) for call in lacking})
        try:
            for start in range(0, len(given), MOST_ADDED):
                body = {"items": given[start : start + MOST_ADDED]}
                await self._api.post("conversations", state.conversation, "items", body=body)
        except TemporaryError:
            raise
        except AssistantError as error:
            log.warning("Thread %s takes no outputs: %s", state.thread_id, error)
            return False
        return bool(given)

    async def _newest(self, state: ResponsesState) -> list[WireObject]:
        """The newest items of the conversation, the last one first; none when they cannot be listed."""
        if not state.conversation:
            return []
        try:
            page = await self._api.get("conversations", state.conversation, "items", order="desc", limit=PAGE)
        except AssistantError as error:
            log.info("Conversation items cannot be listed: %s", type(error).__name__)
            return []
        return each(page.data)

    async def delete(self, state: ResponsesState) -> None:
        """Remove conversation, items and responses. Deleting a conversation alone leaves its items."""
        for conversation in filter(None, [*state.left, state.conversation]):
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


def answers(outputs: Mapping[str, str]) -> list[Json]:
    """Outputs by call, as items."""
    return [{"type": "function_call_output", "call_id": call, "output": output} for call, output in outputs.items()]


def _is_answer(item: Any) -> bool:
    return bool(item.type == "message" and item.role == "assistant" and item.phase != "commentary")


def _is_question(item: Any) -> bool:
    return bool(item.type == "message" and item.role == "user")
