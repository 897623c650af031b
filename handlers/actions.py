"""Pressed buttons. What must not be lost is on disk before the ack; what is only shown comes after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from conversations.ports.incoming import Press, PressKind
from conversations.service import Conversations
from replies.views.buttons import ASK_SAMPLE, DELETE_ANSWER, FEEDBACK, SHOW_CODE, STOP_RUN, TRY_AGAIN, sample, verdict
from replies.views.code_modal import CODE_BACK, CODE_ON, POST_CODE, page_of
from workplace import presses

Json = Mapping[str, Any]
Read = Callable[[Press], Press]


def _sample(press: Press) -> Press:
    card, question = sample(press.value)
    return replace(press, name=PressKind.SAMPLE, value=card, more=question)


def _judge(press: Press) -> Press:
    given = verdict(press.value)
    return replace(press, name=PressKind.JUDGE, value=given.turn, more=given.thumb)


def _plainly(kind: PressKind) -> Read:
    return lambda press: replace(press, name=kind)


RECORDED: Mapping[str, Read] = {
    STOP_RUN: _plainly(PressKind.STOP),
    TRY_AGAIN: _plainly(PressKind.AGAIN),
    DELETE_ANSWER: _plainly(PressKind.DELETE),
    POST_CODE: _plainly(PressKind.POST_CODE),
    ASK_SAMPLE: _sample,
    FEEDBACK: _judge,
}
"""Buttons whose press is on disk before the ack. A file card has several of one kind: ``ask_sample:0``…"""

SHOWN = frozenset({SHOW_CODE, CODE_BACK, CODE_ON, FEEDBACK})
"""Buttons that open or change a modal."""


class Actions:
    """Takes ``block_actions``; unknown buttons (of an older version) do nothing."""

    def __init__(self, conversations: Conversations, team: str) -> None:
        self._presses = conversations.presses
        self._answers = conversations.answer_buttons
        self._team = team

    async def record(self, body: Json) -> None:
        """Before the ack: whatever a crash must not undo."""
        for press in presses.buttons(body, self._team):
            if read := RECORDED.get(press.name.partition(":")[0]):
                await self._presses.accept(read(press))

    async def show(self, ack: AsyncAck, context: AsyncBoltContext) -> None:
        """After the ack: modals."""
        await ack()
        body: Json = context["payload"]
        modal = presses.modal(body)
        for press in presses.buttons(body, self._team):
            if press.name == SHOW_CODE:
                await self._answers.show_code(replace(press, name=PressKind.SHOW_CODE), modal)
            elif press.name in {CODE_BACK, CODE_ON}:
                page, turn = page_of(press.value)
                await self._answers.show_code(replace(press, name=PressKind.SHOW_CODE, value=turn), modal, page)
            elif press.name == FEEDBACK and (given := verdict(press.value)).thumb == "down":
                await self._answers.ask_reason(replace(press, name=PressKind.ASK_REASON, value=given.turn), modal)
