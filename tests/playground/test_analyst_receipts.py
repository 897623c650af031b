"""The offline analyst's receipts: each number that it states, computed again from the sample by another engine."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from azure_assistant.run.instructions import DIFFERENCE
from playground.ports import Session
from playground.samples import ENGLISH, JAPANESE
from playground.samples import FOLDER as SAMPLES
from receipts.checking import findings
from receipts.database import Tables
from receipts.form import read_receipt
from receipts.loading import load
from receipts.naming import named
from receipts.telling import tables_of, told
from tables.inspecting import inspect_now
from tests.playground.test_analyst_answers import Conversation, session, start

__all__ = ["session"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

WANTED = "write `/mnt/data/receipt.json`"
PRINTED = f"{WANTED}, and print('receipt.json:', json.dumps(receipt))"
Checked = Callable[[str, str], tuple[str, Tables]]


@pytest.fixture(scope="module")
def described() -> Checked:
    """How a sample's table is told to the model, and the table for queries."""

    def described(sample: str, remark: str) -> tuple[str, Tables]:
        (name,) = named([sample])
        facts, tables = inspect_now(SAMPLES / sample, sample), Tables()
        with (SAMPLES / sample).open("rb") as stream:
            tables.add(load(stream, sample, name.table), name.aliases)
        tables.lock()
        return f"; {facts.remark()}; for a receipt: {told(name.table, tables_of(facts))}{remark}", tables

    return described


async def asked(session: Session, sample: str, remark: str, instructions: str, question: str) -> Conversation:
    talk = await start(session, SAMPLES / sample, remark, instructions)
    await talk.ask(question)
    return talk


@pytest.mark.parametrize(
    ("sample", "question", "numbers"),
    [
        (ENGLISH, "total revenue by region", 4),
        (ENGLISH, "average revenue in March", 1),
        (ENGLISH, "how many orders have no region?", 1),
        (ENGLISH, "median units by product for North", 3),
        (JAPANESE, "店舗別の売上の合計", 3),
    ],
)
async def test_each_number_agrees(
    session: Session, described: Checked, sample: str, question: str, numbers: int
) -> None:
    remark, tables = described(sample, "")
    talk = await asked(session, sample, remark, WANTED, question)
    claims = read_receipt(await session.read("receipt.json")) or ()
    assert len(claims) >= numbers
    assert {finding.verdict for finding in findings(tables, claims)} == {"agrees"}
    assert all(claim.stated in talk.history[-1].text for claim in claims)


async def test_where_files_are_not_listed_it_is_printed(session: Session, described: Checked) -> None:
    remark, _ = described(ENGLISH, "")
    talk = await asked(session, ENGLISH, remark, PRINTED, "total revenue")
    printed = next(past.call.logs for past in reversed(talk.history) if past.call)
    assert json.loads(printed.removeprefix("receipt.json: "))["version"] == 1


@pytest.mark.parametrize(("remark", "instructions"), [("", WANTED), ('; for a receipt: table a("b" number)', "")])
async def test_without_a_table_or_a_wish_there_is_none(session: Session, remark: str, instructions: str) -> None:
    talk = await asked(session, ENGLISH, remark, instructions, "total revenue by region")
    assert not any("receipt" in code for code in talk.codes)


async def test_it_does_not_compute_when_it_is_asked_about_a_difference(session: Session) -> None:
    talk = Conversation(session, ENGLISH)
    difference = DIFFERENCE.format(differences="- Revenue: you stated 5, the query gives 6")
    assert "cannot tell which value is right" in await talk.ask(difference)
    assert talk.codes == []
