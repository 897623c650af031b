"""The page's own analyst opens the file nearby that a question speaks of, and asks when several could be meant."""

from __future__ import annotations

import json

import pytest

from playground.analyst import OfflineAnalyst
from playground.analyst.nearby import settled
from playground.ports import Call, Execution, FunctionTool, MadeCall, ModelRequest, Past

FUNCTIONS = [FunctionTool("open_files", "", {}), FunctionTool("ask", "", {})]
OWN = "- `/mnt/data/own.csv` (original name: own.csv; newest)"
BENS = {"id": "F1", "name": "march.csv", "shared_by": "Ben Smith"}
CHENS = {"id": "F2", "name": "april.csv", "shared_by": "Chen"}


def request(question: str, *nearby: object, since: str = "") -> ModelRequest:
    lines = [json.dumps(one) for one in nearby]
    parts = ["\n".join(["Files in the sandbox:", OWN, "Other files nearby:", *lines]), question]
    made = [Past("function", made=MadeCall("c", "open_files", "{}", since))] if since else []
    return ModelRequest("", parts, functions=FUNCTIONS, since=made)


async def answered(asked: ModelRequest) -> tuple[list[str], list[str]]:
    """The functions that are called, and the code that is run; no code runs here."""
    codes: list[str] = []

    async def run_code(code: str) -> Execution:
        codes.append(code)
        return Execution("", failed=True)

    deltas = [delta async for delta in OfflineAnalyst(pace=0).answer(asked, run_code)]
    return [f"{delta.name} {delta}" for delta in deltas if isinstance(delta, Call)], codes


@pytest.mark.parametrize(
    "question",
    [
        "total revenue in Ben's file",
        "total revenue in Ben Smith’s data",
        "total revenue of the file from Ben",
        "the file that Ben shared: total revenue",
        "Benさんのファイルの売上の合計",
    ],
)
async def test_a_file_of_somebodys_is_opened(question: str) -> None:
    calls, codes = await answered(request(question, BENS, CHENS))
    assert (calls, codes) == (['open_files {"ids": ["F1"]}'], [])


@pytest.mark.parametrize("question", ["total revenue in the other file", "別のファイルの売上の合計"])
async def test_when_several_could_be_meant_it_asks(question: str) -> None:
    (call,), codes = await answered(request(question, BENS, CHENS))
    name, _, arguments = call.partition(" ")
    assert (name, json.loads(arguments)["choices"], codes) == ("ask", ["F1", "F2"], [])


@pytest.mark.parametrize("question", ["total revenue", "which region is on top?", "total revenue by person", "hello"])
async def test_of_its_own_accord_it_opens_nothing(question: str) -> None:
    assert (await answered(request(question, BENS, CHENS)))[0] == []


async def test_without_functions_or_files_nearby_nothing_is_called() -> None:
    asked = request("total revenue in Ben's file")
    assert (await answered(asked))[0] == []


async def test_what_was_opened_is_computed_from() -> None:
    output = "Opened.\n\nFiles in the sandbox:\n- `/mnt/data/f-march.csv` (original name: march.csv; newest)"
    calls, codes = await answered(request("total revenue in Ben's file", BENS, CHENS, since=output))
    assert calls == []
    assert all("/mnt/data/f-march.csv" in code for code in codes)
    assert codes


async def test_what_was_chosen_is_computed_from() -> None:
    question = "total revenue in the other file\n\n> Which file do you mean?\nown.csv"
    calls, codes = await answered(request(question, BENS, CHENS))
    assert calls == []
    assert all("/mnt/data/own.csv" in code for code in codes)
    assert settled(question) == ("total revenue in the other file", "own.csv")
