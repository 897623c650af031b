"""An assistant that answers from a script, in memory: what the real ones refuse is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, BinaryIO

from azure_assistant.assistant import AssistantFile, CallOutput, Prompt, Thread
from azure_assistant.errors import FileGone, FileLost, RunCancelled, ThreadBusy, ThreadLost, UploadRejected
from azure_assistant.events import CallsMade, Failed, Finished, FunctionCall, Gone, RunEvent, RunStarted, TextDelta

_PAIRS, _KEY, _VALUE = 16, 64, 512
"""Metadata: pairs, characters of a key, characters of a value."""

Script = Callable[[Prompt], Sequence[RunEvent | asyncio.Event]]
"""What the model does: the events after ``RunStarted`` to the last one, and what it waits for in between."""
Continuation = Callable[[Prompt, Sequence[CallOutput]], Sequence[RunEvent | asyncio.Event]]
"""What the model does when its calls are answered."""


def says(*pieces: str) -> Script:
    """A model that always gives the same answer, in pieces."""
    return lambda _: [*map(TextDelta, pieces), Finished("".join(pieces))]


def calls(*made: FunctionCall, text: str = "") -> Sequence[RunEvent]:
    """The events of a model that says something perhaps, and calls functions."""
    return [*([TextDelta(text)] if text else []), CallsMade(made, text)]


@dataclass
class FakeRun:
    """A run at the service, which goes on whether somebody follows it or not.

    ``given`` are the outputs that it goes on from, ``outputs`` those that its own calls got; None: none yet.
    """

    thread: str
    prompt: Prompt
    events: Sequence[RunEvent | asyncio.Event]
    given: Sequence[CallOutput] = ()
    outputs: Sequence[CallOutput] | None = None
    is_closed: bool = False
    is_cancelled: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it has neither ended nor been cancelled."""
        return not self.is_cancelled and any(isinstance(one, asyncio.Event) and not one.is_set() for one in self.events)


@dataclass
class FakeSandbox:
    """A sandbox of a thread, made for ``size`` bytes: the ids of its ``files`` and of the ``runs`` that were given it.

    ``late`` are files that it lacked when a run was given it, so that the run had to wait for them.
    """

    thread: str
    size: int
    files: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    has_font: bool = False


def repeats(_: Prompt, outputs: Sequence[CallOutput]) -> Sequence[RunEvent | asyncio.Event]:
    """A model that says what its calls came to."""
    text = " ".join(output.text for output in outputs)
    return [TextDelta(text), Finished(text)]


