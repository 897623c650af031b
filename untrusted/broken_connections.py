"""What is behind a connection that failed, whoever says so: OpenAI's SDK, Slack's, aiohttp or the system."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import aiohttp

UNTRUSTED = (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError)
"""The certificate of the other side is not trusted; ``certificate_fault`` says why."""

_NO_SUCH_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it came from, and what aiohttp keeps within its own."""
    waiting = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [cause.__cause__, getattr(cause, "os_error", None)]


def is_unknown_host(cause: BaseException) -> bool:
    """Whether the resolver says that a name does not exist; no answer (``EAI_AGAIN``) passes."""
    return isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_HOST


def certificate_fault(cause: BaseException) -> str:
    """OpenSSL's own words, such as "unable to get local issuer certificate"."""
    inner = getattr(cause, "certificate_error", cause)
    return str(getattr(inner, "verify_message", "") or type(inner).__name__)
