"""What in a table leads computations astray, seen before a model opens it."""

from tables.traps.finding import find_traps
from tables.traps.hidden import hidden_traps
from tables.traps.trap import Reading, Trap

__all__ = ["Reading", "Trap", "find_traps", "hidden_traps"]
