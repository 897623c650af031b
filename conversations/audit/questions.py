"""The lines about questions: how each one ended, and what it took."""

from __future__ import annotations

from collections.abc import Mapping

from azure_assistant.events import Usage
from conversations.audit.entry import Entry, What, as_time
from conversations.database.models import Question
from conversations.errors import AccessError
from conversations.ports.notices import NoticeKind
from conversations.store.prices import Prices
from conversations.store.results import Json, known
from errors import AnalystError


def closing(question: Question, error: AnalystError | None, told: str, facts: Mapping[str, str | float]) -> Entry:
    """The one line of a question that has its outcome.

    ``error`` is why it has no answer, ``told`` the ``NoticeKind`` that a word to the bot came to.
    """
    is_refused = bool(question.refused) or isinstance(error, AccessError) or told == NoticeKind.FORGET_REFUSED
    what: What = "refusal" if is_refused else "command" if question.command else "question"
    more = {
        "command": question.command,
        "told": told,
        "origin": question.origin,
        "asked_at": as_time(question.accepted_at),
        "error": type(error).__name__ if error else "",
    }
    place = (question.team, question.channel, question.user, question.conversation)
    return Entry(question.id, what, *place, facts=more | dict(facts))


def spent(usage: Json, prices: Prices) -> dict[str, str | float]:
    """What a question took of the model's service, and what that cost where prices are known."""
    used = Usage(**known(Usage, usage))
    cost = prices.cost(used)
    return {
        "input_tokens": used.input_tokens,
        "cached_tokens": used.cached_tokens,
        "output_tokens": used.output_tokens,
        "containers": used.containers,
        "cost": round(cost or 0.0, 6),
        "currency": prices.currency if cost else "",
    }
