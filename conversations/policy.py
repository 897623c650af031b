"""What an installation has chosen for its conversations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from conversations.access.budgets import Budgets
from conversations.access.limits import Limits
from conversations.access.rules import Rules
from conversations.ports.checks import CheckMode
from conversations.ports.incoming import CardMode
from conversations.store.prices import Prices


@dataclass(frozen=True)
class Policy:
    """What this installation has chosen; the defaults are those of the settings."""

    limits: Limits = field(default_factory=Limits)
    budgets: Budgets = field(default_factory=Budgets)
    retention_days: int = 90
    audit_days: int = 365
    file_card: CardMode = "card"
    check: CheckMode = "full"
    prices: Prices = field(default_factory=Prices)
    rules: Rules = field(default_factory=Rules)
    admins: Collection[str] = ()
