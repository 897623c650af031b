"""The settings, read from the environment (and ``.env``) and checked in one place, all problems at once."""

from __future__ import annotations

import ipaddress
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from azure_assistant.endpoint import read_endpoint

FileCard = Literal["card", "reaction", "off"]

MEGABYTE = 1024 * 1024
MAX_FILE_MB = 512
"""Azure OpenAI refuses larger files."""


PRICES = ("PRICE_INPUT", "PRICE_OUTPUT")
EXTRA_PRICES = ("PRICE_CACHED_INPUT", "PRICE_CONTAINER")


class SettingsError(Exception):
    """Some settings are missing or wrong.

    Args:
        problems: One sentence each, naming the variable and the fix.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """What the bot runs with. See the table in README.md for the variables."""

    slack_bot_token: str
    slack_app_token: str
    slack_signing_secret: str
    slack_api_url: str
    host: str
    port: int
    azure_endpoint: str
    azure_api_key: str
    azure_deployment: str
    azure_api: str
    azure_api_version: str
    azure_scope: str
    openai_api_key: str
    database_url: str
    drain_seconds: float
    retention_days: int
    chart_font: Path | None
    log_level: str
    file_card: FileCard
    max_file_bytes: int
    spool_bytes: int
    spool_dir: Path
    run_minutes: float
    thread_queue: int
    person_per_hour: int
    person_at_once: int
    slack_rate_share: float
    price_input: float | None
    price_cached_input: float | None
    price_output: float
    price_container: float
    price_currency: str
    admins: frozenset[str]


def read_settings(environment: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
    """Read and check all settings.

    Args:
        environment: Variables; default: the process's. They win over the file.
        dotenv: A ``.env`` file, read when it exists; None for none.

    Raises:
        SettingsError: Names every missing or malformed variable.
    """
    values = {k: v for k, v in dotenv_values(dotenv).items() if v} if dotenv and dotenv.is_file() else {}
    values |= {k: v for k, v in (os.environ if environment is None else environment).items() if v.strip()}
    reader = _Reader(values)
    settings = Settings(
        slack_bot_token=reader.token("SLACK_BOT_TOKEN", "xoxb-", "OAuth & Permissions → Bot User OAuth Token"),
        slack_app_token=reader.app_token(),
        slack_signing_secret=reader.text("SLACK_SIGNING_SECRET"),
        slack_api_url=reader.url("SLACK_API_URL", "https://slack.com/api/", near=is_loopback),
        host=reader.text("HOST"),
        port=reader.whole("PORT", 3000, 1, 65535),
        azure_endpoint=reader.endpoint(),
        azure_api_key=reader.text("AZURE_OPENAI_API_KEY"),
        azure_deployment=reader.deployment(),
        azure_api=reader.choice("AZURE_OPENAI_API", ("responses", "assistants")),
        azure_api_version=reader.text("AZURE_OPENAI_API_VERSION"),
        azure_scope=reader.text("AZURE_OPENAI_SCOPE", "https://ai.azure.com/.default"),
        openai_api_key=reader.text("OPENAI_API_KEY"),
        database_url=reader.database("DATABASE_URL", "sqlite:///analyst.db"),
        drain_seconds=reader.number("DRAIN_SECONDS", 25, 0, 3600),
        retention_days=reader.whole("RETENTION_DAYS", 90, 2, 36500),
        chart_font=reader.file("CHART_FONT"),
        log_level=reader.choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
        file_card=cast(FileCard, reader.choice("FILE_CARD", get_args(FileCard))),
        max_file_bytes=reader.whole("MAX_FILE_MB", 100, 1, MAX_FILE_MB) * MEGABYTE,
        spool_bytes=reader.whole("SPOOL_MB", 2048, 1, 1_000_000) * MEGABYTE,
        spool_dir=reader.temporary_folder("SPOOL_DIR"),
        run_minutes=reader.number("RUN_MINUTES", 10, 0.01, 60),
        thread_queue=reader.whole("THREAD_QUEUE", 20, 1, 1000),
        person_per_hour=reader.whole("PERSON_PER_HOUR", 0, 0, 100_000),
        person_at_once=reader.whole("PERSON_AT_ONCE", 0, 0, 1000),
        slack_rate_share=reader.number("SLACK_RATE_SHARE", 1, 0.01, 1000),
        price_input=reader.price("PRICE_INPUT"),
        price_cached_input=reader.price("PRICE_CACHED_INPUT"),
        price_output=reader.price("PRICE_OUTPUT") or 0.0,
        price_container=reader.price("PRICE_CONTAINER") or 0.0,
        price_currency=reader.text("PRICE_CURRENCY"),
        admins=reader.people("ADMINS"),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


class _Reader:
    """Reads one variable after the other and collects the problems."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self._values = values
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return (self._values.get(name) or default).strip()

    def _problem(self, name: str, fix: str) -> None:
        self.problems.append(f"{name}: {fix}")

    def token(self, name: str, prefix: str, where: str) -> str:
        value = self.text(name)
        if not value:
            self._problem(name, f"is missing. Copy it from your Slack app's page, {where}; it begins with {prefix}")
        elif not value.startswith(prefix):
            self._problem(name, f"must begin with {prefix}. Copy it from your Slack app's page, {where}.")
        return value

    def app_token(self) -> str:
        name, value = "SLACK_APP_TOKEN", self.text("SLACK_APP_TOKEN")
        if value and not value.startswith("xapp-"):
            self._problem(name, "must begin with xapp-. Make it under Basic Information → App-Level Tokens.")
        if not value and not self.text("SLACK_SIGNING_SECRET"):
            self._problem(
                name,
                "is missing. Set it (Basic Information → App-Level Tokens, scope connections:write) for Socket Mode, "
                "or set SLACK_SIGNING_SECRET and PORT for HTTP.",
            )
        return value

    def url(self, name: str, default: str = "", *, near: Callable[[str], bool]) -> str:
        """An address; secrets go there, so without TLS it must be near enough."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            host = parts.hostname or ""
        except ValueError:
            parts, host = urlsplit(""), ""
        if value and (parts.scheme not in {"http", "https"} or not host):
            self._problem(name, f"must be a URL that begins with https:// (it is {value!r}).")
        elif value:
            self._encrypted(name, parts, near=near)
        return value

    def _encrypted(self, name: str, address: SplitResult, *, near: Callable[[str], bool]) -> None:
        host = address.hostname or ""
        if address.scheme == "http" and not near(host):
            self._problem(
                name, f"must begin with https://: over plain HTTP others could read the secrets that go to {host}."
            )

    def endpoint(self) -> str:
        name, value = "AZURE_OPENAI_ENDPOINT", self.text("AZURE_OPENAI_ENDPOINT")
        try:
            address = urlsplit(read_endpoint(value).v1) if value else None
        except ValueError as error:
            self._problem(name, f"{error}.")
        else:
            if address:
                self._encrypted(name, address, near=is_private)
        if not value and not self.text("OPENAI_API_KEY"):
            self._problem(
                "AZURE_OPENAI_ENDPOINT",
                "is missing. Set it to your resource's root, https://NAME.openai.azure.com "
                "(or set OPENAI_API_KEY to use OpenAI itself).",
            )
        return value

    def deployment(self) -> str:
        value = self.text("AZURE_OPENAI_DEPLOYMENT")
        if not value:
            self._problem(
                "AZURE_OPENAI_DEPLOYMENT",
                "is missing. Set it to the name of your model deployment (with OpenAI itself: the model's name).",
            )
        return value

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        value = self.text(name, options[0])
        found = next((option for option in options if option.lower() == value.lower()), "")
        if not found:
            self._problem(name, f"must be one of {', '.join(options)} (it is {value!r}).")
        return found

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            self._problem(name, f"must be a number from {low:g} to {high:g} (it is {value!r}).")
        return number

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        number = self.number(name, default, low, high)
        if number != int(number):
            self._problem(name, f"must be a whole number (it is {number:g}).")
        return int(number)

    def price(self, name: str) -> float | None:
        """A price, or None; one alone says nothing, so those of input and output belong to each."""
        if not self.text(name):
            if name in PRICES and any(self.text(other) for other in (*PRICES, *EXTRA_PRICES)):
                self._problem(name, f"is missing. Prices are complete with {' and '.join(PRICES)}.")
            return None
        return self.number(name, 0, 0, 1_000_000)

    def file(self, name: str) -> Path | None:
        value = self.text(name)
        if value and not Path(value).is_file():
            self._problem(name, f"names no file ({value!r}). Give the path of a .ttf or .otf font, or leave it out.")
        return Path(value) if value else None

    def temporary_folder(self, name: str) -> Path:
        """A folder for files in flight; the system's temporary one when none is named."""
        if value := self.text(name):
            return Path(value)
        try:
            return Path(tempfile.gettempdir())
        except FileNotFoundError:
            self._problem(name, "is missing, and the system's temporary folder cannot be written. Name one that can.")
            return Path()

    def people(self, name: str) -> frozenset[str]:
        """Ids of people, with commas between (https://docs.slack.dev/reference/objects/user-object)."""
        found = [one.strip() for one in self.text(name).split(",") if one.strip()]
        for one in found:
            if not (one[0] in "UW" and one.isascii() and one.isalnum() and one.isupper()):
                self._problem(name, f"must be ids of people, such as U0123ABCD, with commas between (one is {one!r}).")
        return frozenset(found)

    def database(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if value.startswith("postgres://"):
            value = "postgresql" + value.removeprefix("postgres")
        if not value.startswith(("sqlite:///", "postgresql://")):
            self._problem(name, "must begin with sqlite:/// or postgresql://.")
        elif value.startswith("sqlite:") and value.removeprefix("sqlite:///").partition("?")[0] in {"", ":memory:"}:
            self._problem(name, "must name a file: sqlite:///analyst.db, or sqlite:////folder/analyst.db.")
        return value


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether a host is this machine or in a private network: models are served there without TLS.

    A name without a dot is resolved in the own network only (``ollama``), as those of ``.local`` and ``.internal`` are.
    """
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return is_loopback(host) or "." not in host or host.endswith((".local", ".internal"))
