"""What is used of the budgets: reserved before a question's first call, and settled when its turn is closed.

What is reserved counts as used. So turns that run at the same time go beyond a limit by no more than they have used
beyond their estimates. On PostgreSQL the rows of the budgets are locked meanwhile, always in the order of their keys.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median_high
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, select, tuple_, update
from sqlalchemy.orm import Session

from azure_assistant.events import Usage
from conversations.access.budgets import Amount, BudgetName, Budgets, Key, Standing
from conversations.database.database import Database
from conversations.database.inspection import transact
from conversations.database.models import BudgetUse, Question, Reservation
from conversations.errors import ChannelBudgetSpent, LimitError, PersonBudgetSpent, WorkspaceBudgetSpent
from conversations.store import questions
from conversations.store.prices import Prices
from conversations.store.results import known
from errors import AnalystError, error_from_json, error_to_json

LAST = 50
"""Turns of a channel from which the next one is estimated."""

KEPT_SECONDS = 32 * 24 * 60 * 60.0
"""How long what was used is kept at least; nobody asks for it when its month is over."""

_ERRORS: Mapping[str, type[LimitError]] = {
    "person": PersonBudgetSpent,
    "channel": ChannelBudgetSpent,
    "workspace": WorkspaceBudgetSpent,
}
_ORDER = (BudgetUse.scope, BudgetUse.subject, BudgetUse.period)
_KEY = tuple_(*_ORDER)
_OPEN = select(Question.id).where(Question.state != "done")
_LAST_USAGES = (
    select(Question.usage)
    .where(Question.team == bindparam("team"), Question.channel == bindparam("channel"))
    .where(Question.state == "done", Question.run_id != "")
    .order_by(Question.accepted_at.desc())
    .limit(LAST)
)


class Reserved(NamedTuple):
    """Why a question may use nothing, or None; and budgets that are low without the admins' knowing."""

    error: AnalystError | None = None
    low: Sequence[Standing] = ()


class Ledger:
    """Counts what is used, as far as there are limits."""

    def __init__(self, database: Database, budgets: Budgets, prices: Prices) -> None:
        self._database = database
        self._budgets = budgets
        self._prices = prices
        self.is_kept = bool(budgets.limits)

    async def reserve(self, turn: str) -> Reserved:
        """Reserve what a turn is estimated to use, from each of its budgets or from none.

        Once is enough: a turn that goes on after a crash keeps what it has, and what it was refused with.
        """
        return await self._database.run(lambda session: self._reserve(session, turn, time.time()))

    def _reserve(self, session: Session, turn: str, now: float) -> Reserved:
        question = session.get(Question, turn, with_for_update=True)
        if question is None or question.state == "done" or question.run_id:
            return Reserved()
        if question.refused:
            return Reserved(error_from_json(question.refused))
        if session.get(Reservation, turn):
            return Reserved()
        names = self._budgets.keys(question.channel, question.user, now)
        rows = self._locked(session, question.team, names)
        before = [self._budgets.standing(names[_key(row)], _key(row), _used(row), now) for row in rows]
        low = [standing for standing, row in zip(before, rows, strict=True) if standing.low and not row.is_warned]
        wanted = self._estimate(session, question)
        if error := _refusal([standing for standing in before if not standing.has_room(wanted)]):
            question.refused = error_to_json(error)
            return Reserved(error, low)
        _add(rows, wanted)
        uses = [list(_key(row)) for row in rows]
        session.add(Reservation(turn=turn, uses=uses, tokens=wanted.tokens, money=wanted.money))
        return Reserved(None, low)

    def _locked(self, session: Session, team: str, names: Mapping[Key, BudgetName]) -> Sequence[BudgetUse]:
        """The rows of budgets, made where there are none; no other transaction changes them before this one ends."""
        for key in names:
            self._database.upsert(session, BudgetUse, {"team": team, **key._asdict()})
        return session.scalars(_rows(team, names).with_for_update()).all()

    def _estimate(self, session: Session, question: Question) -> Amount:
        """What a question will use: as much as the median of the last ones in its channel, or as is set."""
        found = session.scalars(_LAST_USAGES, {"team": question.team, "channel": question.channel})
        usages = [usage for one in found if _tokens(usage := Usage(**known(Usage, one)))]
        usages = usages or [Usage(input_tokens=self._budgets.estimate_tokens, containers=1)]
        return Amount(1, median_high(map(_tokens, usages)), median_high(map(self._cost, usages)))

    def settle(self, session: Session, turn: str) -> None:
        """Let what a closed turn has really used take the place of what was reserved for it."""
        reserved, question = session.get(Reservation, turn, with_for_update=True), questions.find(session, turn)
        if reserved is None or question is None:
            return
        rows = session.scalars(_rows(question.team, reserved.uses).with_for_update()).all()
        _add(rows, self._spent(question, reserved) - Amount(1, reserved.tokens, reserved.money))
        session.delete(reserved)

    def _spent(self, question: Question, reserved: Reservation) -> Amount:
        """What a turn has used: nothing without a run, and the estimate where a run ended without telling."""
        usage = Usage(**known(Usage, question.usage))
        if _tokens(usage):
            return Amount(1, _tokens(usage), self._cost(usage))
        return Amount(1, reserved.tokens, reserved.money) if question.run_id else Amount()

    def _cost(self, usage: Usage) -> float:
        return self._prices.cost(usage) or 0.0

    async def has_room_for_more(self, turn: str) -> bool:
        """Whether the budgets of a question that was answered have room for one more run about it."""
        if not self.is_kept:
            return True

        def has_room(session: Session) -> bool:
            question = questions.find(session, turn)
            if question is None:
                return False
            wanted, now = self._estimate(session, question), time.time()
            names = self._budgets.keys(question.channel, question.user, now)
            used = {_key(row): _used(row) for row in session.scalars(_rows(question.team, names))}
            more = Amount(0, wanted.tokens, wanted.money)
            standings = (self._budgets.standing(name, key, used.get(key, Amount()), now) for key, name in names.items())
            return all(standing.has_room(more) for standing in standings)

        return await self._database.run(has_room)

    def add(self, session: Session, question: Question, usage: Usage) -> None:
        """Count what a run about a question has used that was answered before."""
        names = self._budgets.keys(question.channel, question.user, time.time()) if self.is_kept else {}
        if names:
            _add(self._locked(session, question.team, names), Amount(0, _tokens(usage), self._cost(usage)))

    async def of(self, team: str, channel: str, user: str) -> Sequence[Standing]:
        """How the budgets stand that a person's question in a channel would be paid from."""
        now = time.time()
        names = self._budgets.keys(channel, user, now)
        rows = await self._database.scalars(_rows(team, names)) if names else ()
        used = {_key(row): _used(row) for row in rows}
        return [self._budgets.standing(name, key, used.get(key, Amount()), now) for key, name in names.items()]

    async def warned(self, team: str, key: Key) -> None:
        """Note that the admins know that a budget is low."""
        row = (BudgetUse.team == team) & _KEY.in_([tuple(key)])
        await self._database.execute(update(BudgetUse).where(row).values(is_warned=True))


