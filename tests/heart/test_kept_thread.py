"""What an assistant thread has become is stored whole, one time after the other, whoever asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from azure_assistant.assistant import Thread
from conversations.store.conversations import ConversationStore
from conversations.store.kept_thread import KeptThread


class SlowStore:
    """Stores what it is given when it may."""

    def __init__(self) -> None:
        self.begun: list[Thread] = []
        self.stored: list[Thread] = []
        self.may = asyncio.Event()
        self.fails = False

    async def save_with(self, _: str, thread: Thread, write: Callable[[Session], Any], **__: Any) -> Any:
        self.begun.append(thread)
        await self.may.wait()
        if self.fails:
            raise OperationalError("", {}, Exception("away"))
        self.stored.append(thread)
        return write(cast("Session", None))


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


@pytest.fixture
def kept(store: SlowStore) -> KeptThread:
    return KeptThread(cast("ConversationStore", store), "T1:C1:1", Thread("t", {"files": {}}))


def states(threads: list[Thread]) -> list[list[str]]:
    return [list(thread.state["files"]) for thread in threads]


async def test_those_who_ask_meanwhile_share_the_next_time_and_get_all_that_was_changed(
    kept: KeptThread, store: SlowStore
) -> None:
    waiting = []
    for number in range(4):
        kept.thread.state["files"][f"f{number}"] = {}
        waiting.append(asyncio.create_task(kept.save()))
        await settled()
    assert states(store.begun) == [["f0"]], "one time after the other"
    store.may.set()
    await asyncio.gather(*waiting)
    assert states(store.stored) == [["f0"], ["f0", "f1", "f2", "f3"]]


async def test_what_changes_while_it_is_stored_is_not_in_it_by_half(kept: KeptThread, store: SlowStore) -> None:
    kept.thread.state["files"]["f0"] = {}
    saving = asyncio.create_task(kept.save())
    await settled()
    kept.thread.state["files"]["f1"] = {}
    store.may.set()
    await saving
    assert states(store.stored) == [["f0"]]
    await kept.save()
    assert states(store.stored) == [["f0"], ["f0", "f1"]]


async def test_an_earlier_state_is_never_stored_after_a_later_one(kept: KeptThread, store: SlowStore) -> None:
    """Who asked for the first was cancelled, and a connection of its own may still be at it."""
    kept.thread.state["files"]["f0"] = {}
    first = asyncio.create_task(kept.save_with(lambda _: "first"))
    await settled()
    first.cancel()
    kept.thread.state["files"]["f1"] = {}
    second = asyncio.create_task(kept.save_with(lambda _: "second"))
    await settled()
    assert first.cancelled()
    assert states(store.begun) == [["f0"]]
    store.may.set()
    assert await second == "second"
    assert states(store.stored) == [["f0"], ["f0", "f1"]]


async def test_nothing_is_stored_that_has_not_changed(kept: KeptThread, store: SlowStore) -> None:
    store.may.set()
    await kept.save()
    assert store.stored == []
    kept.thread.state["files"]["f0"] = {}
    await kept.save()
    await kept.save()
    assert states(store.stored) == [["f0"]]
    new = KeptThread(cast("ConversationStore", store), "T1:C1:2", Thread("t2", {"files": {}}), is_new=True)
    await new.save()
    assert [thread.id for thread in store.stored] == ["t", "t2"]


async def test_what_could_not_be_stored_is_told_and_comes_with_the_next_time(
    kept: KeptThread, store: SlowStore
) -> None:
    store.may.set()
    store.fails = True
    kept.thread.state["files"]["f0"] = {}
    for ask in (kept.save, lambda: kept.save_with(lambda _: None)):
        with pytest.raises(OperationalError):
            await ask()
    store.fails = False
    await kept.save()
    assert states(store.stored) == [["f0"]]


async def test_it_is_settled_when_nothing_is_being_stored(kept: KeptThread, store: SlowStore) -> None:
    kept.thread.state["files"]["f0"] = {}
    asking = [asyncio.create_task(kept.save()), asyncio.create_task(kept.save_with(lambda _: None))]
    await asyncio.sleep(0)
    for one in asking:
        one.cancel()
    settling = asyncio.create_task(kept.settled())
    await settled()
    assert not settling.done()
    store.may.set()
    await settling
    assert states(store.stored) == [["f0"], ["f0"]]
