"""The address of the service, in all the ways in which people copy it.

From the portal, a Foundry project, a gateway, a page of documentation, with the path of one request behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

OPENAI_HOST = "api.openai.com"
_AZURE = re.compile(
    r"(?:[\w-]+\.)+(?:openai\.azure|cognitiveservices\.azure|services\.ai\.azure|api\.cognitive\.microsoft)"
    r"\.(?:com|us|cn)(?::\d+)?",
    re.IGNORECASE,
)
"""Resources by their hosts, Azure Government and China included: below them lies nothing but their own paths."""
_PORTALS = frozenset(
    ("portal.azure.com", "ai.azure.com", "oai.azure.com", "learn.microsoft.com", "platform.openai.com")
)
_PLACEHOLDER = re.compile(r"[<>{}]|^(?:name|your[-\w]*|my-?resource|resource-?name|xxx+)\.(?=.*azure)", re.IGNORECASE)
_HOST = re.compile(r"[\w.-]+(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?", re.IGNORECASE)
_REQUESTS = frozenset((
    "responses", "conversations", "containers", "files", "models", "chat", "completions", "assistants", "threads",
    "embeddings",
))  # fmt: skip
_AROUND = " \t\r\n\"'`<>,;\u200b\ufeff\u201c\u201d\u2018\u2019"
EXAMPLE = "https://NAME.openai.azure.com"
_WHOLE = f"must be a whole one, such as {EXAMPLE}"


@dataclass(frozen=True)
class Endpoint:
    """Where the service is: what stands before ``/openai/…``, and the Responses wire's base URL, with a slash.

    ``is_v1``: the address itself is a ``/v1``, of OpenAI or of a server like it.
    """

    root: str
    v1: str
    is_v1: bool


def read_endpoint(text: str) -> Endpoint:
    """The service's address. Raises ``ValueError``, which says what is wrong, after "the address"."""
    address = text.strip(_AROUND)
    scheme, found, rest = address.partition("://")
    if not found:
        scheme, rest = "https", address.removeprefix("//")
    if scheme.lower() not in {"https", "http"}:
        raise ValueError(f"must begin with https:// (it begins with {scheme}://)")
    try:
        parts = urlsplit(f"{scheme.lower()}://{rest}")
    except ValueError as error:
        raise ValueError(_WHOLE) from error
    host = parts.netloc.lower()
    _check(host, found=bool(found))
    if _AZURE.fullmatch(host):
        return _resource(f"https://{host}")
    segments = [segment for segment in parts.path.strip(_AROUND).split("/") if segment]
    return _below(f"{parts.scheme}://{host}", segments if host != OPENAI_HOST else ["v1"])


def _below(origin: str, segments: list[str]) -> Endpoint:
    """The service at a host that may have others beside it."""
    if segments[:2] == ["api", "projects"]:
        return _resource(origin)
    for position, segment in enumerate(segments):
        behind = segments[position + 1 : position + 2]
        if segment == "v1" and (not behind or behind[0] in _REQUESTS):
            return _compatible(origin, segments[: position + 1])
        if segment in {"openai", "deployments"} and behind != ["v1"]:
            return _resource("/".join((origin, *segments[:position])))
    while segments and segments[-1] in _REQUESTS:
        segments.pop()
    return _resource("/".join((origin, *segments)))


def _check(host: str, *, found: bool) -> None:
    if "@" in host:
        raise ValueError("must not have a user name or a key in it")
    if _PLACEHOLDER.search(host):
        raise ValueError(f"still has a placeholder in it: put the resource's own name there, as in {EXAMPLE}")
    if host in _PORTALS:
        raise ValueError(f"is the one of a web page. Copy the endpoint that stands on the page: {EXAMPLE}")
    if not _HOST.fullmatch(host) or ("." not in host and ":" not in host and not found):
        raise ValueError(_WHOLE)


def _resource(root: str) -> Endpoint:
    return Endpoint(root, f"{root}/openai/v1/", is_v1=False)


def _compatible(origin: str, segments: list[str]) -> Endpoint:
    base = "/".join((origin, *segments))
    return Endpoint("/".join((origin, *segments[:-1])), f"{base}/", is_v1=True)
