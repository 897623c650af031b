"""The way from nothing to a bot that runs: the Slack app, its two tokens, the model, and the doctor."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import aiohttp

from app.doctor.azure import azure_findings
from app.doctor.examination import examine
from app.doctor.findings import are_good, write
from app.doctor.slack import SECONDS, app_token_finding, bot_token_findings, failure
from app.settings import SettingsError, read_settings
from app.setup.deployments import deployments
from app.setup.env_file import EnvFile
from app.setup.slack_app import APPS, form, make_app
from app.setup.terminal import ask, say
from azure_assistant import AssistantConfig
from azure_assistant.errors import AssistantError
from conversations.errors import SlackError
from slack_api.api import SlackApi

SLACK_URL = "https://slack.com/api/"
WELCOME = """\
This makes the Slack app, tries the tokens and the model, and writes .env. Nothing is posted, and every step can be done
again: Enter keeps what is there, Ctrl-C ends it, and what was right stays.
"""
APP = f"""
1 of 3 · The Slack app
  On {APPS}, under Your App Configuration Tokens, press Generate Token, and paste the access token
  (xoxe.xoxp-…): the app is then made from manifest.yml. It is used once, and not kept.
  Press Enter instead to make the app in the browser, or when it is there already."""
NEW_TOKEN = "Generate a new configuration token (they end after 12 hours), and copy the access token."  # noqa: S105
IN_BROWSER = """
  This link opens Slack's form with everything filled in (pick the workspace, Next, Create):

{link}

  Then press Install App → Install to Workspace."""
MADE = """\
✓ Slack app                    {app} is made
  Install it: {apps}/{app}/install-on-team"""
FOR_BOT = """
  Install App shows the Bot User OAuth Token (xoxb-…)"""
FOR_APP = """
  Basic Information → App-Level Tokens → Generate Token, scope connections:write (xapp-…)"""
MODEL = """
2 of 3 · The model
  The Azure OpenAI (or Foundry) resource's page, Keys and Endpoint, shows the endpoint.
  Press Enter for OpenAI itself."""
FOR_AZURE = "\n  KEY 1 of that page, or Enter to sign in with Entra ID"
FOR_OPENAI = "\n  The API key of OpenAI"
DEPLOYMENT = "\n  The deployment's name{known}"
DOCTOR = "\n3 of 3 · The doctor\n"
READY = "\n{path} is written, readable by you only. Start the bot: python bot.py"
NOT_YET = "\nSomething is missing, as told above. Do this again at any time: python bot.py setup"


def main() -> int:
    """Ask, try and write.

    Returns:
        0 when the bot can work, 1 when something is missing.
    """
    logging.basicConfig(level=logging.CRITICAL)
    env = EnvFile(Path(".env"), os.environ)
    say(WELCOME)
    try:
        return asyncio.run(set_up(env))
    except (EOFError, KeyboardInterrupt):
        say(NOT_YET)
    except OSError as error:
        say(f"\n{env.path.absolute()} cannot be written ({error.strerror}).")
    return 1


async def set_up(env: EnvFile) -> int:
    """All steps, and the doctor. Raises ``EOFError`` when the answers end."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
        url = env.value("SLACK_API_URL") or SLACK_URL
        say(APP)
        await _slack_app(SlackApi("", url, session))
        await _bot_token(env, url, session)
        await _app_token(env, url, session)
    say(MODEL)
    await _model(env)
    say(DOCTOR)
    try:
        settings = read_settings()
    except SettingsError as error:
        say(str(error))
        return 1
    worst = await examine(settings, write)
    say(NOT_YET if worst else READY.format(path=env.path.absolute()))
    return worst


async def _slack_app(api: SlackApi) -> None:
    while token := await ask("App configuration token", hidden=True):
        try:
            app = await make_app(api, token)
        except SlackError as error:
            write(failure("Slack: app", error, NEW_TOKEN))
        else:
            say(MADE.format(app=app, apps=APPS))
            return
    say(IN_BROWSER.format(link=form()))


async def _bot_token(env: EnvFile, url: str, session: aiohttp.ClientSession) -> None:
    while True:
        token = await _wanted(env, "SLACK_BOT_TOKEN", FOR_BOT, hidden=True)
        if await are_good(bot_token_findings(SlackApi(token, url, session)), write):
            env.keep(SLACK_BOT_TOKEN=token)
            return


async def _app_token(env: EnvFile, url: str, session: aiohttp.ClientSession) -> None:
    while True:
        token = await _wanted(env, "SLACK_APP_TOKEN", FOR_APP, hidden=True)
        finding = await app_token_finding(SlackApi("", url, session), token)
        write(finding)
        if finding.state == "good":
            env.keep(SLACK_APP_TOKEN=token)
            return


async def _model(env: EnvFile) -> None:
    while True:
        endpoint = await _wanted(env, "AZURE_OPENAI_ENDPOINT", "", may_lack=True)
        name, words = ("AZURE_OPENAI_API_KEY", FOR_AZURE) if endpoint else ("OPENAI_API_KEY", FOR_OPENAI)
        key = await _wanted(env, name, words, hidden=True, may_lack=bool(endpoint))
        found = ", ".join(await deployments(endpoint)) if endpoint else ""
        known = DEPLOYMENT.format(known=f" (there: {found})" if found else "")
        deployment = await _wanted(env, "AZURE_OPENAI_DEPLOYMENT", known)
        answers = {"AZURE_OPENAI_ENDPOINT": endpoint, name: key, "AZURE_OPENAI_DEPLOYMENT": deployment}
        if await _answers(answers):
            env.keep(**answers)
            return


async def _answers(answers: dict[str, str]) -> bool:
    """Whether there is a model behind the answers; tells what is found."""
    try:
        config = AssistantConfig(
            answers["AZURE_OPENAI_ENDPOINT"],
            answers.get("AZURE_OPENAI_API_KEY", ""),
            openai_api_key=answers.get("OPENAI_API_KEY", ""),
            deployment=answers["AZURE_OPENAI_DEPLOYMENT"],
        )
        config.check()
    except AssistantError as error:
        say(f"✗ {error}")
        return False
    return await are_good(azure_findings(config), write)


async def _wanted(env: EnvFile, name: str, words: str, *, hidden: bool = False, may_lack: bool = False) -> str:
    """Ask until there is an answer; Enter keeps what is set, and a hyphen takes it out."""
    if words:
        say(words)
    kept = env.value(name)
    ways = f" (Enter keeps it{', - takes it out' if may_lack else ''})" if kept else ""
    while True:
        answer = await ask(f"{name}{ways}", hidden=hidden) or kept
        if may_lack and answer == "-":
            return ""
        if any(character.isspace() or character in "\"'" for character in answer):
            say("✗ There is a blank or a quote in it; copy it once more.")
        elif answer or may_lack:
            return answer
