"""The title of a thread with the bot, in the list that Slack shows of them."""

from __future__ import annotations

import logging

from conversations.ports.replies import Place
from replies.views.home import words
from slack_api.api import SlackApi
from slack_api.failures import FAILURES

_log = logging.getLogger(__name__)
_MOST = 60
_PATIENCE = 3.0


async def entitle(api: SlackApi, place: Place, question: str) -> None:
    """Name a thread after its first question. Best effort.

    Agents have sessions; older AI apps have assistant threads, which the second call is for.
    https://docs.slack.dev/reference/methods/agents.sessions.rename
    """
    where = {"channel_id": place.channel, "thread_ts": place.thread, "title": words(question, _MOST)}
    for method, call in (("agents.sessions.rename", api.write), ("assistant.threads.setTitle", api.ask)):
        try:
            await call(method, repeatable=True, patience=_PATIENCE, **where)
        except FAILURES as failure:
            _log.info("no title by %s: %s", method, failure)
        else:
            return
