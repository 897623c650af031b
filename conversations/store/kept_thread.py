"""The assistant thread of a conversation while a turn works on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from azure_assistant.assistant import Thread
from conversations.store.conversations import ConversationStore

T = TypeVar("T")


class KeptThread:
    """One assistant thread, which several calls may change side by side, and how it is stored.

    What is stored is always the whole state as it is then, one time after the other: a later change is never
    overwritten by an earlier one. Storing goes on when who asked for it is cancelled.

    Args:
        store: Where it is kept.
        conversation: Whose it is.
        thread: As it is stored there, or new.
        is_new: It is not stored yet.
    """

    def __init__(self, store: ConversationStore, conversation: str, thread: Thread, *, is_new: bool = False) -> None:
        self.thread = thread
        self._store = store
        self._conversation = conversation
        self._stored = None if is_new else thread.copy()
        self._one = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[Any]] = set()

    async def save(self) -> None:
        """Store the thread if it has changed; those who ask for it while it is being stored share the next time."""
        await asyncio.shield(self.save_soon())

    def save_soon(self) -> asyncio.Task[None]:
        """The same, for who has no need to wait."""
        if self._next is None:
            self._next = self._apart(self._save())
        return self._next

    async def save_with(self, write: Callable[[Session], T], **values: Any) -> T:
        """Store the thread, columns of its conversation and what ``write`` writes in one transaction."""
        return await asyncio.shield(self._apart(self._save_with(write, values)))

    async def settled(self) -> None:
        """Wait until nothing is being stored any more."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _save(self) -> None:
        async with self._one:
            self._next = None
            if self.thread != self._stored:
                await self._write(lambda _: None, {})

    async def _save_with(self, write: Callable[[Session], T], values: dict[str, Any]) -> T:
        async with self._one:
            return await self._write(write, values)

    async def _write(self, write: Callable[[Session], T], values: dict[str, Any]) -> T:
        now = self.thread.copy()
        result = await self._store.save_with(self._conversation, now, write, **values)
        self._stored = now
        return result

    def _apart(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that goes on without who waits for it; what it fails to store then comes with the next one."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task
