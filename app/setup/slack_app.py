"""Makes the Slack app from ``manifest.yml``, or leads to Slack's form with the manifest filled in."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import yaml

from slack_api.api import SlackApi
from untrusted.payload import string

MANIFEST = Path(__file__).resolve().parents[2] / "manifest.yml"
APPS = "https://api.slack.com/apps"


async def make_app(api: SlackApi, token: str) -> str:
    """Make the app.

    Args:
        api: Of Slack.
        token: An app configuration token. It lives for 12 hours, and is kept nowhere
            (https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests#app-manifest-apis).

    Returns:
        The app's id.

    Raises:
        SlackError: It is not made.
    """
    manifest = json.dumps(yaml.safe_load(MANIFEST.read_text()))
    answer = await api.read("apps.manifest.create", tries=1, patience=0, token=token, manifest=manifest)
    return string(answer.get("app_id"))


def form() -> str:
    """The address of Slack's form with the manifest filled in.

    https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests#sharing-manifests
    """
    return f"{APPS}?new_app=1&manifest_yaml={quote(MANIFEST.read_text())}"
