"""Where a file's bytes may be fetched from, and where the bot token may go with the request."""

from __future__ import annotations

from ipaddress import ip_address

from yarl import URL

_SLACK_HOSTS = ("slack.com", "slack-files.com", "slack-gov.com")


class Addresses:
    """The addresses that one installation trusts."""

    def __init__(self, api_url: str) -> None:
        self._own = URL(api_url).origin()
        self._is_local = _is_loopback(self._own)

    def may_have_token(self, url: URL) -> bool:
        """Whether the token may go there: to Slack's hosts over HTTPS, and to the host of ``api_url``."""
        if not _is_plain(url):
            return False
        host = url.raw_host or ""
        slack = any(host == name or host.endswith(f".{name}") for name in _SLACK_HOSTS)
        return url.origin() == self._own or (url.scheme == "https" and slack)

    def may_follow(self, url: URL) -> bool:
        """Whether a redirect may lead there: to a name over HTTPS, or between the servers of one machine."""
        is_local = self._is_local and _is_loopback(url)
        is_public = url.scheme == "https" and not _is_number(url.raw_host or "")
        return _is_plain(url) and (is_public or is_local or self.may_have_token(url))


def parse(url: str) -> URL | None:
    """An address, read once for the check and the request; None when it is none."""
    try:
        return URL(url)
    except ValueError:
        return None


def joined(base: URL, location: str) -> URL | None:
    """Where a ``Location`` header leads; None when it is no address."""
    target = parse(location)
    return base.join(target) if target is not None and location else None


def _is_plain(url: URL) -> bool:
    """An address on the web that brings no credentials of its own."""
    return url.scheme in {"http", "https"} and bool(url.raw_host) and url.raw_user is None and not url.raw_password


def _is_loopback(url: URL) -> bool:
    host = url.raw_host or ""
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
