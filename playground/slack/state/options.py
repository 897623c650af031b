"""What of the local Slack can be turned: its app's grants, its timings, its limits, its habits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from playground.words import words

Json = dict[str, Any]
"""A JSON object as Slack writes it."""

SCOPES = words(
    """
    app_mentions:read channels:history groups:history im:history mpim:history channels:read groups:read im:read
    mpim:read chat:write files:read files:write users:read reactions:write assistant:write commands usergroups:read
    """
)

EVENTS = words(
    """
    app_mention message.channels message.groups message.im message.mpim file_shared file_change file_deleted
    app_home_opened app_context_changed agent_session_stopped member_joined_channel channel_id_changed
    tokens_revoked app_uninstalled team_access_granted team_access_revoked
    """
)


@dataclass(frozen=True)
class Options:
    """Everything that may be chosen. All times are seconds as Slack has them, and are multiplied by ``time_scale``.

    Attributes:
        scopes: what the bot token may do.
        events: the app's event subscriptions, as in its manifest.
        agent: the app is declared as an agent (``agent_view``).
        answers: what answers behind the bot, for people to read.
        http_events_url: deliver by signed HTTP POST to this address instead of Socket Mode.
        redirect_urls: where people may be sent with a code when they install the app by OAuth.
        time_scale: factor for every time below; 0.01 makes a five-minute stream die after three seconds.
        limits: enforce the rate tiers (per method and workspace); ``limit_factor`` multiplies what they allow.
        distributed_app: conversations.history/replies are cut to 15 messages and one call a minute.
        ack_timeout: how long an envelope may stay without acknowledgement.
        retry_delays: pauses before the 1st, 2nd and 3rd repetition of an unacknowledged event.
        max_sockets: Socket Mode connections per app.
        twins: in which order the two events of a mention come.
        mention_files: whether ``app_mention`` carries the files of its message.
        mention_on_upload: whether an upload whose comment mentions the bot gives an ``app_mention`` at all.
        stream_events: which events a streamed message gives to the app: none, start and end, or each append too.
        authorizations: what envelopes say of the installation: the workspace's, an Enterprise Grid organization's
            (``team_id`` is null), none (``missing``, ``null``, ``empty``), or one without the bot's user (``nobody``).
        team_on: which of the two events of a mention has ``team``.
        bot_share_subtype: subtype of the message by which the bot's own upload is shared.
        share_delay: least and greatest time between completing an upload and its message.
        file_lag: least and greatest time until a file that the bot uploaded is fit for ``slack_file`` blocks.
        human_share_lag: how long ``files.info`` lacks ``shares`` for a file that a person uploaded.
        ledger_limit: keep only that many newest calls, envelopes and acts (None: all).
        seed: makes ids and random choices repeatable.
    """

    scopes: tuple[str, ...] = SCOPES
    events: tuple[str, ...] = EVENTS
    agent: bool = True
    answers: str = ""
    http_events_url: str | None = None
    bot_token: str = "xoxb-playground-analyst"  # noqa: S105 - opens nothing but this server
    app_token: str = "xapp-playground-analyst"  # noqa: S105
    config_token: str = "xoxe.xoxp-playground-analyst"  # noqa: S105
    signing_secret: str = "playground-signing-secret"  # noqa: S105
    client_id: str = "1111.2222"
    client_secret: str = "playground-client-secret"  # noqa: S105
    redirect_urls: tuple[str, ...] = ()
    time_scale: float = 1.0
    limits: bool = False
    limit_factor: float = 1.0
    distributed_app: bool = False
    ack_timeout: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    ticket_seconds: float = 30.0
    warning_seconds: float = 10.0
    ping_seconds: float = 30.0
    max_sockets: int = 10
    twins: Literal["random", "message_first", "mention_first"] = "random"
    mention_files: bool = True
    mention_on_upload: bool = True
    stream_events: Literal["none", "ends", "all"] = "ends"
    stream_seconds: float = 300.0
    stream_bytes: int = 11_000
    status_seconds: float = 120.0
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0
    authorizations: Literal["own", "organization", "missing", "null", "empty", "nobody"] = "own"
    team_on: Literal["both", "mention", "message"] = "both"
    bot_share_subtype: Literal["file_share", ""] = "file_share"
    share_delay: tuple[float, float] = (0.1, 0.5)
    file_lag: tuple[float, float] = (1.0, 3.0)
    human_share_lag: float = 0.0
    ledger_limit: int | None = None
    seed: int | None = None

    def patience(self, nominal: float) -> float:
        """A time within which an app must act: scaled too, but never so short that an honest app cannot keep it."""
        return max(self.seconds(nominal), min(nominal, 0.5))

    def seconds(self, nominal: float) -> float:
        """A time of Slack's in this server's seconds."""
        return nominal * self.time_scale
