"""Environment variables, read without trust: each reader gives a value of its type, and notes what is wrong with it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from azure_assistant.endpoint import read_endpoint
from azure_assistant.sandbox_memory import Tier
from conversations.access.budgets import Limit
from conversations.access.rule_book import DIRECT, read_subject
from untrusted.hosts import is_private

Choice = TypeVar("Choice", bound=str)

PRICES = ("PRICE_INPUT", "PRICE_OUTPUT")
LARGER_PRICES: dict[Tier, str] = {
    "4g": "PRICE_CONTAINER_4G",
    "16g": "PRICE_CONTAINER_16G",
    "64g": "PRICE_CONTAINER_64G",
}
SUBJECTS = {
    "WORKSPACES": ("TE", "ids of workspaces or organisations, such as T0123ABCD"),
    "CHANNELS": ("CGD#", "names or ids of channels, such as sales or C0123ABCD, or the word direct"),
    "PEOPLE": ("UWB", "ids of people, such as U0123ABCD"),
    "GROUPS": ("S", "ids of user groups, such as S0123ABCD"),
}
"""What rules are about: how subjects of the kind begin, and what they are called."""

EXTRA_PRICES = ("PRICE_CACHED_INPUT", "PRICE_CONTAINER", *LARGER_PRICES.values())


class Variables:
    """Reads one variable after the other, and collects the problems: one sentence each, with the fix."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self._values = values
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """Any text."""
        return (self._values.get(name) or default).strip()

    def problem(self, name: str, fix: str) -> None:
        """Note what is wrong with a variable."""
        self.problems.append(f"{name}: {fix}")

    def needs(self, name: str, fix: str) -> None:
        """Note when a variable is missing."""
        if not self.text(name):
            self.problem(name, f"is missing. {fix}")

    def keys(self, name: str) -> Sequence[str]:
        """Keys for encryption, with commas between."""
        from installations.cipher import Cipher  # which few installations need

        keys = [one.strip() for one in self.text(name).split(",") if one.strip()]
        try:
            Cipher(keys)
        except ValueError:
            self.problem(name, "must be keys of 32 bytes as Base64, with commas between: `openssl rand -base64 32`.")
        return keys

    def bot_token(self) -> str:
        """The bot token, which must be there."""
        name, value, where = (
            "SLACK_BOT_TOKEN",
            self.text("SLACK_BOT_TOKEN"),
            "OAuth & Permissions → Bot User OAuth Token",
        )
        if not value:
            self.problem(name, f"is missing. Copy it from your Slack app's page, {where}; it begins with xoxb-")
        elif not value.startswith("xoxb-"):
            self.problem(name, f"must begin with xoxb-. Copy it from your Slack app's page, {where}.")
        return value

    def app_token(self) -> str:
        """The token for Socket Mode; without it there must be a signing secret."""
        name, value = "SLACK_APP_TOKEN", self.text("SLACK_APP_TOKEN")
        if value and not value.startswith("xapp-"):
            self.problem(name, "must begin with xapp-. Make it under Basic Information → App-Level Tokens.")
        if not value and not self.text("SLACK_SIGNING_SECRET"):
            self.problem(
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
            self.problem(name, f"must be a URL that begins with https:// (it is {value!r}).")
        elif value:
            self._encrypted(name, parts, near=near)
        return value

    def _encrypted(self, name: str, address: SplitResult, *, near: Callable[[str], bool]) -> None:
        host = address.hostname or ""
        if address.scheme == "http" and not near(host):
            self.problem(
                name, f"must begin with https://: over plain HTTP others could read the secrets that go to {host}."
            )

    def endpoint(self) -> str:
        """The resource's address; without it there must be a key of OpenAI's."""
        name, value = "AZURE_OPENAI_ENDPOINT", self.text("AZURE_OPENAI_ENDPOINT")
        try:
            address = urlsplit(read_endpoint(value).v1) if value else None
        except ValueError as error:
            self.problem(name, f"{error}.")
        else:
            if address:
                self._encrypted(name, address, near=is_private)
        if not value and not self.text("OPENAI_API_KEY"):
            self.problem(
                "AZURE_OPENAI_ENDPOINT",
                "is missing. Set it to your resource's root, https://NAME.openai.azure.com "
                "(or set OPENAI_API_KEY to use OpenAI itself).",
            )
        return value

    def deployment(self) -> str:
        """The name of the model deployment, which must be there."""
        value = self.text("AZURE_OPENAI_DEPLOYMENT")
        if not value:
            self.problem(
                "AZURE_OPENAI_DEPLOYMENT",
                "is missing. Set it to the name of your model deployment (with OpenAI itself: the model's name).",
            )
        return value

    def choice(self, name: str, options: tuple[Choice, ...]) -> Choice:
        """One of several words, whatever its case; the first is the default."""
        value = self.text(name, options[0])
        found = [option for option in options if option.lower() == value.lower()]
        if not found:
            self.problem(name, f"must be one of {', '.join(options)} (it is {value!r}).")
        return (found or options)[0]

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number within bounds."""
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            self.problem(name, f"must be a number from {low:g} to {high:g} (it is {value!r}).")
        return number

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        number = self.number(name, default, low, high)
        if number != int(number):
            self.problem(name, f"must be a whole number (it is {number:g}).")
        return int(number)

    def price(self, name: str) -> float | None:
        """A price, or None; one alone says nothing, so those of input and output belong to each."""
        if not self.text(name):
            if name in PRICES and any(self.text(other) for other in (*PRICES, *EXTRA_PRICES)):
                self.problem(name, f"is missing. Prices are complete with {' and '.join(PRICES)}.")
            return None
        return self.number(name, 0, 0, 1_000_000)

    def larger_prices(self) -> dict[Tier, float]:
        """Prices of sandboxes with more memory, as far as they are set."""
        prices = {tier: self.price(name) for tier, name in LARGER_PRICES.items()}
        return {tier: price for tier, price in prices.items() if price is not None}

    def limit(self, name: str) -> Limit | None:
        """What a budget holds, or None; money wants prices."""
        if not (value := self.text(name)):
            return None
        try:
            limit = Limit.read(value)
        except ValueError:
            self.problem(
                name, f"must look like '50 questions, 500000 tokens, 20 money', or be a part of it ({value!r})."
            )
            return None
        if limit.money is not None and not self.text("PRICE_INPUT"):
            self.problem(name, f"has a limit in money, which wants {' and '.join(PRICES)}.")
        return limit

    def zone(self, name: str) -> tzinfo:
        """A time zone by its IANA name; UTC needs no list of them."""
        value = self.text(name, "UTC")
        try:
            return UTC if value == "UTC" else ZoneInfo(value)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            self.problem(name, f"must be a time zone that this machine knows, such as Europe/Berlin (it is {value!r}).")
            return UTC

    def file(self, name: str) -> Path | None:
        """A font file, or None."""
        value = self.text(name)
        if value and not Path(value).is_file():
            self.problem(name, f"names no file ({value!r}). Give the path of a .ttf or .otf font, or leave it out.")
        return Path(value) if value else None

    def temporary_folder(self, name: str) -> Path:
        """A folder for files in flight; the system's temporary one when none is named."""
        if value := self.text(name):
            return Path(value)
        try:
            return Path(tempfile.gettempdir())
        except FileNotFoundError:
            self.problem(name, "is missing, and the system's temporary folder cannot be written. Name one that can.")
            return Path()

    def people(self, name: str, *, of_teams: bool) -> Sequence[str]:
        """Ids of people, with commas between (https://docs.slack.dev/reference/objects/user-object).

        Args:
            name: The variable.
            of_teams: Whether each has that of the workspace before it: alone it may be somebody else's elsewhere.
        """
        found = [one.strip() for one in self.text(name).split(",") if one.strip()]
        ids = "T0123ABCD:U0123ABCD" if of_teams else "U0123ABCD"
        for one in found:
            team, _, person = one.rpartition(":")
            are_ids = all(part.isascii() and part.isalnum() and part.isupper() for part in one.split(":"))
            if not are_ids or person[0] not in "UW" or (team[:1] == "T") != of_teams or one.count(":") != of_teams:
                self.problem(name, f"must be ids of people, such as {ids}, with commas between (one is {one!r}).")
        return found

    def switch(self, name: str) -> bool:
        """Whether something is on; it is off by default."""
        return self.choice(name, ("off", "on")) == "on"

    def subjects(self, verb: str) -> frozenset[str]:
        """What the four variables that begin with ``ALLOW`` or ``DENY`` name."""
        return frozenset(one for of in SUBJECTS for one in self._subjects(f"{verb}_{of}", *SUBJECTS[of]))

    def _subjects(self, name: str, begins: str, kind: str) -> Iterator[str]:
        """Ids, with commas between; of channels names as well.

        What is left out must not be overlooked: in ``.env`` a comment begins with a ``#`` after a space.
        """
        for one in map(str.strip, self.text(name).split(",")) if self.text(name) else ():
            is_named = "#" in begins and not one.isupper() and not one.startswith(("#", "<")) and one
            subject = read_subject(one) or (read_subject(f"#{one}") if is_named else "")
            if subject and (subject[0] in begins or (subject == DIRECT and "#" in begins)):
                yield subject
            else:
                self.problem(name, f"must be {kind}, with commas between and without spaces (one is {one!r}).")

    def database(self, name: str, default: str) -> str:
        """The database's URL, as SQLAlchemy wants it."""
        value = self.text(name, default)
        if value.startswith("postgres://"):
            value = "postgresql" + value.removeprefix("postgres")
        if not value.startswith(("sqlite:///", "postgresql://")):
            self.problem(name, "must begin with sqlite:/// or postgresql://.")
        elif value.startswith("sqlite:") and value.removeprefix("sqlite:///").partition("?")[0] in {"", ":memory:"}:
            self.problem(name, "must name a file: sqlite:///analyst.db, or sqlite:////folder/analyst.db.")
        return value
