"""OAuth: how somebody installs the app in a workspace (https://docs.slack.dev/authentication/installing-with-oauth).

Bolt's flow does it: a page with a button, Slack's question, and back with a code, for which Slack gives a token.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import urljoin

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.web.async_client import AsyncWebClient

from installations.cipher import Cipher
from installations.oauth_app import OAuthApp
from installations.store import STATE_SECONDS, InstallationStore, StateStore

INSTALL, RETURN = "/slack/install", "/slack/oauth_redirect"


def installing(
    app: OAuthApp, client: AsyncWebClient, scopes: Sequence[str], store: InstallationStore, cipher: Cipher
) -> AsyncOAuthFlow:
    """Bolt's flow for an app that asks for ``scopes``; Slack's page is where the Web API of ``client`` is."""
    silent = logging.getLogger(f"{__name__}.bolt")
    silent.disabled = True  # it logs the code that Slack has not taken
    settings = AsyncOAuthSettings(
        client_id=app.client_id,
        client_secret=app.client_secret,
        scopes=scopes,
        user_scopes=(),
        redirect_uri=urljoin(app.public_url, RETURN),
        install_path=INSTALL,
        redirect_uri_path=RETURN,
        authorization_url=urljoin(client.base_url, "/oauth/v2/authorize"),
        installation_store=store,
        state_store=StateStore(cipher),
        state_expiration_seconds=STATE_SECONDS,
        logger=silent,
    )
    return AsyncOAuthFlow(client=client, logger=silent, settings=settings)
