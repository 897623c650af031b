"""A connection that failed: what passes by itself is waited for, what does not is told with the setting to look at."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import aiohttp

from azure_assistant import errors

_NO_SUCH_HOST = frozenset(
    code for name in ("EAI_NONAME", "EAI_NODATA") if (code := getattr(socket, name, None)) is not None
)
"""What the resolver says of a name that does not exist; ``EAI_AGAIN`` (no answer) passes."""
_FORBIDDEN_BY_PROXY = frozenset((401, 403, 407))


def judge_connection(raw: BaseException) -> errors.AssistantError:
    """Our error for a broken connection.

    The SDK calls some disconnections a timeout while connecting; aiohttp, whose error is the cause, knows better.
    """
    causes = list(_causes(raw))
    known = next((cause for cause in causes if isinstance(cause, errors.AssistantError)), None)
    if known is not None:
        return known
    if lasting := _lasting(causes, _host(raw)):
        return lasting
    cause = next((found for found in causes if isinstance(found, aiohttp.ClientError)), causes[-1])
    kind = errors.AzureTimeout if isinstance(cause, TimeoutError) else errors.Unreachable
    error = kind(type(cause).__name__)
    error.before_work = isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return error


def _lasting(causes: list[BaseException], host: str) -> errors.SetupError | None:
    """What does not pass by itself. ``host``: the one that was asked for; another one that fails is the proxy."""
    tried = next((cause.host for cause in causes if isinstance(cause, aiohttp.ClientConnectorError)), host)
    for cause in causes:
        if isinstance(cause, aiohttp.ClientHttpProxyError) and cause.status in _FORBIDDEN_BY_PROXY:
            return errors.ProxyRefuses(f"{cause.status} from the proxy")
        if isinstance(cause, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
            return errors.CertificateUntrusted(reason=_reason(cause))
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_HOST:
            kind = errors.HostUnknown if tried == host else errors.ProxyRefuses
            return kind(f"no such host ({cause.errno})")
        if isinstance(cause, aiohttp.InvalidURL | UnicodeError):
            return errors.EndpointWrong(type(cause).__name__)
    return None


def _host(raw: BaseException) -> str:
    request = getattr(raw, "request", None)
    return str(request.url.host) if request is not None else ""


def _reason(cause: BaseException) -> str:
    """OpenSSL's own words, such as "unable to get local issuer certificate"."""
    inner = getattr(cause, "certificate_error", cause)
    return str(getattr(inner, "verify_message", "") or type(inner).__name__)


def _causes(raw: BaseException) -> Iterator[BaseException]:
    """The error, what it came from, and what aiohttp keeps within its own."""
    waiting: list[BaseException] = [raw]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = (cause.__cause__, getattr(cause, "os_error", None))
        waiting += [found for found in inner if isinstance(found, BaseException)]
