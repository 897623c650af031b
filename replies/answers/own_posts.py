"""The bot's own messages in a thread: how a post is found that was made but not recorded."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conversations.ports.replies import Place
from replies.answers.surface import Surface
from slack_api.api import SlackApi
from slack_api.failures import Refused

EVENT_TYPE = "analyst_turn"
_PAGE = 200
log = logging.getLogger(__name__)


def metadata(turn: str, part: str) -> dict[str, Any]:
    """Marks a message as a part of a turn. Everybody in the workspace can read it, so it holds ids only."""
    return {"event_type": EVENT_TYPE, "event_payload": {"turn": turn, "part": part}}


class OwnPosts:
    """The bot's own messages in a thread since the question."""

    def __init__(self, messages: Sequence[Mapping[str, Any]], turn: str) -> None:
        self._messages = messages
        self._turn = turn

    def part(self, part: str) -> str | None:
        """The ts of a part."""
        return next((ts for name, ts in self.parts() if name == part), None)

    def parts(self) -> Iterator[tuple[str, str]]:
        """Each part of the turn, with its ts."""
        for message in self._messages:
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("turn") == self._turn:
                yield str(payload.get("part", "")), str(message["ts"])

    def orphans(self) -> list[str]:
        """Messages without a mark: streams that a dead process left behind.

        ``chat.startStream`` takes no metadata, so a stream that is not stopped has none.
        """
        return [str(m["ts"]) for m in self._messages if not m.get("metadata") and not m.get("files")]

    def shares(self, file_id: str) -> str | None:
        """The ts of the message that shows a file."""
        for message in self._messages:
            if any(file.get("id") == file_id for file in message.get("files") or []):
                return str(message["ts"])
        return None


async def look(surface: Surface, place: Place) -> OwnPosts:
    """Read the thread from the question on; when Slack refuses that, it counts as empty."""
    found: list[Mapping[str, Any]] = []
    cursor = ""
    try:
        while True:
            page = await surface.api.ask(
                "conversations.replies",
                channel=place.channel,
                ts=place.thread,
                oldest=place.question,
                limit=_PAGE,
                include_all_metadata="1",
                cursor=cursor or None,
            )
            found += page.get("messages") or []
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
    except Refused as refusal:
        log.warning("Cannot look into the thread: %s", refusal.error)
    own = [m for m in found if m.get("user") == surface.bot_user and float(m["ts"]) > float(place.question)]
    return OwnPosts([m for m in own if m.get("subtype") != "tombstone"], place.turn)


async def remove(api: SlackApi, place: Place, ts: str) -> None:
    """Delete a message of ours that may be gone already. One that is still streaming is stopped first."""
    if await _deleted(api, place, ts):
        return
    try:
        await api.write("chat.stopStream", repeatable=True, channel=place.channel, ts=ts)
    except Refused as refusal:
        log.debug("Nothing to stop: %s", refusal.error)
    if not await _deleted(api, place, ts):
        log.warning("A message could not be removed")


async def _deleted(api: SlackApi, place: Place, ts: str) -> bool:
    try:
        await api.ask("chat.delete", channel=place.channel, ts=ts)
    except Refused as refusal:
        return refusal.error == "message_not_found"
    return True
