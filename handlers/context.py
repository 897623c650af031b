"""What every handler works with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from conversations.service import Conversations
from slack_api.identity import Identity


@dataclass(frozen=True)
class Context:
    """Given to each handler.

    ``removed`` is set when the app is removed from the workspace, so that the bot ends; ``shared`` is called with the
    id of a file that the bot has shared, once its message comes.
    """

    conversations: Conversations
    identity: Identity
    removed: asyncio.Event = field(default_factory=asyncio.Event)
    shared: Callable[[str], None] = lambda _file: None
