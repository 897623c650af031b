"""Words to the bot in a thread: stop, mute, unmute, forget."""

from __future__ import annotations

from dataclasses import dataclass

from conversations.access.admins import Admins
from conversations.database.models import Job, Question
from conversations.jobs.jobs import Jobs
from conversations.ports.notices import NoticeKind
from conversations.ports.workspaces import WorkplaceOf
from conversations.privacy.forgetting import Forgetting
from conversations.store.conversations import ConversationStore
from conversations.store.questions import QuestionStore
from conversations.store.results import Told
from conversations.turns.stopper import TurnStopper
from conversations.turns.turn import Turn

INTERRUPT = "interrupt"


@dataclass(eq=False)
class Commands:
    """Carries out words to the bot."""

    _stopper: TurnStopper
    _questions: QuestionStore
    _conversations: ConversationStore
    _jobs: Jobs
    _forgetting: Forgetting
    _workplace: WorkplaceOf
    _admins: Admins

    async def carry_out(self, turn: Turn) -> Told:
        """Do what a turn's question says. A turn that is stopped shows its outcome itself."""
        question = turn.question
        match turn.plan.kind:
            case "stop":
                has_check = await self._stopper.end_check(conversation=question.conversation)
                if await self._stopper.stop_in(question.conversation, question.user, besides=turn.id):
                    return Told()
                if has_check:
                    return Told(NoticeKind.STOPPED, {"by": await self._name(question.team, question.user)})
                return await self._stop_everywhere(question)
            case "mute" | "unmute" as kind:
                await self._conversations.mute(question.conversation, kind == "mute")
                return Told(NoticeKind.MUTED if kind == "mute" else NoticeKind.UNMUTED)
            case _:
                return await self._forget(question)

    async def _stop_everywhere(self, question: Question) -> Told:
        """In a direct message each question has its own thread, so "stop" outside of them is for all of them."""
        beside = question.direct and question.thread == question.ts
        found = await self._questions.open_in_channel(question.team, question.channel) if beside else ()
        stopping = [other for other in found if other.id != question.id]
        if not stopping:
            return Told(NoticeKind.NOTHING_TO_STOP)
        await self._stopper.stop_all(stopping, question.user)
        return Told(NoticeKind.STOPPED, {"by": await self._name(question.team, question.user)})

    async def _forget(self, question: Question) -> Told:
        first = await self._questions.began(question.conversation)
        if first is None:
            return Told(NoticeKind.NOTHING_TO_FORGET)
        if not await self._may_forget(question, first):
            return Told(NoticeKind.FORGET_REFUSED, {"by": await self._name(first.team, first.user)})
        is_gone = await self._forgetting.conversation(question.conversation, question.ts, question.user)
        return Told(NoticeKind.FORGOTTEN if is_gone else NoticeKind.FORGOTTEN_HERE)

    async def make_way(self, turn: str) -> None:
        """Let the turns that ``forget`` is about be stopped before its own turn begins. Durable when this returns."""
        if question := await self._questions.get(turn):
            await self._jobs.accept(INTERRUPT, turn, turn, channel=question.channel, user=question.user)

    async def interrupt(self, job: Job) -> None:
        """The job of ``make_way``."""
        question = await self._questions.get(job.id.removesuffix(f":{INTERRUPT}"))
        if question is None or not await self._may_forget(question, await self._questions.began(question.conversation)):
            return
        others = await self._questions.open_in(question.conversation)
        await self._stopper.end_check(conversation=question.conversation)
        await self._stopper.stop_all([other for other in others if other.ts < question.ts], question.user)

    async def _may_forget(self, question: Question, first: Question | None) -> bool:
        """Only who began the conversation may, or an admin of the workspace."""
        if first is None or first.user == question.user:
            return first is not None
        return await self._admins.is_admin(question.user, question.team)

    async def _name(self, team: str, user: str) -> str:
        return (await self._workplace(team).person(user)).name or user
