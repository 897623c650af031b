"""The deployments of a resource, where ``az`` is signed in."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from urllib.parse import urlsplit

from untrusted.payload import mapping, string, values

SECONDS = 30
_LIST = ("cognitiveservices", "account", "list")
_DEPLOYMENTS = ("cognitiveservices", "account", "deployment", "list")


async def deployments(endpoint: str) -> Sequence[str]:
    """The names of what is deployed at an endpoint; none when ``az`` cannot tell."""
    program = shutil.which("az")
    if not program:
        return ()
    host = urlsplit(endpoint).hostname or ""
    for account in values(await _told(program, *_LIST)):
        seen = mapping(account)
        name, group = string(seen.get("name")), string(seen.get("resourceGroup"))
        if name and host.partition(".")[0] in {name.lower(), _host(seen)}:
            found = values(await _told(program, *_DEPLOYMENTS, "--name", name, "--resource-group", group))
            return [string(mapping(one).get("name")) for one in found]
    return ()


def _host(account: object) -> str:
    endpoint = string(mapping(mapping(account).get("properties")).get("endpoint"))
    return (urlsplit(endpoint).hostname or "").partition(".")[0]


async def _told(program: str, *arguments: str) -> object:
    process = await asyncio.create_subprocess_exec(
        program, *arguments, "--output", "json", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(SECONDS):
            told, _ = await process.communicate()
        return json.loads(told) if process.returncode == 0 else None
    except (TimeoutError, ValueError):
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
