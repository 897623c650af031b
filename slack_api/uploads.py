"""Brings a file's bytes to Slack, where nobody sees them until they are shared.

These are two of three steps: https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import logging

import aiohttp

from conversations.ports.contents import Stored
from slack_api.api import SlackApi
from untrusted.characters import visible, whole

log = logging.getLogger(__name__)

_LONGEST_NAME = 255
_OK = 200
_UPLOAD_SECONDS = 60
_SLOWEST = 100_000
"""Bytes a second."""


async def upload(api: SlackApi, name: str, alt: str, stored: Stored) -> str:
    """The id of a new file that nobody sees yet; ``alt`` describes it, or is "".

    Raises:
        Refused: Slack does not take it.
        SlackUnavailable: Patience is over.
    """
    patience = api.patience()
    while True:
        ticket = await api.ask(
            "files.getUploadURLExternal", filename=_file_name(name), length=stored.size, alt_txt=alt or None
        )
        if await _send(api.session, str(ticket["upload_url"]), stored):
            return str(ticket["file_id"])
        await patience.pause()


async def _send(session: aiohttp.ClientSession, url: str, stored: Stored) -> bool:
    headers = {"Content-Type": "application/octet-stream"}
    limit = aiohttp.ClientTimeout(total=_UPLOAD_SECONDS + stored.size / _SLOWEST)
    try:
        with stored.open() as data:
            async with session.post(url, data=data, headers=headers, timeout=limit) as response:
                return response.status == _OK
    except (aiohttp.ClientError, TimeoutError, OSError) as failure:
        log.warning("An upload broke off: %s", type(failure).__name__)
        return False


def _file_name(name: str) -> str:
    plain = visible(whole(name[:_LONGEST_NAME])).replace("/", "_").replace("\\", "_")
    return "".join(c for c in plain if c.isprintable() and c not in "<>") or "file"
