"""Files in their first moments: some of Slack's servers say that there is none."""

from __future__ import annotations

import time

from conversations.ports.workplace import SharedFile
from slack_api.patience import Patience

FRESH_SECONDS = 60.0
FRESH_TRIES = 5
"""How often such a file is asked for; about 7 seconds."""


def fresh_patience(file: SharedFile) -> Patience:
    """How long a refusal is not believed: some seconds for a file that has just come, else not at all."""
    moments = (float(file.created), _seconds(file.shared_at))
    is_fresh = any(abs(time.time() - moment) < FRESH_SECONDS for moment in moments)
    return Patience(FRESH_TRIES if is_fresh else 1)


def _seconds(ts: str) -> float:
    try:
        return float(ts or 0)
    except ValueError:
        return 0.0
