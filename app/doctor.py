"""``python bot.py doctor``: tries everything that the bot needs, and says what to do about what is missing.

It may run beside a running bot: it takes no lock, posts nothing, and removes what it makes at Azure.
"""

from __future__ import annotations

import asyncio
import logging
import stat
import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import astuple, dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from app.settings import Settings, SettingsError, read_settings
from azure_assistant import AssistantConfig, errors
from azure_assistant.probe import Check, probe
from conversations.database.inspection import inspect_database
from conversations.database.sqlite import is_open_to_others
from conversations.database.unusable import DatabaseUnusable
from conversations.files.spool_folder import SpoolFolderUnusable, try_out, user_folder
from conversations.jobs.dropping import read_suspects
from helper.process import HelperFailed, HelperProcess
from helper.protocol import Guards
from slack_api.reaching import obstacle, proxy_of

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "mpim:history",
    "mpim:read",
    "reactions:write",
    "users:read",
)
"""What the bot token must be allowed to do: the scopes of ``manifest.yml``."""

SLACK_ERRORS = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)
SLACK_SECONDS = 15
HELPER_SECONDS = 20
BROKEN_WORKBOOK = b"PK\x03\x04"
ABLE = (
    "taking more memory than it may (the bot watches that)",
    "opening other files (Landlock)",
    "writing, the network and programs (seccomp)",
)
"""What a helper process could do without a guard, in the order of ``Guards``."""

WIDTH = 28

FIXES: dict[type[errors.AssistantError], str] = {
    errors.WrongKey: "Copy KEY 1 from the resource's page, Keys and Endpoint, into AZURE_OPENAI_API_KEY. It belongs to "
    "the resource whose address stands in AZURE_OPENAI_ENDPOINT (with OpenAI itself: OPENAI_API_KEY).",
    errors.RoleMissing: "Give the bot's identity the role Cognitive Services OpenAI User on the resource, and let this "
    "machine through the resource's network rules.",
    errors.SignInFailed: "Run `az login`, give the machine a managed identity, or set AZURE_OPENAI_API_KEY.",
    errors.SignInMissing: "pip install 'azure-identity>=1.25,<2', or set AZURE_OPENAI_API_KEY.",
    errors.KeysDisabled: "Take AZURE_OPENAI_API_KEY out; `az login`, or give the machine a managed identity with the "
    "role Cognitive Services OpenAI User.",
    errors.SignInRefused: "Sign in to the tenant of the resource, and try AZURE_OPENAI_SCOPE="
    "https://cognitiveservices.azure.com/.default.",
    errors.NetworkForbids: "Let this machine through the resource's network rules (Networking), or reach it by its "
    "private endpoint.",
    errors.EndpointWrong: "Copy the endpoint from the resource's page, Keys and Endpoint: "
    "https://NAME.openai.azure.com, without anything behind it.",
    errors.WebPageAnswered: "Copy the endpoint from the resource's page, Keys and Endpoint; if it is right, let it "
    "through the proxy or gateway that wants a sign-in (NO_PROXY).",
    errors.ApiVersionWrong: "Take AZURE_OPENAI_API_VERSION out: the v1 API needs none.",
    errors.HostUnknown: "Look for a typing error in AZURE_OPENAI_ENDPOINT; private endpoints need the network's own "
    "DNS.",
    errors.CertificateUntrusted: "Set SSL_CERT_FILE to a file with the certificates of the authority that this network "
    "uses.",
    errors.ProxyRefuses: "Look at HTTPS_PROXY (its host, and user and password in it), or name the endpoint's host in "
    "NO_PROXY.",
    errors.Unreachable: "Look whether AZURE_OPENAI_ENDPOINT is right, and whether a proxy (HTTPS_PROXY) or firewall is "
    "between.",
    errors.DeploymentNotFound: "Copy the name from Deployments in Foundry: the deployment's own, not the model's.",
    errors.NotSupported: "Use a region with Code Interpreter, and a model that supports the Responses API.",
    errors.ServiceRetired: "Set AZURE_OPENAI_API=responses.",
    errors.QuotaExhausted: "Raise the deployment's quota in Foundry, or the account's budget.",
    errors.QuotaPaused: "Wait, or raise the call quota of the gateway (API Management) in front of the resource.",
    errors.RequestTooLarge: "Raise the deployment's tokens per minute in Foundry.",
    errors.RateLimited: "Try again in a minute; if it stays so, raise the deployment's tokens per minute.",
    errors.AzureDown: "Try again; the state of Azure is on https://azure.status.microsoft.",
    errors.AzureTimeout: "Try again; the state of Azure is on https://azure.status.microsoft.",
}
NO_FIX = "Look the answer up in docs/azure.md; it came from the service itself."

