"""The interface of the assistant: what conversations/ asks of Azure OpenAI, whatever the wire.

Two backends implement it: ``responses`` (Responses API, conversations and Code Interpreter containers) and
``assistants`` (Assistants v2: threads, messages, runs). Neither Slack nor the database is known here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol, TypeAlias

from azure_assistant.events import RunEvent

Json: TypeAlias = Any
"""A value that ``json.dumps`` takes."""


@dataclass
class Thread:
    """An assistant thread.

    ``state`` is opaque JSON of the backend (container, response chain, file ids). Every call may change it in place;
    the caller stores it after each call and hands it back, on any machine. Calls may run side by side, on one object.
    """

    id: str
    state: dict[str, Json] = field(default_factory=dict)

    def copy(self) -> Thread:
        """The thread as it is now, which no call changes any more."""
        return Thread(self.id, json.loads(json.dumps(self.state)))


@dataclass(frozen=True)
class AssistantFile:
    """A file that Azure holds for a thread. ``name`` is safe and unique within the thread."""

    id: str
    name: str
    size: int


@dataclass(frozen=True)
class PromptFile:
    """A file as the model is told about it.

    ``remark`` is free text such as ``encoding cp932, delimiter ';'``; ``newest`` settles which of several files of the
    same original name is meant; ``tables`` are what its tables are called in queries of a receipt.
    """

    file: AssistantFile
    original_name: str
    remark: str = ""
    newest: bool = True
    tables: str = ""


@dataclass(frozen=True)
class Tool:
    """A function that the model may call. ``parameters``: JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: Mapping[str, Json]


@dataclass(frozen=True)
class CallOutput:
    """What the model is told about a call of its own.

    ``files`` are put into the sandbox as those of a prompt are, and the backend adds to ``text`` where they lie.
    """

    id: str
    text: str
    files: Sequence[PromptFile] = ()


@dataclass(frozen=True)
class Prompt:
    """One question.

    Args:
        question: The person's words, without the mention of the bot.
        context: Messages of the Slack thread that the assistant has not seen, already marked as data; may be empty.
        files: Every file of the conversation that is readable now (not only the new ones).
        locale: BCP 47 language tag of the asker, for example ``ja-JP``.
        timezone: IANA name, for example ``Asia/Tokyo``.
        asker: Opaque, stable, non-identifying key of the person (sent as ``safety_identifier``).
        transcript: Plain-text questions and answers so far; seeds a new thread when Azure lost the old one.
        compute: Whether the Code Interpreter tool is wanted: for all but small talk.
        cjk_font: Whether charts may need Chinese, Japanese or Korean glyphs.
        nearby: What lies nearby and is not attached, a line for each file; may be empty.
        tools: Functions that the model may call. ``go_on`` may offer others, where the wire can change them.
        receipts: Whether a receipt of the answer's numbers is wanted.
    """

    question: str
    context: str = ""
    files: Sequence[PromptFile] = ()
    locale: str = "en-US"
    timezone: str = "UTC"
    asker: str = ""
    transcript: str = ""
    compute: bool = True
    cjk_font: bool = False
    nearby: str = ""
    tools: Sequence[Tool] = ()
    receipts: bool = False


class Assistant(Protocol):
    """The assistant, on either wire. Methods raise ``AssistantError`` (see ``errors.py``) and nothing of the SDK."""

    async def create_thread(self, metadata: Mapping[str, str]) -> Thread:
        """A new thread, of which the service knows nothing yet.

        ``metadata``: at most 16 pairs, keys ≤ 64 and values ≤ 512 characters.
        """
        ...

    async def open_thread(self, thread: Thread) -> None:
        """Let the service know of a thread, if it does not yet. ``run`` does so, too."""
        ...

    async def open_sandbox(self, thread: Thread, size: int) -> None:
        """Make a sandbox if the thread has none that lives, and the wire has sandboxes. ``run`` does so, too.

        ``size``: bytes of the data that it is to have room for.
        """
        ...

    async def fill_sandbox(self, thread: Thread, files: Sequence[str], *, font: bool = False) -> None:
        """Put uploaded files, by their ids, and the chart font into the thread's sandbox, if there is one.

        What lies there already is left alone. ``run`` does all this, too.

        Raises:
            FileLost: The service no longer has some of the files.
            ContainerLost: The sandbox has ended.
        """
        ...

    async def discard_sandbox(self, thread: Thread) -> None:
        """End a sandbox that no run has been given."""
        ...

    async def add_file(self, thread: Thread, name: str, stream: BinaryIO, size: int) -> AssistantFile:
        """Upload a file for the thread.

        Args:
            thread: The thread; its state remembers the file.
            name: Name to give; it is made safe and unique.
            stream: An open, seekable handle (never a path or bytes: the SDK would hold them in memory three times).
            size: Length in bytes.
        """
        ...

    async def remove_file(self, thread: Thread, file_id: str) -> None:
        """Forget a file: at Azure and in the thread's sandbox. Unknown files are fine."""
        ...

    def run(self, thread: Thread, prompt: Prompt) -> AsyncGenerator[RunEvent, None]:
        """Ask. The first event is ``RunStarted`` (or ``Waiting``); the last ``Finished``, ``CallsMade`` or ``Failed``.

        Failures come as ``Failed``, never as exceptions. Store ``thread.state`` after ``RunStarted`` and at the end.

        Closing the iterator (``aclose``) drops the connection.
        """
        ...

    def resume(self, thread: Thread, run_id: str) -> AsyncGenerator[RunEvent, None]:
        """The outcome of a run begun elsewhere: the same events, or ``Gone``. Waits at most 60 s for a live one.

        ``Gone`` also means that a question without an answer was taken back, so that it can be asked again; an empty
        ``run_id`` does only that.
        """
        ...

    def go_on(
        self, thread: Thread, prompt: Prompt, run_id: str, outputs: Sequence[CallOutput]
    ) -> AsyncGenerator[RunEvent, None]:
        """Answer the calls of a run, and go on: the events of ``run``, of what comes after the calls only.

        Pieces of code are counted from 0 again. Safe to repeat after a crash, as ``run`` is. Where the service has lost
        the run, or gave it up, the prompt is asked anew.

        Args:
            thread: The thread.
            prompt: What was asked, with all files that are readable now.
            run_id: The run that ended in ``CallsMade``.
            outputs: What its calls came to.
        """
        ...

    async def close_calls(self, thread: Thread, run_id: str, outputs: Sequence[CallOutput]) -> None:
        """Answer the calls of a run and want no more of it. Store ``thread.state`` afterwards. Safe to repeat.

        What could not be told is mended before the next question; nothing is raised.
        """
        ...

    async def cancel(self, thread: Thread, run_id: str) -> None:
        """End a run; returns when the thread takes new messages again, or after 60 s."""
        ...

    def read_file(self, ref: Mapping[str, Json]) -> AsyncGenerator[bytes, None]:
        """The bytes of an artifact, in chunks. Raises ``FileGone`` when Azure no longer has it."""
        ...

    async def without_names(self, thread: Thread) -> Thread:
        """The thread with nothing but ids in its state: all that ``delete_thread`` needs."""
        ...

    async def delete_thread(self, thread: Thread) -> None:
        """Remove conversation, sandbox and files. Whatever is gone already is fine; safe to call again after a failure.

        Raises:
            AssistantError: Something is still there.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