@dataclass
class ScriptedAssistant:
    """Implements ``Assistant``.

    ``then`` is what happens after calls. ``runs`` are those that were begun, by id; ``files`` what was uploaded, name
    and bytes by id; ``made`` the bytes of what runs made, by the ``id`` of its ``ref``; ``cleared`` the threads of
    which an unanswered question was withdrawn. ``threads`` are those that were opened, with their metadata by id.
    """

    script: Script
    then: Continuation = repeats
    threads: dict[str, Mapping[str, str]] = field(default_factory=dict)
    runs: dict[str, FakeRun] = field(default_factory=dict)
    sandboxes: dict[str, FakeSandbox] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    made: dict[str, bytes] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    async def create_thread(self, metadata: Mapping[str, str]) -> Thread:
        """See ``Assistant``."""
        fits = all(len(key) <= _KEY and len(value) <= _VALUE for key, value in metadata.items())
        if not fits or len(metadata) > _PAIRS:
            raise ValueError(metadata)
        return Thread(f"thread_{next(self._numbers)}", {"metadata": dict(metadata)})

    async def open_thread(self, thread: Thread) -> None:
        """See ``Assistant``."""
        if not thread.state.get("is_open"):
            self.threads[thread.id] = thread.state["metadata"]
            thread.state["is_open"] = True

    async def open_sandbox(self, thread: Thread, size: int) -> None:
        """See ``Assistant``."""
        if self._sandbox(thread) is None:
            self.sandboxes[sandbox := f"sandbox_{next(self._numbers)}"] = FakeSandbox(thread.id, size)
            thread.state["sandbox"] = sandbox

    async def fill_sandbox(self, thread: Thread, files: Sequence[str], *, font: bool = False) -> None:
        """See ``Assistant``."""
        if sandbox := self._sandbox(thread):
            if lost := [file for file in files if file not in self.files]:
                raise FileLost(file_ids=lost)
            sandbox.files += [file for file in files if file not in sandbox.files]
            sandbox.has_font = sandbox.has_font or font

    async def discard_sandbox(self, thread: Thread) -> None:
        """See ``Assistant``."""
        if (sandbox := self._sandbox(thread)) and not sandbox.runs:
            del self.sandboxes[thread.state.pop("sandbox")]

    def _sandbox(self, thread: Thread) -> FakeSandbox | None:
        return self.sandboxes.get(thread.state.get("sandbox", ""))

    async def add_file(self, thread: Thread, name: str, stream: BinaryIO, size: int) -> AssistantFile:
        """See ``Assistant``."""
        data = stream.read()
        if len(data) != size or not data:
            raise UploadRejected(f"{len(data)} bytes for {thread.id}", name=name)
        self.files[file := f"file_{next(self._numbers)}"] = name, data
        thread.state["files"] = [*thread.state.get("files", ()), file]
        return AssistantFile(file, f"{file}-{name}", size)

    async def remove_file(self, thread: Thread, file_id: str) -> None:
        """See ``Assistant``."""
        self.files.pop(file_id, None)
        thread.state["files"] = [file for file in thread.state.get("files", ()) if file != file_id]

    async def run(self, thread: Thread, prompt: Prompt) -> AsyncGenerator[RunEvent, None]:
        """See ``Assistant``."""
        async for event in self._begin(thread, prompt, lambda: self.script(prompt)):
            yield event

    async def go_on(
        self, thread: Thread, prompt: Prompt, run_id: str, outputs: Sequence[CallOutput]
    ) -> AsyncGenerator[RunEvent, None]:
        """See ``Assistant``. Outputs of calls that the run did not make are refused, and so are none for a call."""
        run = self.runs.get(run_id)
        if run is None or run.thread != thread.id:
            async for event in self.run(thread, prompt):
                yield event
            return
        self._answer(run, outputs)
        async for event in self._begin(thread, prompt, lambda: self.then(prompt, outputs), outputs):
            yield event

    async def close_calls(self, thread: Thread, run_id: str, outputs: Sequence[CallOutput]) -> None:
        """See ``Assistant``."""
        if (run := self.runs.get(run_id)) and run.thread == thread.id:
            self._answer(run, outputs)
            run.is_closed = True

    def _answer(self, run: FakeRun, outputs: Sequence[CallOutput]) -> None:
        made = [call.id for event in run.events if isinstance(event, CallsMade) for call in event.calls]
        if sorted(output.id for output in outputs) != sorted(made):
            raise ValueError(f"outputs {outputs} for calls {made}")
        run.outputs = outputs

    async def _begin(
        self,
        thread: Thread,
        prompt: Prompt,
        events: Callable[[], Sequence[RunEvent | asyncio.Event]],
        given: Sequence[CallOutput] = (),
    ) -> AsyncGenerator[RunEvent, None]:
        files = [file.file.id for file in (*prompt.files, *(file for output in given for file in output.files))]
        lost = [file for file in files if file not in self.files]
        await self.open_thread(thread)
        if thread.id not in self.threads:
            yield Failed(ThreadLost(thread.id))
        elif any(run.is_live and run.thread == thread.id for run in self.runs.values()):
            yield Failed(ThreadBusy(thread.id))
        elif lost:
            yield Failed(FileLost(file_ids=lost))
        else:
            self.runs[run_id := f"run_{next(self._numbers)}"] = FakeRun(thread.id, prompt, events(), given)
            if prompt.compute:
                await self._give_sandbox(thread, run_id, files)
            thread.state["last"] = run_id
            async for event in self.resume(thread, run_id):
                yield event

    async def _give_sandbox(self, thread: Thread, run_id: str, files: Sequence[str]) -> None:
        await self.open_sandbox(thread, sum(len(self.files[file][1]) for file in files))
        if sandbox := self._sandbox(thread):
            sandbox.runs.append(run_id)
            sandbox.late += [file for file in files if file not in sandbox.files]
        await self.fill_sandbox(thread, files)

    async def resume(self, thread: Thread, run_id: str) -> AsyncGenerator[RunEvent, None]:
        """See ``Assistant``."""
        run = self.runs.get(run_id)
        if not run_id:
            self.cleared.append(thread.id)
        if run is None or run.thread != thread.id:
            yield Gone()
            return
        yield RunStarted(run_id)
        for event in run.events:
            if isinstance(event, asyncio.Event):
                await event.wait()
            elif run.is_cancelled:
                yield Failed(RunCancelled(run_id))
                return
            else:
                yield event

    async def cancel(self, thread: Thread, run_id: str) -> None:
        """See ``Assistant``."""
        if run := self.runs.get(run_id):
            run.is_cancelled = True

    async def read_file(self, ref: Mapping[str, Any]) -> AsyncGenerator[bytes, None]:
        """See ``Assistant``."""
        self.reads.append(str(ref["id"]))
        if held := self.held.get(ref["id"]):
            await held.wait()
        if ref["id"] not in self.made:
            raise FileGone(name=str(ref["id"]))
        yield self.made[ref["id"]]

    async def without_names(self, thread: Thread) -> Thread:
        """See ``Assistant``."""
        ids = {"files": list(thread.state.get("files", ())), "sandbox": thread.state.get("sandbox", "")}
        return Thread(thread.id, ids)

    async def delete_thread(self, thread: Thread) -> None:
        """See ``Assistant``."""
        self.threads.pop(thread.id, None)
        self.sandboxes.pop(thread.state.get("sandbox", ""), None)
        for file in thread.state.get("files", ()):
            self.files.pop(file, None)

    async def close(self) -> None:
        """See ``Assistant``."""
