"""Budgets: how many questions, tokens and how much money a person, a channel and a workspace have for a day or a month.

Each is a setting, ``BUDGET_PERSON_DAY`` and so on. Days and months are those of one time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import product
from typing import NamedTuple, Self

LOW = 0.8
"""From this part of a limit on the admins are warned."""

_MORE_THAN_A_MONTH = timedelta(days=32)
_PART = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) ?(?:(questions?)|(tokens?)|(money))")


class BudgetName(NamedTuple):
    """Whose budget it is (``person``, ``channel``, ``workspace``), and for how long (``day``, ``month``)."""

    scope: str
    span: str

    @property
    def setting(self) -> str:
        """The setting that holds its limit."""
        return f"BUDGET_{self.scope}_{self.span}".upper()


NAMES = tuple(BudgetName(scope, span) for scope, span in product(("person", "channel", "workspace"), ("day", "month")))


class Key(NamedTuple):
    """What is counted together: of a person or channel (an id; "" for the workspace), on a day or in a month."""

    scope: str
    subject: str
    period: str


@dataclass(frozen=True)
class Amount:
    """What is used or wanted; money in the currency of the installation's prices."""

    questions: int = 0
    tokens: int = 0
    money: float = 0.0

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.questions - other.questions, self.tokens - other.tokens, self.money - other.money)


@dataclass(frozen=True)
class Limit:
    """How much there is; None: as much as one likes."""

    questions: int | None = None
    tokens: int | None = None
    money: float | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``50 questions, 500000 tokens, 20 money``, or some of it. Raises ``ValueError``."""
        found: dict[str, str] = {}
        for part in text.lower().split(","):
            matched = _PART.fullmatch(part.strip())
            if matched is None:
                raise ValueError(part)
            unit = "questions" if matched[2] else "tokens" if matched[3] else "money"
            if unit in found or not float(matched[1]):
                raise ValueError(part)
            found[unit] = matched[1]
        questions, tokens, money = found.get("questions"), found.get("tokens"), found.get("money")
        return cls(
            int(questions) if questions else None, int(tokens) if tokens else None, float(money) if money else None
        )

    def beside(self, amount: Amount) -> Mapping[str, tuple[float, float]]:
        """An amount and the limit, by unit, as far as there is a limit."""
        amounts = asdict(amount)
        return {unit: (amounts[unit], limit) for unit, limit in asdict(self).items() if limit is not None}


@dataclass(frozen=True)
class Standing:
    """What is used of a budget, which begins anew at ``until`` (epoch seconds)."""

    name: BudgetName
    key: Key
    limit: Limit
    used: Amount
    until: float

    @property
    def compared(self) -> Mapping[str, tuple[float, float]]:
        """Used and limit, by unit."""
        return self.limit.beside(self.used)

    @property
    def low(self) -> Mapping[str, tuple[float, float]]:
        """The same of what is nearly used up."""
        return {unit: (used, limit) for unit, (used, limit) in self.compared.items() if used >= LOW * limit}

    def has_room(self, wanted: Amount) -> bool:
        """Whether something fits in. What is more than there is at all does when nothing is used."""
        compared = self.compared
        return all(
            compared[unit][0] + min(more, limit) <= limit for unit, (more, limit) in self.limit.beside(wanted).items()
        )


@dataclass(frozen=True)
class Budgets:
    """The budgets of an installation.

    Args:
        limits: As far as there are any.
        estimate_tokens: What a question is taken to use where none has been answered yet.
        zone: Whose days and months they are.
    """

    limits: Mapping[BudgetName, Limit] = field(default_factory=dict)
    estimate_tokens: int = 20_000
    zone: tzinfo = UTC

    def period(self, span: str, now: float) -> tuple[str, float]:
        """The day (``2026-11-30``) or month (``2026-11``) of an epoch time, and when the next one begins."""
        midnight = datetime.fromtimestamp(now, self.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if span == "day":
            return f"{midnight:%Y-%m-%d}", (midnight + timedelta(days=1)).timestamp()
        first = midnight.replace(day=1)
        return f"{first:%Y-%m}", (first + _MORE_THAN_A_MONTH).replace(day=1).timestamp()

    def keys(self, channel: str, user: str, now: float) -> dict[Key, BudgetName]:
        """What a person's question in a channel is paid from, in the order of the keys."""
        subjects = {"person": user, "channel": channel, "workspace": ""}
        found = {Key(name.scope, subjects[name.scope], self.period(name.span, now)[0]): name for name in self.limits}
        return dict(sorted(found.items()))

    def standing(self, name: BudgetName, key: Key, used: Amount, now: float) -> Standing:
        """How a budget stands."""
        return Standing(name, key, self.limits[name], used, self.period(name.span, now)[1])
