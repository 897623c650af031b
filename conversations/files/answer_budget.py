"""What one answer may hand over. What is over it goes into one file, and the answer says so (docs/slack.md)."""

from __future__ import annotations

MEGABYTE = 1024 * 1024

MOST_FILES = 10
"""Charts and files that are posted one by one; of more, all but the first ones go into one archive."""

AT_ONCE = 4
"""Charts and files of an answer that are fetched from Azure at the same time, and that are brought to Slack."""

MOST_FILE_BYTES = 100 * MEGABYTE
"""Of one chart or file."""

ARCHIVE = "files.zip"

MOST_ARCHIVE_BYTES = 400 * MEGABYTE
"""Of the files in the archive together."""

KEPT_FILE_BYTES = 8 * MEGABYTE
"""A chart or file up to this size lies in our database until it is posted, so that any replica can post it even when
the sandbox has ended. A larger one is read again from the sandbox."""

KEPT_BYTES = 20 * MEGABYTE
"""Of an answer's charts and files in our database together."""

KEPT_CODE = 256 * 1024
"""Characters of code and output that are kept for the Code button; if there are more, all of them become a file."""

MOST_CODE = 4 * 1024 * 1024
"""Characters of code and output in that file."""

MOST_TEXT = 1_000_000
"""Characters of an answer; models write 500,000 at most. The worst of a million take two seconds, beside the loop."""

KEPT_TEXT = 20_000
"""Characters of an answer that are kept once it is shown: more than the transcript of a conversation has."""

MOST_MESSAGES = 10
"""Messages of an answer's text; of a longer one the whole goes along as a file."""

MOST_TABLES = 10
"""Tables of an answer that are too large for Slack, and go along as a file each."""


def in_archive(files: int) -> int:
    """How many of an answer's charts and files go into the archive: the last ones, and never just one."""
    return files - MOST_FILES + 1 if files > MOST_FILES else 0
