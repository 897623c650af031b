"""HTTP mode: signed POST requests instead of sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from playground.slack.delivery.outbox import Outbox
from playground.slack.state.ledger import Attempt, Envelope
from playground.slack.state.options import Json
from playground.slack.state.workspace import Workspace


class HttpEvents:
    """Posts envelopes to the app's request URL; a 2xx answer is the acknowledgement."""

    def __init__(self, workspace: Workspace, outbox: Outbox, url: str) -> None:
        self._workspace = workspace
        self._outbox = outbox
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def verify_url(self) -> bool:
        """Do the ``url_verification`` handshake."""
        challenge = self._workspace.clock.new_id("")
        body = json.dumps({"type": "url_verification", "challenge": challenge, "token": "verification-token"})
        status, text, _ = await self._post(body, "application/json", {})
        return status == 200 and challenge in text

    async def send(self, envelope: Envelope, attempt: Attempt) -> str:
        """Post; returns Slack's retry reason when that failed."""
        headers: dict[str, str] = {}
        if attempt.number:
            headers = {"x-slack-retry-num": str(attempt.number), "x-slack-retry-reason": attempt.reason}
        body, content_type = _encode(envelope)
        try:
            status, text, answered = await self._post(body, content_type, headers)
        except TimeoutError:
            return "http_timeout"
        except aiohttp.ClientError:
            return "connection_failed"
        if status // 100 != 2:
            return "no_retry" if answered.get("x-slack-no-retry") == "1" else "http_error"
        self._outbox.acknowledge(attempt.envelope_id, _json(text))
        return "" if envelope.acked else "http_error"

    async def close(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: str, content_type: str, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        stamp = str(int(time.time()))
        secret = self._workspace.options.signing_secret.encode()
        digest = hmac.new(secret, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = headers | {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
        }
        options = self._workspace.options
        timeout = aiohttp.ClientTimeout(total=options.patience(options.ack_timeout))
        async with self._session.post(self._url, data=body.encode(), headers=headers, timeout=timeout) as response:
            lower = {key.lower(): value for key, value in response.headers.items()}
            return response.status, await response.text(), lower


def _encode(envelope: Envelope) -> tuple[str, str]:
    if envelope.kind == "events_api":
        return json.dumps(envelope.payload), "application/json"
    whole = envelope.kind == "slash_commands" and isinstance(envelope.payload, dict)
    form = envelope.payload if whole else {"payload": json.dumps(envelope.payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


def _json(text: str) -> Json | None:
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text} if text else None
    return body if isinstance(body, dict) else None
