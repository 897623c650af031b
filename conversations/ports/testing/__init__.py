"""Slack as the heart sees it, in memory, for tests."""

from conversations.ports.testing.checker import FakeChecker
from conversations.ports.testing.inspector import FakeInspector
from conversations.ports.testing.replies import FakeAnswer, FakeReplies, Outcome, Posted
from conversations.ports.testing.windows import FakeWindows
from conversations.ports.testing.workplace import FakeWorkplace
from conversations.ports.testing.workspaces import FakeWorkspaces

__all__ = [
    "FakeAnswer",
    "FakeChecker",
    "FakeInspector",
    "FakeReplies",
    "FakeWindows",
    "FakeWorkplace",
    "FakeWorkspaces",
    "Outcome",
    "Posted",
]
