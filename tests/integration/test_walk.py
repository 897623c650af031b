"""The newcomer's walk: a CSV, a question, words and a chart in the thread; then a follow-up there. On both wires."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from playground.analyst import OfflineAnalyst
from playground.interpreter import JupyterInterpreter
from tests.support.reading import is_picture, pictures, says
from tests.support.world import ANN, KENJI, SALES, Json, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLES = Path(__file__).resolve().parents[2] / "playground" / "samples"
ENGLISH = SAMPLES / "sales_2025.csv"
JAPANESE = SAMPLES / "店舗売上_2025年.csv"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["responses", "assistants"])
async def world(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("bot")
    async with World(folder, OfflineAnalyst(pace=0.0), await JupyterInterpreter(spare=False).start()) as made:
        made.settings["AZURE_OPENAI_API"] = request.param
        await made.start_bot()
        yield made


def threads(world: World) -> list[str]:
    """The assistant threads that were asked, one for each question."""
    runs = world.azure.requests.of("POST", "/threads/*/runs")
    asked = [entry.path.split("/")[2] for entry in runs]
    return asked or [entry.body["conversation"] for entry in world.azure.requests.of("POST", "/responses")]


def printed(world: World) -> str:
    """Everything that code has printed, with all that stands around it."""
    steps = [step for thread in world.azure.threads.values() for step in thread.steps.values()]
    return str([*steps, *(response.json["output"] for response in world.azure.responses.values())])


def rows(path: Path, encoding: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(encoding))))


def mean_by(table: list[dict[str, str]], group: str, value: str) -> dict[str, float]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row in table:
        if row[value] and row[group]:
            found[row[group]].append(float(row[value]))
    return {name: sum(values) / len(values) for name, values in found.items()}


def text_of(messages: list[Json]) -> str:
    return "\n".join(map(words_of, messages))


async def test_words_and_a_chart_from_a_csv_then_a_follow_up_with_its_context(world: World) -> None:
    ts = await world.ask("average revenue by region", files=[(ENGLISH.name, ENGLISH.read_bytes())])
    answer = await world.outcomes(SALES, ts, files=1)
    expected = mean_by(rows(ENGLISH, "utf-8"), "region", "revenue")
    assert expected
    for region, mean in expected.items():
        assert region in text_of(answer)
        assert says(text_of(answer), mean), (region, mean)
    (chart,) = pictures(world.slack, answer)
    assert is_picture(chart)
    assert [file["title"] for message in answer for file in message.get("files", [])] == ["Average revenue by region"]
    assert world.uploads == [ENGLISH.read_bytes()]
    assert "sandbox:" not in text_of(answer)

    await world.slack.human.post(SALES, "and by month?", user=ANN, thread=ts)
    both = await world.outcomes(SALES, ts, count=2, files=2)
    follow_up = text_of(both[len(answer) :]).lower()
    assert "revenue" in follow_up
    assert "month" in follow_up
    assert len(world.uploads) == 1, "the file is uploaded once for the conversation"
    first, second = threads(world)
    assert first == second


async def test_japanese_question_cp932_file_and_labels_without_boxes(world: World) -> None:
    ts = await world.ask("店舗別の売上金額の合計をグラフで", user=KENJI, files=[(JAPANESE.name, JAPANESE.read_bytes())])
    answer = await world.outcomes(SALES, ts, files=1)
    totals: defaultdict[str, float] = defaultdict(float)
    for row in rows(JAPANESE, "cp932"):
        if row["売上金額"]:
            totals[row["店舗"]] += float(row["売上金額"].replace(",", ""))
    for shop, total in totals.items():
        assert shop in text_of(answer)
        assert says(text_of(answer), total), (shop, total)
    (chart,) = pictures(world.slack, answer)
    assert is_picture(chart)
    assert JAPANESE.read_bytes() in world.uploads
    assert "matplotlib" in printed(world)
    assert "missing from" not in printed(world)


@pytest.mark.parametrize("world", ["responses"], indirect=True, scope="module")
async def test_a_follow_up_after_a_restart_continues_the_same_assistant_thread(world: World) -> None:
    ts = await world.ask("total units by category", files=[(ENGLISH.name, ENGLISH.read_bytes())])
    await world.outcomes(SALES, ts, files=1)
    assert await world.terminate(world.alive[0]) == 0
    await world.start_bot()
    await world.slack.human.post(SALES, "and the top 3 products?", user=ANN, thread=ts)
    await world.outcomes(SALES, ts, count=2)
    assert threads(world)[-1] == threads(world)[-2]
