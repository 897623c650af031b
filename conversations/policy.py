"""What an installation has chosen for its conversations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conversations.access.limits import Limits
from conversations.access.rules import Rules
from conversations.store.prices import Prices

if TYPE_CHECKING:  # the settings are read before anything heavy is imported
    from conversations.store.channel_settings import CardMode


@dataclass(frozen=True)
class Policy:
    """What this installation has chosen; the defaults are those of the settings.

    Args:
        limits: What is allowed.
        retention_days: How long questions and answers are kept.
        file_card: What happens in channels that have not chosen when a data file is shared.
        prices: What usage costs here.
        rules: Who may use it.
        admins: People who are admins beside the workspace's own.
    """

    limits: Limits = field(default_factory=Limits)
    retention_days: int = 90
    file_card: CardMode = "card"
    prices: Prices = field(default_factory=Prices)
    rules: Rules = field(default_factory=Rules)
    admins: Collection[str] = ()
