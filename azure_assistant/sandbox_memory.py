"""How much memory a sandbox is given: the service's tiers, and which of them fits some data."""

from __future__ import annotations

from typing import Literal, get_args

Tier = Literal["1g", "4g", "16g", "64g"]
"""https://learn.microsoft.com/azure/foundry/reference/rest/containers-create-container"""

TIERS: tuple[Tier, ...] = get_args(Tier)
SMALLEST: Tier = "1g"
"""What the service gives when nothing is asked for."""
TIMES = 6
"""Bytes of memory for a byte of data: a pandas frame takes 3 to 10 times what its CSV does."""


def gigabytes(tier: str) -> int:
    """The memory of a tier; of one that is not known, that of the smallest."""
    return int((tier if tier in TIERS else SMALLEST).removesuffix("g"))


def fitting(size: int, largest: Tier) -> Tier:
    """The smallest tier with room for data of so many bytes, and at most the largest one that is allowed."""
    allowed = TIERS[: TIERS.index(largest) + 1]
    return next((tier for tier in allowed if size * TIMES <= gigabytes(tier) << 30), largest)


def told(tier: str) -> Tier:
    """The tier that the service says; the smallest when it says none."""
    return next((known for known in TIERS if known == tier), SMALLEST)
