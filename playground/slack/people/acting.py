"""What all acts of people and apps share: how a message comes into a channel."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from playground.slack.delivery.core import Core
from playground.slack.people.typing_text import to_markup, to_rich_text
from playground.slack.state import messages
from playground.slack.state.entities import Channel
from playground.slack.state.options import Json


class Acting:
    """The base of everything that acts in the workspace from outside the app."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._workspace = core.workspace

    def _body(self, user: str, text: str) -> Json:
        markup = to_markup(self._workspace, text)
        team = self._workspace.users[user]["team_id"]
        body: Json = {"user": user, "text": markup, "team": team, "client_msg_id": str(uuid.uuid4())}
        blocks = to_rich_text(self._workspace, markup)
        if team != self._workspace.team_id:
            body |= {"user_team": team, "source_team": team}
        return body | ({"blocks": blocks} if blocks else {})

    def _enter(
        self, place: Channel, body: Json, thread: str | None, file_ids: Sequence[str] = (), *, broadcast: bool = False
    ) -> str:
        root = messages.root_of(place, thread or "")
        if file_ids:
            body |= {"subtype": "file_share", "upload": True, "display_as_bot": False}
        elif root is not None and broadcast:
            body["subtype"] = "thread_broadcast"
        record = messages.add(self._workspace, place, body, root=root, file_ids=file_ids)
        if file_ids:
            self._core.events.shared(record)
        else:
            self._core.events.posted(record)
        return record.ts