State = Literal["good", "lacking", "bad"]
SIGNS: dict[State, str] = {"good": "✓", "lacking": "–", "bad": "✗"}


@dataclass(frozen=True)
class Finding:
    """A line of the report. ``lacking``: not there, not tried, or not needed."""

    name: str
    state: State
    detail: str
    fix: str = ""


def main() -> int:
    """Write the report to the standard output.

    Returns:
        0 when the bot can work, 1 when something outside refuses it, 2 when a setting is missing or wrong.
    """
    logging.basicConfig(level=logging.CRITICAL)
    try:
        settings = read_settings()
    except SettingsError as error:
        for problem in error.problems:
            name, _, fix = problem.partition(": ")
            write(Finding(name, "bad", fix))
        write(Finding("everything else", "lacking", "is tried once the settings are complete"))
        return 2
    return asyncio.run(examine(settings, write))


async def examine(settings: Settings, tell: Callable[[Finding], None]) -> int:
    """Try everything, and ``tell`` each finding as soon as it is there.

    Returns:
        0 when the bot can work, else 1.
    """
    worst = 0
    async with aclosing(_findings(settings, settings.assistant)) as findings:
        async for finding in findings:
            tell(finding)
            worst = max(worst, finding.state == "bad")
    return worst


def write(finding: Finding) -> None:
    """Write one line, and one for the fix."""
    sys.stdout.write(f"{SIGNS[finding.state]} {finding.name:{WIDTH}} {finding.detail}\n")
    if finding.fix:
        sys.stdout.write(f"  {'':{WIDTH}} → {finding.fix}\n")
    sys.stdout.flush()


async def _findings(settings: Settings, config: AssistantConfig) -> AsyncGenerator[Finding, None]:
    yield Finding("settings", "good", "complete")
    async with aclosing(_slack(settings)) as findings:
        async for finding in findings:
            yield finding
    service = "Azure" if settings.assistant.endpoint else "OpenAI"
    async with aclosing(probe(config)) as checks:
        async for check in checks:
            yield _of_service(service, check)
    async with aclosing(database_findings(settings.database_url)) as findings:
        async for finding in findings:
            yield finding
    yield _spool(user_folder(settings.spool_dir))
    yield await _helper()


