"""What the front needs to know of a Web API method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playground.slack.api.args import Args
from playground.slack.delivery.core import Core
from playground.slack.state.options import Json

Handler = Callable[[Core, Args], Json]


@dataclass(frozen=True)
class Method:
    """A method: who may call it, and how often.

    ``scopes`` are alternatives. ``per_minute`` is the tier; ``per_channel`` counts for each channel.
    Handlers are synchronous: each call changes the workspace at one moment, or not at all.
    """

    run: Handler
    scopes: tuple[str, ...] = ()
    per_minute: int = 50
    per_channel: bool = False
    caller: Literal["bot", "app", "anyone"] = "bot"
