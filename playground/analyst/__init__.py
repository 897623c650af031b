"""The offline analyst: answers questions about tables by rules, without a language model."""

from playground.analyst.analyst import OfflineAnalyst

__all__ = ["OfflineAnalyst"]