async def _slack(settings: Settings) -> AsyncGenerator[Finding, None]:
    timeout = aiohttp.ClientTimeout(total=SLACK_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(token=settings.slack_bot_token, base_url=settings.slack_api_url, session=session)
        client.proxy = proxy_of(settings.slack_api_url)
        client.retry_handlers = []
        for finding in await _bot_token(client):
            yield finding
        yield await _app_token(client, settings.slack_app_token)


async def _bot_token(client: AsyncWebClient) -> list[Finding]:
    try:
        answer = await client.auth_test()
    except SLACK_ERRORS as error:
        fix = "Copy the Bot User OAuth Token again: OAuth & Permissions."
        return [
            _slack_failure("Slack: bot token", error, fix),
            Finding("Slack: scopes", "lacking", "not tried without a bot token"),
        ]
    token = Finding("Slack: bot token", "good", f"{answer['user']} in {answer['team']}")
    return [token, _scopes(str(answer.headers.get("x-oauth-scopes", "")))]


def _scopes(header: str) -> Finding:
    granted = {scope.strip() for scope in header.split(",")}
    if missing := [scope for scope in SCOPES if scope not in granted]:
        fix = "Add them under OAuth & Permissions → Bot Token Scopes (or paste manifest.yml again); reinstall the app."
        return Finding("Slack: scopes", "bad", f"missing: {', '.join(missing)}", fix)
    return Finding("Slack: scopes", "good", f"all {len(SCOPES)}")


async def _app_token(client: AsyncWebClient, token: str) -> Finding:
    if not token:
        return Finding("Slack: signing secret", "lacking", "HTTP: only Slack's first request can prove it")
    name, fix = "Slack: app token", "Make one under Basic Information → App-Level Tokens, scope connections:write."
    try:
        await client.apps_connections_open(app_token=token)
    except SLACK_ERRORS as error:
        return _slack_failure(name, error, fix)
    return Finding(name, "good", "opens Socket Mode connections")


def _slack_failure(name: str, error: Exception, fix: str) -> Finding:
    if between := obstacle(error):
        setting, _, where = between.partition(": ")
        return Finding(name, "bad", f"look at {setting}", where)
    if not isinstance(error, SlackApiError):
        where = "Slack cannot be reached from here: look at SLACK_API_URL, proxy and firewall."
        return Finding(name, "bad", f"no answer ({type(error).__name__})", where)
    status = error.response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Finding(name, "bad", f"Slack answers {status}", "Try again in a minute.")
    return Finding(name, "bad", f"Slack refuses it ({error.response.get('error', 'unknown error')})", fix)


def _of_service(service: str, check: Check) -> Finding:
    name = f"{service}: {check.name}"
    if check.error is None:
        return Finding(name, check.state, check.detail)
    fix = next((FIXES[kind] for kind in type(check.error).__mro__ if kind in FIXES), NO_FIX)
    return Finding(name, check.state, str(check.error), fix)


async def database_findings(url: str) -> AsyncGenerator[Finding, None]:
    """What there is to say about a database, its files, and what is set aside in it."""
    try:
        found = await inspect_database(url)
        suspects = await read_suspects(url) if found.revision == found.newest else ()
    except DatabaseUnusable as error:
        yield Finding("database", "bad", str(error))
        return
    version = f"version {found.revision}" + ("" if found.revision == found.newest else ", updated at the next start")
    made = "the tables are made at the first start" if found.revision is None else version
    yield Finding("database", "good", f"{found.place}: {made}")
    for finding in _rights(found.files):
        yield finding
    for suspect in suspects:
        what = "set aside" if suspect.is_set_aside else "suspected"
        whose = f"of {suspect.user} in {suspect.channel}, open when the bot died {suspect.deaths} times"
        yield Finding(what, "lacking", f"{suspect.id} {whose}", f"Drop it: python bot.py drop {suspect.id}")


def _rights(files: Sequence[Path]) -> Iterator[Finding]:
    """What others on this machine could do with SQLite's files."""
    if not files:
        return
    folder = files[0].absolute().parent
    mode = folder.stat().st_mode
    fix = f"chmod go-rwx {folder}"
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        yield Finding("database folder", "bad", f"others can put another database into {folder}", fix)
    elif mode & stat.S_IRWXG or mode & stat.S_IRWXO:
        yield Finding("database folder", "lacking", f"others can look into {folder}, but not into the database", fix)
    if shown := [file.name for file in files if is_open_to_others(file)]:
        yield Finding("database files", "lacking", f"others can read {', '.join(shown)}", "The next start ends that.")


def _spool(folder: Path) -> Finding:
    try:
        try_out(folder)
    except SpoolFolderUnusable as error:
        return Finding("files: spool", "bad", str(error))
    except OSError as error:
        return Finding("files: spool", "bad", f"{folder}: {error.strerror}", "Make room, or set SPOOL_DIR.")
    return Finding("files: spool", "good", f"{folder}, open to nobody else")


async def _helper() -> Finding:
    try:
        return isolation(await _tried_helper())
    except HelperFailed as error:
        fix = "Install what requirements.txt names again."
        return Finding("files: helper process", "bad", f"cannot look into files: {error}", fix)


def isolation(guards: Guards) -> Finding:
    """What the system keeps a file from that takes its reader over."""
    name = "files: helper process"
    able = [able for able, guarded in zip(ABLE, astuple(guards), strict=True) if not guarded]
    if able:
        fix = "Linux 5.13 or newer, with Landlock and seccomp switched on, keeps it from all of that."
        return Finding(name, "lacking", f"works, but nothing here keeps it from {', '.join(able)}", fix)
    return Finding(name, "good", "can reach nobody, write nothing and open no other files")


async def _tried_helper() -> Guards:
    helper = await HelperProcess.start()
    try:
        with TemporaryFile() as file:
            file.write(BROKEN_WORKBOOK)
            file.flush()
            answer = await helper.ask(file.fileno(), "broken.xlsx", HELPER_SECONDS)
    finally:
        await helper.kill()
    if answer.facts is None:
        raise HelperFailed(ascii(answer.failure))
    return helper.guards
