"""What the doctor finds out about Slack: the tokens, and what they may do. It posts nothing."""

from __future__ import annotations

from contextlib import aclosing

import aiohttp

from app.doctor.findings import Finding, Findings
from app.settings import Settings
from conversations.errors import SlackError
from slack_api.api import SlackApi
from slack_api.failures import UNREACHABLE, Refused
from slack_api.reaching import obstacle

SECONDS = 15
SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands",
    "files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "mpim:history", "mpim:read",
    "reactions:write", "users:read",
)  # fmt: skip
"""What the bot token must be allowed to do: the scopes of ``manifest.yml``."""

OPTIONAL_SCOPES = ("usergroups:read",)
"""What it may be allowed besides, by the same file."""


async def slack_findings(settings: Settings) -> Findings:
    """Try both tokens, each once."""
    if settings.oauth:
        yield Finding("Slack: OAuth", "lacking", "only an installation at PUBLIC_URL/slack/install can prove it")
        return
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
        api = SlackApi(settings.slack_bot_token, settings.slack_api_url, session)
        async with aclosing(bot_token_findings(api)) as found:
            async for finding in found:
                yield finding
        yield await app_token_finding(api, settings.slack_app_token)


async def bot_token_findings(api: SlackApi) -> Findings:
    """Try the bot token, and look what it may do."""
    try:
        answer = await api.read("auth.test", tries=1, patience=0)
        granted = await api.scopes(tries=1, patience=0)
    except SlackError as error:
        yield failure("Slack: bot token", error, "Copy the Bot User OAuth Token again: OAuth & Permissions.")
        yield Finding("Slack: scopes", "lacking", "not tried without a bot token")
    else:
        yield Finding("Slack: bot token", "good", f"{answer['user']} in {answer['team']}")
        yield _scopes(granted)


def _scopes(granted: frozenset[str]) -> Finding:
    if missing := [scope for scope in SCOPES if scope not in granted]:
        fix = "Add them under OAuth & Permissions → Bot Token Scopes (or paste manifest.yml again); reinstall the app."
        return Finding("Slack: scopes", "bad", f"missing: {', '.join(missing)}", fix)
    return Finding("Slack: scopes", "good", f"all {len(SCOPES)}")


async def app_token_finding(api: SlackApi, token: str) -> Finding:
    """Try the app-level token."""
    if not token:
        return Finding("Slack: signing secret", "lacking", "HTTP: only Slack's first request can prove it")
    name, fix = "Slack: app token", "Make one under Basic Information → App-Level Tokens, scope connections:write."
    try:
        await api.read("apps.connections.open", tries=1, patience=0, token=token)
    except SlackError as error:
        return failure(name, error, fix)
    return Finding(name, "good", "opens Socket Mode connections")


def failure(name: str, error: SlackError, fix: str) -> Finding:
    """What a failed call means; ``fix`` is what to do when Slack has refused it."""
    reason = error.fields.get("error", "unknown error")
    if between := obstacle(error):
        setting, _, where = between.partition(": ")
        return Finding(name, "bad", f"look at {setting}", where)
    if reason == UNREACHABLE:
        where = "Slack cannot be reached from here: look at SLACK_API_URL, proxy and firewall."
        return Finding(name, "bad", f"no answer ({error.detail})", where)
    if not isinstance(error.__cause__, Refused):
        return Finding(name, "bad", f"Slack answers {reason}", "Try again in a minute.")
    return Finding(name, "bad", f"Slack refuses it ({reason})", fix)
