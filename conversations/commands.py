"""Words to the bot in a thread: stop, mute, unmute, forget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from azure_assistant.assistant import Assistant
from azure_assistant.errors import AnalystError
from conversations.attaching import Attachments
from conversations.engine import Engine
from conversations.inbox import Inbox
from conversations.journal import TurnJournal
from conversations.live import place_of
from conversations.models import Question
from conversations.ports import NoticeKind, Replies
from conversations.threads import Threads


class Commands:
    """Carries out a word to the bot."""

    def __init__(
        self,
        engine: Engine,
        inbox: Inbox,
        threads: Threads,
        attachments: Attachments,
        assistant: Assistant,
        replies: Replies,
        journal: Callable[[str], TurnJournal],
    ) -> None:
        self._engine = engine
        self._inbox = inbox
        self._threads = threads
        self._attachments = attachments
        self._assistant = assistant
        self._replies = replies
        self._journal = journal

    async def carry_out(self, turn: str) -> dict[str, Any]:
        """Do what the turn's question says.

        Returns:
            The notice to show, if any: a stopped turn shows its own outcome.
        """
        question = await self._inbox.get(turn)
        if question is None:
            raise AnalystError("question missing")
        match question.command:
            case "stop":
                stopped = await self.stop(question.conversation, question.user, besides=turn)
                return {"notice": "" if stopped else NoticeKind.NOTHING_TO_STOP.value}
            case "mute" | "unmute":
                await self._threads.mute(question.conversation, question.command == "mute")
                return {"notice": NoticeKind.MUTED.value if question.command == "mute" else NoticeKind.UNMUTED.value}
            case "delete":
                await self._retract(question)
                return {"notice": ""}
            case _:
                await self._forget(question)
                return {"notice": NoticeKind.FORGOTTEN.value}

    async def stop(self, conversation: str, user: str, besides: str = "") -> bool:
        """Stop a conversation's running turn and the person's waiting ones.

        Returns:
            Whether there was anything to stop.
        """
        found = [question for question in await self._inbox.open_in(conversation) if question.id != besides]
        stopping = [question for question in found if question.state == "running" or question.user == user]
        for question in stopping:
            await self.cancel(question.id, user)
        return bool(stopping)

    async def cancel(self, turn: str, user: str) -> None:
        """End one turn, running or waiting: durable when this returns."""
        await self._inbox.set(turn, stopped_by=user)
        await self._engine.stop(turn)

    async def _retract(self, question: Question) -> None:
        """Remove the answer of the turn that the text names; only its asker may."""
        target = await self._inbox.get(question.text)
        if target and target.user == question.user:
            journal = self._journal(target.id)
            await self._replies.answer(place_of(target, None), journal, recovering=True).retract()

    async def _forget(self, question: Question) -> None:
        thread = await self._threads.assistant_thread(question.conversation)
        if thread:
            await self._assistant.delete_thread(thread)
        await self._attachments.forget(question.conversation)
        await self._inbox.blank(question.conversation, before=question.ts)
        await self._threads.forget_assistant(question.conversation)
