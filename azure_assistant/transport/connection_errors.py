"""A connection that failed: what passes by itself is waited for, what does not is told with the setting to look at."""

from __future__ import annotations

import aiohttp

from azure_assistant import errors
from untrusted.broken_connections import UNTRUSTED, causes, certificate_fault, is_unknown_host

_FORBIDDEN_BY_PROXY = frozenset((401, 403, 407))


def judge_connection(raw: BaseException) -> errors.AssistantError:
    """Our error for a broken connection.

    The SDK calls some disconnections a timeout while connecting; aiohttp, whose error is the cause, knows better.
    """
    found = list(causes(raw))
    known = next((cause for cause in found if isinstance(cause, errors.AssistantError)), None)
    if known is not None:
        return known
    if lasting := _lasting(found, _host(raw)):
        return lasting
    cause = next((cause for cause in found if isinstance(cause, aiohttp.ClientError)), found[-1])
    kind = errors.AzureTimeout if isinstance(cause, TimeoutError) else errors.Unreachable
    error = kind(type(cause).__name__)
    error.before_work = isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return error


def _lasting(found: list[BaseException], host: str) -> errors.SetupError | None:
    """What does not pass by itself. ``host``: the one that was asked for; another one that fails is the proxy."""
    tried = next((cause.host for cause in found if isinstance(cause, aiohttp.ClientConnectorError)), host)
    for cause in found:
        if isinstance(cause, aiohttp.ClientHttpProxyError) and cause.status in _FORBIDDEN_BY_PROXY:
            return errors.ProxyRefuses(f"{cause.status} from the proxy")
        if isinstance(cause, UNTRUSTED):
            return errors.CertificateUntrusted(reason=certificate_fault(cause))
        if is_unknown_host(cause):
            kind = errors.HostUnknown if tried == host else errors.ProxyRefuses
            return kind("no such host")
        if isinstance(cause, aiohttp.InvalidURL | UnicodeError):
            return errors.EndpointWrong(type(cause).__name__)
    return None


def _host(raw: BaseException) -> str:
    request = getattr(raw, "request", None)
    return str(request.url.host) if request is not None else ""
