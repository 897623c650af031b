"""What we read from Slack: messages, threads, files and their bytes, people, channels, membership."""

from slack_api.identity import Identity
from workplace.workplace import SlackWorkplace

__all__ = ["Identity", "SlackWorkplace"]
