"""The steps ``attach:…`` of a turn: brings what a run needs to the assistant thread, side by side."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from azure_assistant.errors import FileLost, UploadError
from conversations.engine.engine import Engine, Stopped
from conversations.errors import DownloadFailed, FileError, FileIsLoginPage, SpoolFull, SpoolUnusable
from conversations.files.sandbox import Sandbox
from conversations.files.uploads import FileUploads
from conversations.planning.prompt import wants_computing, wants_font
from conversations.ports.replies import Activity
from conversations.ports.workplace import SharedFile
from conversations.store.results import Attached
from conversations.turns.records import TurnRecords
from conversations.turns.runs import Runs
from conversations.turns.step_runner import StepRunner
from conversations.turns.turn import Turn
from errors import AnalystError
from untrusted.side_by_side import side_by_side

_PASSING = (UploadError, DownloadFailed, FileIsLoginPage, SpoolFull, SpoolUnusable)
"""What may be otherwise at the next question."""


@dataclass(frozen=True)
class Brought:
    """What came of a turn's files: those that can be used, and what the asker is told about the others."""

    used: list[Attached]
    unread: list[AnalystError]


@dataclass(eq=False)
class FilesStep:
    """Attaches the files of turns, and has the rest of what their runs need made meanwhile."""

    _engine: Engine
    _steps: StepRunner
    _records: TurnRecords
    _uploads: FileUploads
    _runs: Runs

    async def attach_all(self, turn: Turn, files: Sequence[SharedFile]) -> Brought | None:
        """Attach files; None when the turn was stopped meanwhile.

        Raises:
            AnalystError: An error that ends the turn.
        """
        return await self._until_stopped(turn, lambda: self._attach_all(turn, files, None))

    async def foresee(self, turn: Turn) -> None:
        """Begin with what nearly every question needs, before its plan is there."""
        await self._runs.open_ahead(turn)

    async def settle(self, turn: Turn) -> None:
        """Wait until what was begun so is recorded."""
        await self._runs.opened(turn)

    async def prepare(self, turn: Turn, files: Sequence[SharedFile]) -> Brought | None:
        """The same, while the thread is opened at Azure and the sandbox that a run will need is made and filled."""
        return await self._until_stopped(turn, lambda: self._prepare(turn, files))

    async def _until_stopped(self, turn: Turn, work: Callable[[], Coroutine[Any, Any, Brought]]) -> Brought | None:
        async def interruptible() -> Brought | None:
            try:
                return await self._engine.interruptible(turn.id, work())
            except Stopped:
                return None

        brought = await self._steps.capture_errors(turn, "attach", interruptible)
        if isinstance(brought, AnalystError):
            raise brought
        return brought

    async def _prepare(self, turn: Turn, files: Sequence[SharedFile]) -> Brought:
        kept = await self._runs.thread(turn)
        sandbox = self._runs.sandbox(kept) if wants_computing(turn.plan) else None
        brought, *_ = await side_by_side(
            self._attach_all(turn, files, sandbox),
            self._runs.open_thread(turn),
            self._make_sandbox(turn, files, sandbox),
        )
        return brought

    async def _make_sandbox(self, turn: Turn, files: Sequence[SharedFile], sandbox: Sandbox | None) -> None:
        """Make the sandbox; put the files into it that Azure has, and the font if it is known to be wanted."""
        if sandbox:
            coming = {file.id for file in files}
            held = [row for row in turn.files if row.slack_file not in coming]
            size = sum(file.size for file in files) + sum(row.size for row in held)
            fonts = [sandbox.put(font=True)] if wants_font(turn.plan, turn.files) else []
            await side_by_side(sandbox.open(size), *fonts, *(sandbox.put(row.azure_file) for row in held))

    async def _attach_all(self, turn: Turn, files: Sequence[SharedFile], sandbox: Sandbox | None) -> Brought:
        came = await side_by_side(*(self._bring(turn, file, sandbox) for file in files))
        used = [one for one in came if isinstance(one, Attached)]
        unread = [[one] if isinstance(one, AnalystError) else one.notes for one in came if one]
        return Brought(used, [error for errors in unread for error in errors])

    async def _bring(self, turn: Turn, file: SharedFile, sandbox: Sandbox | None) -> Attached | AnalystError | None:
        """Attach a file, and put it into the sandbox; why it cannot be used; None if nobody wants to hear that."""
        try:
            attached = await self._steps.run_beside(
                turn, f"attach:{file.id}", Attached, partial(self._attach, turn, file)
            )
        except (FileError, UploadError) as error:
            return error if isinstance(error, _PASSING) or await self._is_asked_for(turn, file) else None
        if sandbox and attached.azure_file:
            await sandbox.put(attached.azure_file)
        return attached

    async def _is_asked_for(self, turn: Turn, file: SharedFile) -> bool:
        """Whether a question wants to hear why a file cannot be used: what its thread has heard, it hears no more."""
        is_news = await self._steps.through_outages(lambda: self._uploads.is_news(turn.question, file))
        on_message = any(own["id"] == file.id for own in turn.question.files)
        return is_news or on_message or bool(file.name and file.name.casefold() in turn.plan.question.casefold())

    async def _attach(self, turn: Turn, file: SharedFile) -> Attached:
        await turn.answer.status(Activity.READING, file=file.name)
        attached = await self._uploads.attach(turn.question, await self._runs.thread(turn), file, turn.traffic)
        return replace(attached, is_newest=turn.plan.reasons.get(file.id) == "newest")

    async def restore(self, turn: Turn, lost: FileLost) -> list[AnalystError]:
        """Upload again the files that the assistant has lost; why some of them cannot be uploaded."""
        kept = await self._runs.thread(turn)
        unread = await self._uploads.attach_again(turn.question, kept, lost.file_ids, turn.traffic)
        await self._records.refresh(turn)
        return unread
