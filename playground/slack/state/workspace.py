"""The state of the workspace: people, channels, messages, files, views."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from playground.slack.state.changes import Changes
from playground.slack.state.clock import Clock
from playground.slack.state.errors import Refused
from playground.slack.state.ledger import Ledger
from playground.slack.state.options import Json, Options

if TYPE_CHECKING:
    from playground.slack.state.filestore import StoredFile
    from playground.slack.state.streams import Stream

Kind = Literal["channel", "group", "im", "mpim"]
SCOPE_PREFIX: dict[Kind, str] = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


@dataclass
class Record:
    """A message. ``body`` is its Slack JSON without files and metadata, which ``messages.render`` adds."""

    channel: str
    body: Json
    file_ids: list[str] = field(default_factory=list)
    metadata: Json | None = None
    raw: Json = field(default_factory=dict)
    stream: Stream | None = None

    @property
    def ts(self) -> str:
        """The message's timestamp, which is its id in the channel."""
        return str(self.body["ts"])

    @property
    def thread(self) -> str:
        """The timestamp of its thread's root; its own when it is no reply."""
        return str(self.body.get("thread_ts") or self.body["ts"])

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread != self.ts


@dataclass
class Channel:
    """A conversation. ``restriction`` is the error that posting meets (``restricted_action_read_only_channel``…)."""

    id: str
    name: str
    kind: Kind
    created: int
    creator: str
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    is_ext_shared: bool = False
    restriction: str = ""
    locked_threads: set[str] = field(default_factory=set)
    records: dict[str, Record] = field(default_factory=dict)
    replies: dict[str, dict[str, None]] = field(default_factory=dict)

    def as_json(self, bot: str) -> Json:
        """The conversation as ``conversations.info`` shows it."""
        body: Json = {
            "id": self.id,
            "created": self.created,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_archived": self.is_archived,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
        }
        if self.kind == "im":
            person = next((member for member in self.members if member != bot), bot)
            return body | {"user": person, "is_user_deleted": False}
        nothing = {"value": "", "creator": "", "last_set": 0}
        return body | {
            "name": self.name,
            "name_normalized": self.name.lower(),
            "is_general": self.name == "general",
            "is_member": bot in self.members,
            "creator": self.creator,
            "topic": dict(nothing),
            "purpose": dict(nothing),
        }


@dataclass
class Status:
    """The line "analyst is …" in a thread."""

    text: str
    loading_messages: list[str] = field(default_factory=list)
    session: str = ""
    timer: asyncio.TimerHandle | None = None


@dataclass
class View:
    """A modal or a home tab as it stands."""

    body: Json
    user: str
    parent: str = ""


class Workspace:
    """One team with one app. Its methods look things up and check rights; acts on it are functions of other modules."""

    def __init__(self, options: Options, ledger: Ledger, changes: Changes) -> None:
        self.options = options
        self.ledger = ledger
        self.changes = changes
        self.clock = Clock(options.seed)
        self.url = ""
        self.origin_url = ""
        self.team: Json = {"id": "T0PLAYGRND", "name": "Playground", "domain": "playground"}
        self.enterprise_id = "E0PLAYGRND"
        self.app_id = "A0ANALYST01"
        self.bot_id = "B0ANALYST01"
        self.bot_user = "U0ANALYST01"
        self.scopes: set[str] = set(options.scopes)
        self.subscriptions: set[str] = set(options.events)
        self.revoked = False
        self.socket_mode = True
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Channel] = {}
        self.places: dict[str, str] = {}
        self.files: dict[str, StoredFile] = {}
        self.statuses: dict[tuple[str, str], Status] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[str, Json] = {}
        self.contexts: dict[str, Json] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, str] = {}
        self.triggers: dict[str, tuple[float, str]] = {}
        self.ephemerals: list[Json] = []
        self.response_urls: dict[str, Json] = {}

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return str(self.team["id"])

    def channel(self, channel_id: str) -> Channel:
        """A channel that exists; refuses as Slack does when it does not."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Refused("channel_not_found")
        return channel

    def readable(self, channel_id: str) -> Channel:
        """A channel whose messages the bot may read."""
        channel = self.channel(channel_id)
        self.need(f"{SCOPE_PREFIX[channel.kind]}:history")
        if self.bot_user not in channel.members:
            raise Refused("not_in_channel" if channel.kind == "channel" else "channel_not_found")
        return channel

    def writable(self, channel_id: str) -> Channel:
        """A channel into which the bot may post; a user's id means the direct message with that user."""
        channel = self.channel(self.direct(channel_id) if channel_id[:1] in {"U", "W"} else channel_id)
        if self.bot_user not in channel.members:
            raise Refused("not_in_channel" if channel.kind == "channel" else "channel_not_found")
        if channel.is_archived:
            raise Refused("is_archived")
        if channel.restriction:
            raise Refused(channel.restriction)
        return channel

    def direct(self, user: str) -> str:
        """The id of the direct message between a person and the bot."""
        for channel in self.channels.values():
            if channel.kind == "im" and user in channel.members and self.bot_user in channel.members:
                return channel.id
        raise Refused("channel_not_found")

    def record(self, channel_id: str, ts: str) -> Record:
        """A message that exists."""
        record = self.channel(channel_id).records.get(ts)
        if record is None:
            raise Refused("message_not_found")
        return record

    def find(self, ts: str, channel_id: str | None = None) -> Record:
        """A message by its timestamp alone, or in a known channel."""
        return self.record(channel_id or self.places.get(ts, ""), ts)

    def need(self, *scopes: str) -> None:
        """Refuse unless the bot token has one of the scopes."""
        if scopes and not self.scopes.intersection(scopes):
            raise Refused("missing_scope", needed=scopes[0], provided=",".join(sorted(self.scopes)))

    def person(self, user: str) -> Json:
        """A user that exists."""
        found = self.users.get(user)
        if found is None:
            raise Refused("user_not_found")
        return found

    def bot_profile(self) -> Json:
        """What stands under the bot's messages."""
        return {
            "id": self.bot_id,
            "app_id": self.app_id,
            "user_id": self.bot_user,
            "name": self.users[self.bot_user]["name"],
            "icons": {},
            "deleted": False,
            "updated": 1_767_000_000,
            "team_id": self.team_id,
        }
