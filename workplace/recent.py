"""The data files that people shared in a channel lately."""

from __future__ import annotations

import time

from conversations.ports.workplace import SharedFile
from slack_api.api import SlackApi
from tables import is_data
from untrusted.payload import items, mapping, number
from workplace.files import shared_in
from workplace.parsing import shared_file

_PAGE = 100
_PAGES = 3
_DAY = 24 * 60 * 60
_WITH_BYTES = frozenset({"hosted", "snippet"})


async def recent_files(api: SlackApi, channel: str, days: int, bot_user: str) -> list[SharedFile]:
    """Data files of a channel or DM, newest first; at most 300 of all kinds are looked at.

    https://docs.slack.dev/reference/methods/files.list/ (pages, not cursors; its ``types`` do not know CSV)

    Raises:
        SlackError: Slack refused.
    """
    since = int(time.time()) - days * _DAY
    found: dict[str, SharedFile] = {}
    for page in range(1, _PAGES + 1):
        answer = await api.read("files.list", channel=channel, ts_from=str(since), count=_PAGE, page=page)
        for raw in items(answer.get("files")):
            shares = shared_in(channel, raw)
            file = shared_file(raw, shares[-1] if shares else "")
            if file.id and file.user != bot_user and raw.get("size") != 0 and _holds_data(file):
                found[file.id] = file
        if page >= number(mapping(answer.get("paging")).get("pages")):
            break
    return sorted(found.values(), key=lambda file: file.created, reverse=True)


def _holds_data(file: SharedFile) -> bool:
    return file.kind in _WITH_BYTES and is_data(file.name, file.mimetype, file.filetype)
