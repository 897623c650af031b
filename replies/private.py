"""What only one person sees: modals, the home tab, ephemeral lines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from typing_extensions import override

from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Place
from conversations.ports.windows import NOTHING, Account, Extent, Modal, Source, Talk, Windows
from conversations.ports.workplace import SharedFile
from errors import AnalystError
from replies.answers.post import NO_UNFURLS
from replies.markdown.sanitize import escape
from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.file_card import size
from replies.views.home import home, prompts, refused_home
from replies.views.how_modal import CodeStep, how_modal
from replies.views.modals import feedback_modal, forget_modal, sentence_modal
from replies.views.wording import Markup, Wording
from slack_api.api import SlackApi
from slack_api.failures import FAILURES
from untrusted.off_loop import aside

log = logging.getLogger(__name__)
_PATIENCE = 3.0
"""Seconds: a modal's trigger is good for three, and nobody waits longer for a line that only he sees."""

_MOST_LISTED = 15
_OK = 200
_SLACKS_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")


class SlackWindows(Windows):
    """Modals, home tab and ephemeral lines of one workspace."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    @override
    async def how(
        self,
        modal: Modal,
        locale: str,
        turn: str,
        sources: Sequence[Source],
        steps: Sequence[Mapping[str, str]],
        page: int = 0,
        account: Account = NOTHING,
    ) -> None:
        ran = [CodeStep(step["code"], step["output"]) for step in steps]
        size = sum(len(step.code) + len(step.output) for step in ran) + sum(len(one.query) for one in account.numbers)
        await self._show(modal, await aside(size, how_modal, Wording(locale), turn, sources, ran, page, account))

    @override
    async def reason(self, modal: Modal, locale: str, turn: str) -> None:
        await self._show(modal, feedback_modal(Wording(locale), turn))

    @override
    async def forget(self, modal: Modal, locale: str, asked: str, channel: str, extent: Extent) -> None:
        await self._show(modal, forget_modal(Wording(locale), asked, channel, extent))

    @override
    async def moment(self, modal: Modal, locale: str) -> Modal:
        wording = Wording(locale)
        view = sentence_modal(wording, wording.say("One moment…"))
        opened = await self._try("views.open", trigger_id=modal.trigger, view=view)
        return modal if opened is None else Modal(view=str((opened.get("view") or {}).get("id") or ""))

    @override
    async def refusal(self, modal: Modal, locale: str, error: AnalystError) -> bool:
        wording = Wording(locale)
        return await self._show(modal, sentence_modal(wording, wording.error(error)))

    @override
    async def home(self, user: str, locale: str, talks: Sequence[Talk]) -> None:
        found = await asyncio.gather(*(self._link(talk) for talk in talks))
        links = {f"{talk.channel}:{talk.thread}": link for talk, link in zip(talks, found, strict=True) if link}
        await self._try("views.publish", user_id=user, view=home(Wording(locale), talks, links))

    @override
    async def refuse_home(self, user: str, locale: str, error: AnalystError) -> None:
        await self._try("views.publish", user_id=user, view=refused_home(Wording(locale).error(error)))

    @override
    async def prompts(self, channel: str, locale: str) -> None:
        wording = Wording(locale)
        title = wording.plain("What would you like to know?")
        method = "assistant.threads.setSuggestedPrompts"
        await self._try(method, channel_id=channel, title=title, prompts=prompts(wording))

    @override
    async def whisper(self, place: Place, notice: Notice) -> None:
        text = Wording(place.locale).notice(notice)
        where = {"channel": place.channel, "user": place.asker, "thread_ts": place.thread}
        await self._try("chat.postEphemeral", text=text, **where)

    @override
    async def tell(self, user: str, locale: str, notice: Notice) -> None:
        fields = {name: Markup(f"<#{value}>") if name == "channel" else value for name, value in notice.fields.items()}
        text = Wording(locale).notice(replace(notice, fields=fields))
        await self._try("chat.postMessage", channel=user, text=text, **NO_UNFURLS)

    @override
    async def refuse(self, place: Place, error: AnalystError, address: str = "") -> None:
        """Who is not in a channel sees nothing there but what comes through the address."""
        text = Wording(place.locale).error(error)
        thread = place.thread if place.is_direct or place.thread != place.question else ""
        if await self._reply(address, text, thread) or await self._tell(place, text, thread):
            return
        await self._try("chat.postMessage", channel=place.asker, text=text, **NO_UNFURLS)

    async def _tell(self, place: Place, text: str, thread: str) -> bool:
        """Whether somebody has been told something where it was asked for."""
        said: dict[str, Any] = {"channel": place.channel, "thread_ts": thread or None, "text": text}
        try:
            if place.is_direct:
                await self._api.write("chat.postMessage", **said, **NO_UNFURLS)
            else:
                await self._api.write("chat.postEphemeral", repeatable=True, user=place.asker, **said)
        except FAILURES as failure:
            log.info("A refusal goes to the person directly: %s", failure)
            return False
        return True

    @override
    async def reply(self, address: str, locale: str, notice: Notice) -> None:
        await self._reply(address, Wording(locale).notice(notice))

    @override
    async def reply_files(self, address: str, locale: str, files: Sequence[SharedFile]) -> None:
        wording = Wording(locale)
        lines = [_line(wording, file) for file in files[:_MOST_LISTED]]
        if len(files) > _MOST_LISTED:
            lines.append(wording.say("and {count} more", count=len(files) - _MOST_LISTED))
        await self._reply(address, "\n".join(lines) or wording.notice(Notice(NoticeKind.NO_FILES)))

    async def _show(self, modal: Modal, view: Block) -> bool:
        if modal.view:
            return await self._try("views.update", view_id=modal.view, view=view) is not None
        return await self._try("views.open", trigger_id=modal.trigger, view=view) is not None

    async def _link(self, talk: Talk) -> str:
        try:
            answer = await self._api.ask(
                "chat.getPermalink", patience=_PATIENCE, channel=talk.channel, message_ts=talk.thread
            )
        except FAILURES:
            return ""
        return str(answer.get("permalink") or "")

    async def _try(self, method: str, **arguments: Any) -> Mapping[str, Any] | None:
        """Slack's answer; None when it has not taken the call."""
        try:
            return await self._api.write(method, patience=_PATIENCE, **arguments)
        except FAILURES as failure:
            log.warning("A person does not see what was meant for them: %s", failure)
            return None

    async def _reply(self, address: str, text: str, thread: str = "") -> bool:
        """Whether Slack has taken an answer to an interaction; it takes five in half an hour.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        if not self._is_slacks(address):
            return False
        said = {"text": text, "blocks": [blocks.section(text)], "response_type": "ephemeral", "replace_original": False}
        if thread:
            said["thread_ts"] = thread
        try:
            return await _send(self._api.session, address, said)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
            log.warning("A reply did not arrive: %s", type(failure).__name__)
            return False

    def _is_slacks(self, address: str) -> bool:
        """Payloads bring addresses; nothing is sent elsewhere."""
        try:
            parts, own = urlsplit(address), urlsplit(self._api.url)
        except ValueError:
            return False
        is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        return is_own or (parts.scheme == "https" and parts.netloc in _SLACKS_HOSTS)


async def _send(session: aiohttp.ClientSession, address: str, said: Mapping[str, Any]) -> bool:
    async with session.post(address, json=said, allow_redirects=False) as response:
        if response.status != _OK:
            log.warning("A reply was refused: HTTP %d", response.status)
        return response.status == _OK


def _line(wording: Wording, file: SharedFile) -> str:
    shared = wording.moment(float(file.shared_at or file.created))
    return f"• *{escape(file.name)}* · {size(wording, file.size)} · {shared}"
