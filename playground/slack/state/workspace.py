"""The state of the workspace: people, channels, messages, files, views."""

from __future__ import annotations

from playground.slack.state.clock import Clock
from playground.slack.state.entities import SCOPE_PREFIX, Channel, Record, Status, StoredFile, View
from playground.slack.state.errors import Refused
from playground.slack.state.ledger import Changes, Ledger
from playground.slack.state.options import Json, Options


class Workspace:
    """One team with one app. Its methods look things up and check rights; acts on it are functions of other modules."""

    def __init__(self, options: Options, ledger: Ledger, changes: Changes, team: Json | None = None) -> None:
        self.options = options
        self.ledger = ledger
        self.changes = changes
        self.clock = Clock(options.seed)
        self.url = ""
        self.origin_url = ""
        self.team: Json = team or {"id": "T0PLAYGRND", "name": "Playground", "domain": "playground"}
        self.enterprise_id = "E0PLAYGRND"
        self.app_id = "A0ANALYST01"
        self.bot_id = "B0ANALYST01"
        self.bot_user = "U0ANALYST01"
        self.scopes: set[str] = set(options.scopes)
        self.subscriptions: set[str] = set(options.events)
        self.bot_token = options.bot_token
        self.revoked = False
        self.socket_mode = True
        self.users: dict[str, Json] = {}
        self.groups: dict[str, Json] = {}
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
