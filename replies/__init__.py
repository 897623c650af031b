"""How an answer looks in Slack: status, stream, Markdown, tables, charts, files, errors, wording."""

from replies.pace import Pace
from replies.private import SlackWindows
from replies.replies import SlackReplies

__all__ = ["Pace", "SlackReplies", "SlackWindows"]
