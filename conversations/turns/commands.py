"""Words to the bot in a thread: stop, mute, unmute, forget."""

from __future__ import annotations

from typing import Any

from conversations.access.admins import Admins
from conversations.database.models import Job, Question
from conversations.engine.dbos import Engine
from conversations.jobs.forgetting import Forgetting
from conversations.jobs.jobs import Jobs
from conversations.ports.notices import NoticeKind
from conversations.ports.workplace import Workplace
from conversations.store.conversations import Threads
from conversations.store.questions import QuestionStore
from errors import AnalystError

INTERRUPT = "interrupt"


class Commands:
    """Carries out a word to the bot."""

    def __init__(
        self,
        engine: Engine,
        questions: QuestionStore,
        threads: Threads,
        jobs: Jobs,
        forgetting: Forgetting,
        workplace: Workplace,
        admins: Admins,
    ) -> None:
        self._engine = engine
        self._questions = questions
        self._threads = threads
        self._jobs = jobs
        self._forgetting = forgetting
        self._workplace = workplace
        self._admins = admins
        jobs.on(INTERRUPT, self._interrupt, at_once=True)

    async def carry_out(self, turn: str) -> dict[str, Any]:
        """Do what the turn's question says.

        Returns:
            The notice to show, if any (a stopped turn shows its own outcome), and its fields.
        """
        question = await self._questions.get(turn)
        if question is None:
            raise AnalystError("question missing")
        match question.command:
            case "stop":
                if await self.stop(question.conversation, question.user, besides=turn):
                    return {"notice": ""}
                return await self._stop_everywhere(question)
            case "mute" | "unmute":
                await self._threads.mute(question.conversation, question.command == "mute")
                return {"notice": NoticeKind.MUTED.value if question.command == "mute" else NoticeKind.UNMUTED.value}
            case "forget":
                return await self._forget(question)
            case _:
                return {"notice": ""}  # a word of another version

    async def stop(self, conversation: str, user: str, besides: str = "") -> bool:
        """Stop a conversation's running turn and the person's waiting ones.

        Returns:
            Whether there was anything to stop.
        """
        found = [question for question in await self._questions.open_in(conversation) if question.id != besides]
        stopping = [question for question in found if question.state == "running" or question.user == user]
        for question in stopping:
            await self.cancel(question.id, user)
        return bool(stopping)

    async def _stop_everywhere(self, question: Question) -> dict[str, Any]:
        """In a direct message each question has a thread of its own: a word beside them is for all."""
        beside = question.direct and question.thread == question.ts
        found = await self._questions.open_in_channel(question.team, question.channel) if beside else ()
        stopping = [other.id for other in found if other.id != question.id]
        for turn in stopping:
            await self.cancel(turn, question.user)
        if not stopping:
            return {"notice": NoticeKind.NOTHING_TO_STOP.value}
        person = await self._workplace.person(question.user)
        return {"notice": NoticeKind.STOPPED.value, "fields": {"by": person.name or person.id}}

    async def cancel(self, turn: str, user: str) -> None:
        """End one turn, running or waiting: durable when this returns."""
        await self._questions.set(turn, stopped_by=user)
        await self._engine.stop(turn)

    async def _forget(self, question: Question) -> dict[str, Any]:
        first = await self._questions.began(question.conversation)
        if first is None:
            return {"notice": NoticeKind.NOTHING_TO_FORGET.value}
        if not await self._may_forget(question, first):
            owner = await self._workplace.person(first.user)
            return {"notice": NoticeKind.FORGET_REFUSED.value, "fields": {"by": owner.name or owner.id}}
        is_gone = await self._forgetting.conversation(question.conversation, question.ts)
        return {"notice": (NoticeKind.FORGOTTEN if is_gone else NoticeKind.FORGOTTEN_HERE).value}

    async def make_way(self, turn: str) -> None:
        """What ``forget`` is said of is stopped first, before its own turn comes: durable when this returns."""
        if question := await self._questions.get(turn):
            await self._jobs.accept(INTERRUPT, turn, turn, channel=question.channel, user=question.user)

    async def _interrupt(self, job: Job) -> None:
        question = await self._questions.get(job.id.removesuffix(f":{INTERRUPT}"))
        if question is None or not await self._may_forget(question, await self._questions.began(question.conversation)):
            return
        for other in await self._questions.open_in(question.conversation):
            if other.ts < question.ts:
                await self.cancel(other.id, question.user)

    async def _may_forget(self, question: Question, first: Question | None) -> bool:
        """Only who began the conversation may, or an admin of the workspace."""
        if first is None or first.user == question.user:
            return first is not None
        return await self._admins.is_admin(question.user, question.team)
