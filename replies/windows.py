"""What only one person sees: modals, the home tab, ephemeral lines. Implements ``conversations.ports.Windows``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import aiohttp

from conversations.errors import SlackError
from conversations.ports import Modal, Notice, NoticeKind, Place, SharedFile, Talk
from replies import blocks
from replies.calls import Refused, SlackCalls, Unclear
from replies.card import size
from replies.code_modal import CodeStep, code_modal, feedback_modal
from replies.home import home, prompts
from replies.sanitize import escape
from replies.tables import Block
from replies.wording import Wording

_log = logging.getLogger(__name__)
_PATIENCE = 3.0
"""Seconds: a modal's trigger is good for three, and nobody waits longer for a line that only he sees."""

_MOST_LISTED = 15
_OK = 200


class SlackWindows:
    """Modals, home tab and ephemeral lines of one workspace.

    Args:
        calls: The way to Slack, shared with the answers.
    """

    def __init__(self, calls: SlackCalls) -> None:
        self._calls = calls

    async def code(
        self, modal: Modal, locale: str, turn: str, steps: Sequence[Mapping[str, str]], page: int = 0
    ) -> None:
        """See ``Windows.code``."""
        ran = [CodeStep(step["code"], step["output"]) for step in steps]
        await self._show(modal, code_modal(Wording(locale), turn, ran, page))

    async def reason(self, modal: Modal, locale: str, turn: str) -> None:
        """See ``Windows.reason``."""
        await self._show(modal, feedback_modal(Wording(locale), turn))

    async def home(self, user: str, locale: str, talks: Sequence[Talk]) -> None:
        """See ``Windows.home``."""
        found = await asyncio.gather(*(self._link(talk) for talk in talks))
        links = {f"{talk.channel}:{talk.thread}": link for talk, link in zip(talks, found, strict=True) if link}
        await self._quietly(self._write("views.publish", user_id=user, view=home(Wording(locale), talks, links)))

    async def prompts(self, channel: str, locale: str) -> None:
        """See ``Windows.prompts``."""
        wording = Wording(locale)
        title = wording.plain("What would you like to know?")
        offered = self._write(
            "assistant.threads.setSuggestedPrompts", channel_id=channel, title=title, prompts=prompts(wording)
        )
        await self._quietly(offered)

    async def whisper(self, place: Place, notice: Notice) -> None:
        """See ``Windows.whisper``."""
        text = Wording(place.locale).notice(notice)
        said = self._write(
            "chat.postEphemeral", channel=place.channel, user=place.asker, thread_ts=place.thread, text=text
        )
        await self._quietly(said)

    async def reply(self, address: str, locale: str, notice: Notice) -> None:
        """See ``Windows.reply``."""
        await self._reply(address, Wording(locale).notice(notice))

    async def reply_files(self, address: str, locale: str, files: Sequence[SharedFile]) -> None:
        """See ``Windows.reply_files``."""
        wording = Wording(locale)
        lines = [_line(wording, file) for file in files[:_MOST_LISTED]]
        if len(files) > _MOST_LISTED:
            lines.append(wording.say("and {count} more", count=len(files) - _MOST_LISTED))
        await self._reply(address, "\n".join(lines) or wording.notice(Notice(NoticeKind.NO_FILES)))

    async def _show(self, modal: Modal, view: Block) -> None:
        if modal.view:
            await self._quietly(self._write("views.update", view_id=modal.view, view=view))
        else:
            await self._quietly(self._write("views.open", trigger_id=modal.trigger, view=view))

    async def _link(self, talk: Talk) -> str:
        try:
            answer = await self._calls.ask(
                "chat.getPermalink", patience=_PATIENCE, channel=talk.channel, message_ts=talk.thread
            )
        except (Refused, Unclear, SlackError):
            return ""
        return str(answer.get("permalink") or "")

    def _write(self, method: str, **arguments: Any) -> Awaitable[object]:
        return self._calls.write(method, repeatable=False, patience=_PATIENCE, **arguments)

    @staticmethod
    async def _quietly(call: Awaitable[object]) -> None:
        try:
            await call
        except (Refused, Unclear, SlackError) as failure:
            _log.warning("a person does not see what was meant for them: %s", failure)

    async def _reply(self, address: str, text: str) -> None:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: five in half an hour."""
        said = {"text": text, "blocks": [blocks.section(text)], "response_type": "ephemeral", "replace_original": False}
        try:
            if self._calls.session is None:
                async with aiohttp.ClientSession() as session:
                    await _send(session, address, said)
            else:
                await _send(self._calls.session, address, said)
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            _log.warning("a reply did not arrive: %s", type(failure).__name__)


async def _send(session: aiohttp.ClientSession, address: str, said: Mapping[str, Any]) -> None:
    async with session.post(address, json=said) as response:
        if response.status != _OK:
            _log.warning("a reply was refused: HTTP %d", response.status)


def _line(wording: Wording, file: SharedFile) -> str:
    shared = wording.moment(float(file.shared_at or file.created))
    return f"• *{escape(file.name)}* · {size(wording, file.size)} · {shared}"
