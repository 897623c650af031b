"""How Slack is reached: through which proxy, and what is in the way when it does not answer."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError

from slack_api.failures import body_of, status_of
from untrusted.broken_connections import UNTRUSTED, causes, certificate_fault, is_unknown_host

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
    for cause in causes(error):
        if isinstance(cause, UNTRUSTED):
            return (
                f"SSL_CERT_FILE: the certificate of Slack's address is not trusted ({certificate_fault(cause)}). Name "
                "the file with the certificates of this network's own authority."
            )
        if isinstance(cause, aiohttp.ClientHttpProxyError):
            return (
                f"HTTPS_PROXY: the proxy refuses the way to Slack ({cause.status}). Let slack.com through, or name it "
                "in NO_PROXY."
            )
        if is_unknown_host(cause):
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
