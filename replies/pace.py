"""The durations and sizes of answers that a test may want smaller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Durations in seconds, sizes in UTF-8 bytes unless said otherwise.

    Attributes:
        hold_seconds: A text that is complete within this time is one ordinary post.
        hold_characters: ... or until it has this many characters.
        append_seconds: Least time between two appends of one stream.
        roll_seconds: A stream is replaced by a new message at this age; Slack ends it at about 300 s
            (https://github.com/slackapi/python-slack-sdk/issues/1859).
        message_bytes: Most text of one message, streamed or posted.
        refresh_seconds: The status line is repeated this often; Slack drops it after 120 s.
        control_seconds: A run without visible text gets a message with a Stop button after this time, where Slack
            has no Stop of its own.
        share_looks: Waits before the looks whether Slack shows a file that it has taken: shares lag by 1 to 3 s.
    """

    hold_seconds: float = 0.7
    hold_characters: int = 300
    append_seconds: float = 1.0
    roll_seconds: float = 240.0
    message_bytes: int = 9000
    refresh_seconds: float = 90.0
    control_seconds: float = 10.0
    share_looks: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0)
