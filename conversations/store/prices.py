"""What usage costs, by the installation's own prices; none are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from azure_assistant.events import Usage
from azure_assistant.sandbox_memory import Tier, gigabytes

MILLION = 1_000_000


@dataclass(frozen=True)
class Prices:
    """Prices in one currency, whose name is only shown.

    Args:
        input: Of a million tokens read; None: no prices are known.
        cached_input: Of a million tokens read from the service's cache; None: as ``input``.
        output: Of a million tokens written.
        container: Of one sandbox of 1 GB.
        larger: Of one with more memory, where it is not as much for each gigabyte.
        currency: Such as ``USD``.
    """

    input: float | None = None
    cached_input: float | None = None
    output: float = 0.0
    container: float = 0.0
    larger: Mapping[Tier, float] = field(default_factory=dict)
    currency: str = ""

    def cost(self, usage: Usage) -> float | None:
        """What usage costs; None without prices."""
        if self.input is None:
            return None
        cached = self.input if self.cached_input is None else self.cached_input
        sandboxes = sum(number * self.sandbox(tier) for tier, number in usage.sandboxes.items())
        read = (usage.input_tokens - usage.cached_tokens) * self.input + usage.cached_tokens * cached
        return (read + usage.output_tokens * self.output) / MILLION + sandboxes

    def sandbox(self, tier: Tier) -> float:
        """What a sandbox with so much memory costs."""
        return self.larger.get(tier, self.container * gigabytes(tier))

    def line(self, usage: Usage) -> str:
        """Usage and its cost, for the log."""
        tokens = f"{usage.input_tokens} ({usage.cached_tokens} cached) + {usage.output_tokens} tokens"
        cost = self.cost(usage)
        told = "" if cost is None else f", {cost:.4f} {self.currency}".rstrip()
        return f"{tokens}, {usage.containers} containers{told}"
