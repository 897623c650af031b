"""How Slack is reached: through which proxy, and what is in the way when it does not answer."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError

from slack_api.failures import body_of, status_of

_NO_SUCH_HOST = frozenset(
    code for name in ("EAI_NONAME", "EAI_NODATA") if (code := getattr(socket, name, None)) is not None
)
_LOOPBACK = ("localhost", "127.", "::1")
_SECURE = {"wss": "https", "ws": "http"}


def proxy_of(url: str) -> str | None:
    """The proxy for an address by ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``; None: none.

    Slack's SDK reads the first two only (``slack_sdk.proxy_env_variable_loader``), whatever the scheme.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    scheme = _SECURE.get(parts.scheme, parts.scheme)
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return None if not proxy or host.startswith(_LOOPBACK) or proxy_bypass(host) else proxy


def obstacle(error: BaseException | None) -> str:
    """What keeps us from Slack and will not pass by itself, with the setting to look at; "" for nothing."""
    for cause in _causes(error):
        if isinstance(cause, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
            return (
                f"SSL_CERT_FILE: the certificate of Slack's address is not trusted ({_reason(cause)}). Name the file "
                "with the certificates of this network's own authority."
            )
        if isinstance(cause, aiohttp.ClientHttpProxyError):
            return (
                f"HTTPS_PROXY: the proxy refuses the way to Slack ({cause.status}). Let slack.com through, or name it "
                "in NO_PROXY."
            )
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_HOST:
            return "SLACK_API_URL: there is no such host, neither Slack's nor the proxy's, if one is set (HTTPS_PROXY)."
        if isinstance(cause, SlackApiError) and not _is_slacks(cause):
            return (
                f"HTTPS_PROXY: something else answers in place of Slack (HTTP {status_of(cause) or '?'}). Let "
                "slack.com through the proxy or firewall, or name it in NO_PROXY; SLACK_API_URL has to be Slack's."
            )
    return ""


def _is_slacks(error: SlackApiError) -> bool:
    """Whether the answer is one of the Web API: it says ``ok``. A busy or broken Slack may say anything."""
    status = status_of(error)
    is_busy = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return is_busy or "ok" in body_of(error)


def _reason(cause: BaseException) -> str:
    inner = getattr(cause, "certificate_error", cause)
    return str(getattr(inner, "verify_message", "") or type(inner).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    waiting = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = getattr(cause, "os_error", None)
        waiting += [inner if isinstance(inner, BaseException) else None, cause.__cause__]
