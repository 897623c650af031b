"""Who the bot is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """Who the bot is in its workspace, by ``auth.test`` (https://docs.slack.dev/reference/methods/auth.test/).

    Payloads are read with it, whatever they say of the installation: that may be missing or null, for example where an
    app is installed for a whole organisation. ``enterprise`` is "" for a workspace outside of an organisation.
    """

    team: str
    user: str
    bot: str
    enterprise: str = ""
