"""Lets turns use what their budgets have room for, and tells the admins when one is low."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence

from conversations.access.admins import named_in
from conversations.access.budgets import Key, Standing
from conversations.access.ledger import Ledger
from conversations.database.models import Job, Question
from conversations.jobs.jobs import Jobs
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.workspaces import WindowsOf, WorkplaceOf
from errors import error_to_json

log = logging.getLogger(__name__)

BUDGET = "budget"
_UNITS = {
    "questions": NoticeKind.BUDGET_QUESTIONS,
    "tokens": NoticeKind.BUDGET_TOKENS,
    "money": NoticeKind.BUDGET_MONEY,
}
_LOW = {
    "person": NoticeKind.BUDGET_LOW_PERSON,
    "channel": NoticeKind.BUDGET_LOW_CHANNEL,
    "workspace": NoticeKind.BUDGET_LOW_WORKSPACE,
}


class Budgeting:
    """Stands between turns and what they use."""

    def __init__(
        self, ledger: Ledger, jobs: Jobs, workplace: WorkplaceOf, windows: WindowsOf, admins: Collection[str]
    ) -> None:
        self._ledger = ledger
        self._jobs = jobs
        self._workplace = workplace
        self._windows = windows
        self._admins = admins

    async def reserve(self, question: Question) -> None:
        """Reserve what a question is estimated to use. Raises ``LimitError`` when a budget has no room for it."""
        if not self._ledger.is_kept:
            return
        error, low = await self._ledger.reserve(question.id)
        for standing in low:
            await self._announce(question.team, standing)
        if error:
            question.refused = error_to_json(error)
            raise error

    async def _announce(self, team: str, standing: Standing) -> None:
        scope, subject, period = standing.key
        lines = [[unit, *compared] for unit, compared in standing.low.items()]
        key = f"{team}:{scope}:{period}"
        arguments = {"setting": standing.name.setting, "lines": lines, "until": standing.until}
        await self._jobs.accept(
            BUDGET, key, f"{BUDGET}:{key}:{subject}", channel="", about=subject, arguments=arguments
        )

    async def warn(self, job: Job) -> None:
        """The job of a low budget: each admin whom the settings name is told, once."""
        team, scope, period, _, subject = (*job.id.split(":"), "")[:5]
        setting, lines, until = (job.arguments[name] for name in ("setting", "lines", "until"))
        log.warning("%s of %s is nearly used up: %s", setting, subject or team, lines)
        below = _lines(setting, {unit: (used, limit) for unit, used, limit in lines}, until)
        notice = Notice(_LOW[scope], {"who": subject}, more=below)
        for admin in named_in(team, self._admins):
            locale = (await self._workplace(team).person(admin)).locale
            await self._windows(team).tell(admin, locale, notice)
        await self._ledger.warned(team, Key(scope, subject, period))


def told(standing: Standing) -> Sequence[Notice]:
    """How a budget stands, in words."""
    return _lines(standing.name.setting, standing.compared, standing.until)


def _lines(setting: str, compared: Mapping[str, tuple[float, float]], until: float) -> Sequence[Notice]:
    return [
        Notice(_UNITS[unit], {"setting": setting, "used": used, "limit": limit, "until": until})
        for unit, (used, limit) in compared.items()
    ]
