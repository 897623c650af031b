"""The Web API's methods, one module for each family."""

from __future__ import annotations

from collections.abc import Mapping

from playground.slack.api import assistant, basics, chat, conversations, files, oauth, stream, views
from playground.slack.api.method import Method

METHODS: Mapping[str, Method] = {
    **basics.METHODS,
    **chat.METHODS,
    **stream.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **views.METHODS,
    **assistant.METHODS,
    **oauth.METHODS,
}
