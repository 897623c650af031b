"""How an answer looks in Slack: status, stream, Markdown, tables, charts, files, errors, wording."""

from replies.budget import WorkspaceBudget
from replies.pace import Pace
from replies.replies import SlackReplies
from replies.windows import SlackWindows

__all__ = ["Pace", "SlackReplies", "SlackWindows", "WorkspaceBudget"]
