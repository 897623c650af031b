"""What a local Azure can be told to be like."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from playground.azure.service.clock import Clock


@dataclass(frozen=True)
class Settings:
    """Habits and limits.

    Attributes:
        deployment: The one deployment (model name) that exists.
        clock: Epoch seconds; give ``ManualClock`` to make containers, files and runs expire.
        idle_minutes: Default life of an unused container.
        on_drop: What becomes of a foreground run whose listener has gone: it goes on, or it is cancelled.
        reasoning: Behave like a reasoning model: refuse ``temperature`` and ``top_p``, begin with a reasoning item.
        phases: Mark messages as ``commentary`` or ``final_answer``, as newer models do.
        context_tokens: Size of the context window.
        cache_minutes: How long a prompt is remembered that is not read again.
        compacts: Whether responses are compacted when they ask for it; some gateways pass that over in silence.
        file_bytes: Largest file, in bytes.
        run_seconds: Life of an Assistants run.
        code_seconds: Longest run of one piece of code.
        user_data: Whether the file purpose ``user_data`` exists (older Azure: no).
        message_attachments: Files that one message of a thread may name; None for no limit but the thread's.
        prefix: Path in front of all others, as behind a gateway (``/openai-prod``).
        region: Value of ``x-ms-region``.
    """

    deployment: str = "analyst-model"
    clock: Clock = field(default=time.time)
    idle_minutes: int = 20
    on_drop: Literal["continue", "cancel"] = "continue"
    reasoning: bool = True
    phases: bool = True
    context_tokens: int = 272_000
    cache_minutes: int = 30
    compacts: bool = True
    file_bytes: int = 512 * 2**20
    run_seconds: int = 600
    code_seconds: float = 120.0
    user_data: bool = True
    message_attachments: int | None = None
    prefix: str = ""
    region: str = "Local"

    def now(self) -> int:
        """Epoch seconds, as the wire has them."""
        return int(self.clock())
