"""What a workspace holds: channels, messages, files, status lines, views."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playground.slack.state.options import Json
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
class Share:
    """Where a file was shared."""

    channel: str
    ts: str
    thread: str = ""


@dataclass
class StoredFile:
    """A file. ``data`` is a path for bytes too large to hold; ``mode`` is Slack's word; ``ready_at`` is monotonic.

    ``facts`` are members of the file object that only its kind has; ``parts`` are an email's attachments by name.
    """

    id: str
    name: str
    title: str
    user: str
    created: int
    data: bytes | Path = b""
    size: int = 0
    alt: str = ""
    mode: str = "hosted"
    state: Literal["pending", "uploaded", "complete", "deleted"] = "complete"
    mimetype: str = ""
    external_type: str = ""
    external_url: str = ""
    updated: int = 0
    ready_at: float = 0.0
    shares_at: float = 0.0
    connect: bool = False
    facts: Json = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    shares: list[Share] = field(default_factory=list)

    @property
    def extension(self) -> str:
        """The name's ending, lower case, without the dot."""
        return Path(self.name).suffix.lower().lstrip(".")

    def content(self) -> bytes:
        """All bytes."""
        return self.data.read_bytes() if isinstance(self.data, Path) else self.data


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
