"""What we read from Slack: messages, threads, files and their bytes, people, channels, membership."""

from workplace.workplace import SlackWorkplace

__all__ = ["SlackWorkplace"]