def _refusal(full: Sequence[Standing]) -> AnalystError | None:
    """Why a question may use nothing: the budget that begins anew last."""
    if not full:
        return None
    last = max(full, key=lambda standing: standing.until)
    return _ERRORS[last.key.scope](last.name.setting, until=last.until)


def _add(rows: Sequence[BudgetUse], more: Amount) -> None:
    for row in rows:
        row.questions += more.questions
        row.tokens += more.tokens
        row.money += more.money


def _rows(team: str, keys: Iterable[Sequence[str]]) -> Select[Any]:
    """In an order in which nobody who locks them waits for somebody who waits for him."""
    return select(BudgetUse).where(BudgetUse.team == team, _KEY.in_(map(tuple, keys))).order_by(*_ORDER)


def _key(row: BudgetUse) -> Key:
    return Key(row.scope, row.subject, row.period)


def _used(row: BudgetUse) -> Amount:
    return Amount(row.questions, row.tokens, row.money)


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def drop_before(session: Session, now: float) -> None:
    """Delete what was used in months that are over, and reservations whose turn is no more."""
    kept = datetime.fromtimestamp(now - KEPT_SECONDS, UTC)
    session.execute(delete(BudgetUse).where(BudgetUse.period < f"{kept:%Y-%m}"))
    session.execute(delete(Reservation).where(Reservation.turn.not_in(_OPEN)))


async def read_standings(url: str, budgets: Budgets) -> Sequence[tuple[str, Standing]]:
    """How all budgets stand that something was used of, with their workspaces. Raises ``DatabaseUnusable``."""
    now = time.time()
    periods = {name: budgets.period(name.span, now)[0] for name in budgets.limits}
    names = {(name.scope, period): name for name, period in periods.items()}

    def read(session: Session) -> Sequence[tuple[str, Standing]]:
        query = select(BudgetUse).where(BudgetUse.period.in_(periods.values())).order_by(BudgetUse.team, *_ORDER)
        found = [(row, names.get((row.scope, row.period))) for row in session.scalars(query)]
        return [(row.team, budgets.standing(name, _key(row), _used(row), now)) for row, name in found if name]

    return await asyncio.to_thread(transact, url, read) if budgets.limits else ()
