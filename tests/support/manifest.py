"""What manifest.yml grants: the local Slack of the tests grants the same, and nothing more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).resolve().parents[2] / "manifest.yml"


def manifest() -> dict[str, Any]:
    """The parsed file."""
    parsed: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return parsed


def bot_scopes() -> tuple[str, ...]:
    """Scopes of the bot token that the bot needs."""
    return tuple(manifest()["oauth_config"]["scopes"]["bot"])


def optional_scopes() -> tuple[str, ...]:
    """Those without which it only does less; who installs the app may leave them out."""
    return tuple(manifest()["oauth_config"]["scopes"]["bot_optional"])


def bot_events() -> tuple[str, ...]:
    """Events that the app subscribes to."""
    return tuple(manifest()["settings"]["event_subscriptions"]["bot_events"])
