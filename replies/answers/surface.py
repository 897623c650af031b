"""The Slack workspace in which answers are shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from conversations.ports.arrivals import Arrivals
from conversations.ports.replies import ChartForm
from replies.pace import Pace
from slack_api.api import SlackApi


@dataclass
class Surface:
    """A workspace's API, and what it can show, which is learnt from its refusals.

    ``bot_user``: whose messages are ours; ``has_sessions``: the app is an agent at Slack, so that a session has a Stop
    button of its own; ``has_tasks``: a stream may have task cards; ``shared`` has the ids of files whose messages
    have come to be seen; ``charts``: how charts are shown.
    """

    api: SlackApi
    bot_user: str
    pace: Pace = field(default_factory=Pace)
    has_sessions: bool = True
    has_tasks: bool = True
    can_stream: bool = True
    charts: ChartForm = "image"
    shared: Arrivals = field(default_factory=Arrivals)
