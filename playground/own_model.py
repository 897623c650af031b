"""The person's own model: which variables of the bot reach it, taken from the environment or from ``.env``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

_REACHING = ("AZURE_OPENAI_", "AZURE_", "OPENAI_API_KEY", "IDENTITY_", "MSI_")
"""Beginnings of what names the model, and of what Entra ID signs in with
(https://learn.microsoft.com/python/api/overview/azure/identity-readme#environment-variables)."""
_ON_THE_WAY = ("HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""How one leaves a company's network. Never ``SLACK_*`` or ``DATABASE_URL``: those are the playground's."""


def own_model(environment: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    """The variables that lead to the person's own model; none when there is none.

    Args:
        environment: This process's; it wins over the file, as it does for the bot.
        dotenv: A ``.env`` file, which need not be there.
    """
    written = {name: value for name, value in dotenv_values(dotenv).items() if value} if dotenv.is_file() else {}
    both = written | {name: value for name, value in environment.items() if value}
    found = {name: value for name, value in both.items() if name.startswith(_REACHING) or name in _ON_THE_WAY}
    is_one = found.keys() & {"AZURE_OPENAI_ENDPOINT", "OPENAI_API_KEY"}
    return found | {"NO_PROXY": "127.0.0.1,localhost"} if is_one else {}


def name_of(variables: Mapping[str, str]) -> str:
    """What answers, for the page: the deployment and the host, no key."""
    endpoint = variables.get("AZURE_OPENAI_ENDPOINT", "")
    host = endpoint.partition("://")[2].partition("/")[0].rpartition("@")[2] if endpoint else "OpenAI"
    return f"{variables.get('AZURE_OPENAI_DEPLOYMENT', 'no deployment')} · {host or endpoint}"
