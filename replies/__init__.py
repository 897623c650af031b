"""How an answer looks in Slack: status, stream, Markdown, tables, charts, files, errors, wording."""

from replies.private import SlackWindows
from replies.replies import SlackReplies
from slack_api.pace import Pace
from slack_api.rate_budget import WorkspaceBudget

__all__ = ["Pace", "SlackReplies", "SlackWindows", "WorkspaceBudget"]
