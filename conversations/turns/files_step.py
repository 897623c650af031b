"""The steps ``attach:…`` of a turn: brings the files of its plan from Slack to the assistant thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from azure_assistant.errors import FileLost, UploadError
from conversations.errors import DownloadFailed, FileError, FileIsLoginPage, SpoolFull, SpoolUnusable
from conversations.files.uploads import FileUploads
from conversations.ports.replies import Activity
from conversations.ports.workplace import SharedFile
from conversations.store.results import Attached
from conversations.turns.records import TurnRecords
from conversations.turns.runs import Runs
from conversations.turns.step_runner import StepRunner
from conversations.turns.turn import Turn
from errors import AnalystError

_PASSING = (UploadError, DownloadFailed, FileIsLoginPage, SpoolFull, SpoolUnusable)
"""What may be otherwise at the next question."""


class FilesStep:
    """Attaches the files of turns."""

    def __init__(self, steps: StepRunner, records: TurnRecords, uploads: FileUploads, runs: Runs) -> None:
        self._steps = steps
        self._records = records
        self._uploads = uploads
        self._runs = runs

    async def attach_all(self, turn: Turn, files: Sequence[SharedFile]) -> tuple[list[Attached], list[AnalystError]]:
        """Attach files.

        Returns:
            The usable files, and what the asker is told about files that cannot be read.

        Raises:
            AnalystError: An error that ends the turn.
        """
        used: list[Attached] = []
        unread: list[AnalystError] = []
        for file in files:
            try:
                attached = await self._steps.run_once(
                    turn, f"attach:{file.id}", Attached, partial(self._attach, turn, file)
                )
            except (FileError, UploadError) as error:
                if isinstance(error, _PASSING) or await self._is_asked_for(turn, file):
                    unread.append(error)
            else:
                used.append(attached)
                unread += attached.notes
        return used, unread

    async def _is_asked_for(self, turn: Turn, file: SharedFile) -> bool:
        """Whether a question wants to hear why a file cannot be used: what its thread has heard, it hears no more."""
        on_message = any(own["id"] == file.id for own in turn.question.files)
        if on_message or (file.name and file.name.casefold() in turn.plan.question.casefold()):
            return True
        return await self._steps.through_outages(lambda: self._uploads.is_news(turn.question, file))

    async def _attach(self, turn: Turn, file: SharedFile) -> Attached:
        await turn.answer.status(Activity.READING, file=file.name)
        async with self._runs.thread(turn.question) as thread:
            return await self._uploads.attach(turn.question, thread, file)

    async def restore(self, turn: Turn, lost: FileLost) -> list[AnalystError]:
        """Upload again the files that the assistant has lost; why some of them cannot be uploaded."""
        async with self._runs.thread(turn.question) as thread:
            unread = await self._uploads.attach_again(turn.question, thread, lost.file_ids)
        await self._records.refresh(turn)
        return unread
