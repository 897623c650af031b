"""Pressed buttons. What must not be lost is on disk before the ack; what is only shown comes after it."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from conversations.ports import Modal
from conversations.service import Conversations
from replies.buttons import ASK_SAMPLE, DELETE_ANSWER, FEEDBACK, SHOW_CODE, STOP_RUN, TRY_AGAIN, sample, verdict
from replies.code_modal import CODE_BACK, CODE_ON, POST_CODE, page_of

Json = dict[str, Any]


class Actions:
    """Takes ``block_actions``; unknown buttons (of an older version) do nothing."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._intake = conversations.intake
        self._desk = conversations.desk

    async def record(self, body: Json) -> None:
        """Before the ack: whatever a crash must not undo."""
        user = str(body["user"]["id"])
        for action in body.get("actions", []):
            await self._record(
                user, str(action.get("action_id")), str(action.get("value")), str(action.get("action_ts"))
            )

    async def _record(self, user: str, button: str, value: str, pressed: str) -> None:
        if button == STOP_RUN:
            await self._conversations.stop_turn(value, user)
        elif button == TRY_AGAIN:
            await self._intake.again(value, user, pressed)
        elif button == DELETE_ANSWER:
            await self._intake.delete(value, user, pressed)
        elif button.startswith(f"{ASK_SAMPLE}:"):
            await self._intake.sample(*sample(value), user, pressed)
        elif button == POST_CODE:
            await self._desk.post_code(value, user, pressed)
        elif button == FEEDBACK:
            given = verdict(value)
            await self._desk.judge(given.turn, user, given.thumb)

    async def show(self, ack: AsyncAck, body: Json) -> None:
        """After the ack: modals and thanks."""
        await ack()
        user = str(body["user"]["id"])
        modal = Modal(str(body.get("trigger_id") or ""), str((body.get("view") or {}).get("id") or ""))
        for action in body.get("actions", []):
            await self._show(user, str(action.get("action_id")), str(action.get("value")), modal)

    async def _show(self, user: str, button: str, value: str, modal: Modal) -> None:
        if button == SHOW_CODE:
            await self._desk.show_code(value, user, modal)
        elif button in {CODE_BACK, CODE_ON}:
            page, turn = page_of(value)
            await self._desk.show_code(turn, user, modal, page)
        elif button == FEEDBACK:
            given = verdict(value)
            if given.thumb == "down":
                await self._desk.ask_reason(given.turn, user, modal)
            else:
                await self._desk.thank(given.turn, user)
