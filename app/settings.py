"""The settings, read from the environment (and ``.env``) and checked in one place, all problems at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from dotenv import dotenv_values

from app.variables import Variables
from azure_assistant.config import AssistantConfig, Wire
from conversations.access.budgets import NAMES, Budgets
from conversations.access.limits import Limits
from conversations.access.rule_book import RuleBook
from conversations.access.rules import Rules
from conversations.policy import Policy
from conversations.ports.checks import CheckMode
from conversations.ports.incoming import CardMode
from conversations.ports.replies import ChartForm
from conversations.store.prices import Prices
from installations.oauth_app import OAuthApp
from untrusted.hosts import is_loopback

MEGABYTE = 1024 * 1024
MAX_FILE_MB = 512
"""Azure OpenAI refuses larger files."""


class SettingsError(Exception):
    """Some settings are missing or wrong: a sentence for each, naming the variable and the fix."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """What the bot runs with. See the table in README.md for the variables."""

    slack_bot_token: str
    slack_app_token: str
    slack_signing_secret: str
    oauth: OAuthApp | None
    slack_api_url: str
    slack_rate_share: float
    host: str
    port: int
    health_port: int
    assistant: AssistantConfig
    database_url: str
    drain_seconds: float
    log_level: str
    log_format: str
    audit_log: str
    traces: str
    max_file_bytes: int
    charts: ChartForm
    spool_bytes: int
    spool_dir: Path
    policy: Policy


def read_settings(
    environment: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env"), *, slack: bool = True
) -> Settings:
    """Read and check all settings.

    Args:
        environment: Variables; default: the process's. They win over the file.
        dotenv: A ``.env`` file, read when it exists; None for none.
        slack: Whether Slack's tokens are needed.

    Raises:
        SettingsError: Names every missing or malformed variable.
    """
    values = {k: v for k, v in dotenv_values(dotenv).items() if v} if dotenv and dotenv.is_file() else {}
    values |= {k: v for k, v in (os.environ if environment is None else environment).items() if v.strip()}
    reader = Variables(values)
    oauth = _oauth(reader) if slack else None
    admins = reader.people("ADMINS", of_teams=oauth is not None)
    run_minutes = reader.number("RUN_MINUTES", 10, 0.01, 60)
    settings = Settings(
        slack_bot_token=reader.bot_token() if slack and not oauth else "",
        slack_app_token=reader.app_token() if slack and not oauth else "",
        slack_signing_secret=reader.text("SLACK_SIGNING_SECRET"),
        oauth=oauth,
        slack_api_url=reader.url("SLACK_API_URL", "https://slack.com/api/", near=is_loopback),
        slack_rate_share=reader.number("SLACK_RATE_SHARE", 1, 0.01, 1000),
        host=reader.text("HOST"),
        port=reader.whole("PORT", 3000, 1, 65535),
        health_port=reader.whole("HEALTH_PORT", 0, 0, 65535),
        assistant=AssistantConfig(
            endpoint=reader.endpoint(),
            api_key=reader.text("AZURE_OPENAI_API_KEY"),
            openai_api_key=reader.text("OPENAI_API_KEY"),
            deployment=reader.deployment(),
            api=reader.choice("AZURE_OPENAI_API", get_args(Wire)),
            api_version=reader.text("AZURE_OPENAI_API_VERSION"),
            scope=reader.text("AZURE_OPENAI_SCOPE", "https://ai.azure.com/.default"),
            chart_font=reader.file("CHART_FONT"),
            run_seconds=run_minutes * 60,
            window=reader.whole("MODEL_WINDOW", 128_000, 4000, 10_000_000),
            largest_sandbox=reader.choice("MAX_SANDBOX_MEMORY", ("4g", "1g", "16g", "64g")),
        ),
        database_url=reader.database("DATABASE_URL", "sqlite:///analyst.db"),
        drain_seconds=reader.number("DRAIN_SECONDS", 25, 0, 3600),
        log_level=reader.choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
        log_format=reader.choice("LOG_FORMAT", ("text", "json")),
        traces=reader.url("OTEL_EXPORTER_OTLP_ENDPOINT", near=lambda _: True),
        audit_log=reader.choice("AUDIT_LOG", ("off", "stdout")),
        max_file_bytes=reader.whole("MAX_FILE_MB", 100, 1, MAX_FILE_MB) * MEGABYTE,
        charts=reader.choice("CHARTS", get_args(ChartForm)),
        spool_bytes=reader.whole("SPOOL_MB", 2048, 1, 1_000_000) * MEGABYTE,
        spool_dir=reader.temporary_folder("SPOOL_DIR"),
        policy=Policy(
            limits=Limits(
                run_minutes=run_minutes,
                thread_queue=reader.whole("THREAD_QUEUE", 20, 1, 1000),
                person_per_hour=reader.whole("PERSON_PER_HOUR", 0, 0, 100_000),
                person_at_once=reader.whole("PERSON_AT_ONCE", 0, 0, 1000),
            ),
            budgets=Budgets(
                limits={name: limit for name in NAMES if (limit := reader.limit(name.setting))},
                estimate_tokens=reader.whole("BUDGET_ESTIMATE_TOKENS", 20_000, 1, 10_000_000),
                zone=reader.zone("BUDGET_TIMEZONE"),
            ),
            retention_days=reader.whole("RETENTION_DAYS", 90, 2, 36500),
            audit_days=reader.whole("AUDIT_DAYS", 365, 1, 36500),
            file_card=reader.choice("FILE_CARD", get_args(CardMode)),
            check=reader.choice("CHECK", get_args(CheckMode)),
            prices=Prices(
                input=reader.price("PRICE_INPUT"),
                cached_input=reader.price("PRICE_CACHED_INPUT"),
                output=reader.price("PRICE_OUTPUT") or 0.0,
                container=reader.price("PRICE_CONTAINER") or 0.0,
                larger=reader.larger_prices(),
                currency=reader.text("PRICE_CURRENCY"),
            ),
            rules=Rules(
                guests=reader.switch("ALLOW_GUESTS"),
                strangers=reader.switch("ALLOW_STRANGERS"),
                deactivated=reader.switch("ALLOW_DEACTIVATED"),
                book=RuleBook(reader.subjects("ALLOW"), reader.subjects("DENY")),
                contact=reader.text("ACCESS_CONTACT") or ("" if oauth else next(iter(admins), "")),
            ),
            admins=admins,
        ),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def _oauth(reader: Variables) -> OAuthApp | None:
    """How the app is installed by OAuth; None for the workspace of a bot token, which counts if there is one."""
    if reader.text("SLACK_BOT_TOKEN") or not reader.text("SLACK_CLIENT_ID"):
        return None
    for name, where in (
        ("SLACK_CLIENT_SECRET", "Basic Information → App Credentials → Client Secret"),
        ("SLACK_SIGNING_SECRET", "Basic Information → App Credentials → Signing Secret"),
    ):
        reader.needs(name, f"Copy it from your Slack app's page, {where}; it belongs to SLACK_CLIENT_ID.")
    reader.needs("PUBLIC_URL", "Set it to the address at which Slack and people reach this bot, https://….")
    if reader.text("SLACK_APP_TOKEN"):
        reader.problem("SLACK_APP_TOKEN", "is for Socket Mode; leave it out: with SLACK_CLIENT_ID Slack comes by HTTP.")
    return OAuthApp(
        client_id=reader.text("SLACK_CLIENT_ID"),
        client_secret=reader.text("SLACK_CLIENT_SECRET"),
        keys=reader.keys("INSTALLATION_KEYS"),
        public_url=reader.url("PUBLIC_URL", near=is_loopback),
    )
