"""The offline analyst: reads questions by rules, writes real pandas code, runs it, and reports its numbers."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence

from playground.analyst import nearby, receipts
from playground.analyst.coding import cleaning, statistics, tables
from playground.analyst.coding.look import look_code
from playground.analyst.coding.naming import Naming, naming_for, purpose
from playground.analyst.files import DataFile, chosen_file, known_files, own_words, with_names_joined
from playground.analyst.plan import MARK, Plan, last_plan
from playground.analyst.profile import Profile, last_json, profile_from_json
from playground.analyst.reading.language import is_japanese
from playground.analyst.reading.measures import with_derived
from playground.analyst.reading.smalltalk import small_talk
from playground.analyst.sentences import Language, say
from playground.analyst.understanding import understand
from playground.analyst.wording.answers import not_understood, written
from playground.analyst.wording.markdown import Outcome
from playground.ports import Execution, ModelRequest, RunCode

log = logging.getLogger(__name__)

CHECKED = "Your last answer was checked"
"""How the bot begins when it asks about numbers that differ."""

FONT_BLOCK = re.compile(r"```python\n(?P<code>[^`]*(?:addfont|chart_style)[^`]*)```")
PIECE = re.compile(r"\S+\s*|\s+")


class OfflineAnalyst:
    """Answers without any language model. See the package's modules for what it understands.

    Attributes:
        trusted: Its code is written by this package only, never by a model.
    """

    trusted = True

    def __init__(self, pace: float = 0.004) -> None:
        """``pace``: seconds between two words of the answer, so that streaming shows."""
        self._pace = pace

    async def answer(self, request: ModelRequest, run_code: RunCode) -> AsyncIterator[str]:
        """Answer the last part of the user message, word by word."""
        question, chosen = nearby.settled(request.user_parts[-1] if request.user_parts else "")
        question = own_words(question)
        language: Language = "ja" if is_japanese(question, _told(request)) else "en"
        spoken = nearby.spoken_of(question, request)
        if spoken.files and not (chosen or request.since):
            yield nearby.call(spoken, language)
            return
        text = await self._text(spoken.question, chosen, request, run_code, language)
        if not any(past.role == "assistant" for past in request.history):
            text += "\n\n" + say("footer", language)
        for piece in PIECE.findall(text):
            yield piece
            await asyncio.sleep(self._pace)

    async def _text(
        self, question: str, chosen: str, request: ModelRequest, run_code: RunCode, language: Language
    ) -> str:
        files = known_files(request.user_parts[:-1], [past.text for past in request.history if past.role == "user"])
        files = nearby.opened(request) or [file for file in files if file.name == chosen] or files
        if question.startswith(CHECKED):
            return say("checked", language)
        if talk := small_talk(question):
            if talk == "hello" and not re.search(r"\w", question) and files:
                return await self._analysis("", files, request, run_code, language)
            return say(talk, language)
        if not files:
            return say("no_file", language)
        if not request.can_run_code:
            return say("no_python", language)
        return await self._analysis(question, files, request, run_code, language)

    async def _analysis(
        self, question: str, files: Sequence[DataFile], request: ModelRequest, run_code: RunCode, language: Language
    ) -> str:
        codes = [past.call.code for past in request.history if past.call is not None]
        previous = last_plan(codes)
        file = chosen_file(question, files, previous.path if previous else "")
        assert file is not None
        question = with_names_joined(question, files)
        looked, profile = await _look(file, run_code, language)
        if profile is None:
            return say("unreadable", language, name=file.name, reason=_reason(looked))
        profile = with_derived(question, profile)
        if previous and not all(name in profile for name in previous.measures):
            profile = with_derived("profit", profile)
        if codes and MARK not in codes[-1]:
            previous = Plan("unknown", path=file.path)
        plan = understand(question, profile, previous, _told(request))
        if plan.task == "unknown":
            return not_understood(plan, profile)
        naming = naming_for(plan, profile, taken=_used_names(codes))
        code = analysis_code(plan, profile, naming, file)
        font = FONT_BLOCK.search(request.instructions)
        if font and "plt.savefig" in code:
            code = _with_font(code, font["code"].strip())
        execution = await run_code(code)
        result = last_json(execution.logs)
        if execution.failed or result is None:
            log.warning("the offline analyst's code failed for the task %s", plan.task)
            return say("failed", language, reason=_reason(execution))
        outcome = Outcome(plan, profile, naming, result, file.name)
        text = written(outcome)
        await _leave_receipt(outcome, text, request, run_code)
        return text


def _told(request: ModelRequest) -> str:
    """What is said of the asker, wherever it stands."""
    return "\n".join([request.instructions, *request.user_parts[:-1]])


async def _leave_receipt(outcome: Outcome, text: str, request: ModelRequest, run_code: RunCode) -> None:
    """Leave a receipt beside the charts, where one is wanted and the file has a table that queries can use."""
    told = "\n".join([*(past.text for past in request.history if past.role == "user"), *request.user_parts])
    table = receipts.table_told(told, outcome.profile.path) if receipts.ASKED in request.instructions else ""
    prints = receipts.PRINTED in request.instructions
    purpose = say("receipt", outcome.plan.language)
    if table and (code := receipts.receipt_code(outcome, table, text, purpose, prints=prints)):
        await run_code(code)


async def _look(file: DataFile, run_code: RunCode, language: Language) -> tuple[Execution, Profile | None]:
    """Read the file as the message describes it; if that fails, find out."""
    purpose = say("looking", language, name=" ".join(file.name.split()))
    for trust in (True, False) if file.encoding else (True,):
        execution = await run_code(f"# {purpose}\n{look_code(file, trust_remark=trust)}")
        found = last_json(execution.logs)
        if not execution.failed and found is not None and found.get("columns"):
            return execution, profile_from_json(file.path, found)
    return execution, None


def analysis_code(plan: Plan, profile: Profile, naming: Naming, file: DataFile) -> str:
    """The Python for a plan: first says what it is for, last what follow-ups go on from."""
    return f"# {purpose(plan, naming)}\n{_computation(plan, profile, naming, file)}\n\n{MARK}{plan.to_json()}"


def _computation(plan: Plan, profile: Profile, naming: Naming, file: DataFile) -> str:
    drawn = {
        "aggregate": tables.aggregation_code,
        "distribution": statistics.distribution_code,
        "normality": statistics.distribution_code,
        "correlation": statistics.correlation_code,
        "outliers": statistics.outliers_code,
    }
    if plan.task in drawn:
        return drawn[plan.task](plan, profile, naming)
    if plan.task == "rows":
        return tables.rows_code(plan, profile, naming)
    if plan.task == "clean":
        return cleaning.cleaning_code(plan, profile, cleaning.cleaned_name(file.name))
    plain = cleaning.missing_code if plan.task == "missing" else statistics.overview_code
    return plain(plan, profile)


def _with_font(code: str, snippet: str) -> str:
    """The font's code below the line that says what the code is for."""
    first, _, rest = code.partition("\n")
    return f"{first}\n{snippet}\n\n{rest}"


def _used_names(codes: Sequence[str]) -> set[str]:
    return {name for code in codes for name in re.findall(r"savefig\('/mnt/data/([^']+)'", code)}


def _reason(execution: Execution) -> str:
    lines = [line.strip() for line in execution.logs.splitlines() if line.strip()]
    return f"`{lines[-1][:200].replace('`', '')}`" if lines else "?"
