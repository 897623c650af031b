"""The heart over fakes, as in ``tests/heart``."""

from tests.heart.conftest import folder, heart, idle, tables

__all__ = ["folder", "heart", "idle", "tables"]
