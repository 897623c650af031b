"""Asks the model about numbers that differ: once, in the same conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from azure_assistant.assistant import Assistant, Prompt, Thread
from azure_assistant.events import Failed, Finished, Gone, RunEvent, RunStarted, Usage
from azure_assistant.run.instructions import DIFFERENCE
from conversations.checks.records import ASKED, CheckRecords
from conversations.database.models import Check, ConversationFile, Question
from conversations.files.uploads import prompt_files
from conversations.ports.checks import Difference
from conversations.ports.workplace import Person
from conversations.store.conversations import ConversationStore
from conversations.store.kept_thread import KeptThread
from errors import AnalystError

log = logging.getLogger(__name__)

SECONDS = 180.0
_ASK_AGAIN = 2


@dataclass(frozen=True)
class Said:
    """What the model has said, and what that has cost."""

    text: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(eq=False)
class Correcting:
    """Asks the model."""

    _records: CheckRecords
    _conversations: ConversationStore
    _assistant: Assistant

    async def ask(self, question: Question, check: Check, asker: Person, differences: Sequence[Difference]) -> Said:
        """What the model says of some differences; nothing when it cannot be asked. Resumes what a crash has left."""
        thread = await self._conversations.assistant_thread(question.conversation)
        files = list((await self._records.files(check)).values())
        if thread is None:
            return Said()
        kept = KeptThread(self._conversations, question.conversation, thread)
        run_id = check.run_id
        try:
            async with asyncio.timeout(SECONDS):
                if check.tries > 1 and not run_id:  # an earlier process may have asked, and died
                    async for _ in self._assistant.resume(thread, ""):
                        pass
                for _ in range(_ASK_AGAIN):
                    said = await self._follow(question.id, kept, run_id, _prompt(asker, files, differences))
                    if said:
                        return said
                    run_id = ""
        except (AnalystError, TimeoutError) as error:
            log.warning("Nothing is said of differences in %s: %s", question.id, type(error).__name__)
            await self._give_up(question.id, kept.thread)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_up(question.id, kept.thread))
            raise
        finally:
            await kept.save()
        return Said()

    async def _follow(self, turn: str, kept: KeptThread, run_id: str, prompt: Prompt) -> Said | None:
        """A run up to its end; None when it is gone."""
        assistant, thread = self._assistant, kept.thread
        events = assistant.resume(thread, run_id) if run_id else assistant.run(thread, prompt)
        last: RunEvent | None = None
        async for last in events:
            if isinstance(last, RunStarted) and last.run_id != run_id:
                await kept.save()
                await self._records.save(turn, state=ASKED, run_id=last.run_id)
        match last:
            case Finished(text, usage):
                return Said(text.strip(), usage)
            case Failed(error, _, usage):
                log.warning("The model says nothing of differences in %s: %s", turn, type(error).__name__)
                return Said(usage=usage)
            case Gone() | None:
                return None
            case _:
                return Said()

    async def _give_up(self, turn: str, thread: Thread) -> None:
        check = await self._records.get(turn)
        if check and check.run_id:
            await self._assistant.cancel(thread, check.run_id)


def _prompt(asker: Person, files: Sequence[ConversationFile], differences: Sequence[Difference]) -> Prompt:
    lines = "\n".join(
        f"- {one.label or '?'}: you stated {one.stated}, the query gives {one.found}" for one in differences
    )
    return Prompt(
        question=DIFFERENCE.format(differences=lines),
        files=prompt_files(files),
        locale=asker.locale,
        timezone=asker.timezone,
        receipts=True,
    )
