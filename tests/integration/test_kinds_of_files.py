"""Files of every kind and encoding: byte for byte the same at Azure, and the model is told how to read each."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel, tiny_png
from tests.support.world import SALES, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE = "地域,売上\n東京,10\n大阪,20\n名古屋,15\n札幌,5\n"
LATIN = "Straße;Größe\nHauptstraße;1,5\nMühlenweg;2,5\nFaßgasse;3,5\n"
PARQUET = b"PAR1\x15\x04\x15\x10\x15\x14PAR1"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

TEXTS = {
    "utf16.csv": (TABLE, "utf-16", "encoding utf-16, delimiter ','"),
    "bom.csv": (TABLE, "utf-8-sig", "encoding utf-8-sig, delimiter ','"),
    "shift_jis.csv": (TABLE, "cp932", "encoding cp932, delimiter ','"),
    "euc.tsv": (TABLE.replace(",", "\t"), "euc_jp", "encoding euc_jp, delimiter tab"),
    "latin.csv": (LATIN, "cp1252", "encoding cp1252, delimiter ';'"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World(tmp_path_factory.mktemp("bot"), ScriptedModel(), ScriptedInterpreter()) as made:
        await made.run_bot()
        yield made


def workbook() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["region", "revenue"])
    book.active.append(["East", 10])
    book.save(stream)
    return stream.getvalue()


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("inner.csv", "a,b\n1,2\n")
    return stream.getvalue()


def told(said: str) -> dict[str, tuple[str, str]]:
    """What the model was told of the sandbox: path and remarks by original name."""
    lines = re.findall(r"^- (?:`|)(/mnt/data/[^`\s]+)`? \(original name: ([^;)]+)(.*)\)$", said, re.MULTILINE)
    return {name: (path, remarks) for path, name, remarks in lines}


async def shared(world: World, files: list[tuple[str, bytes]]) -> tuple[dict[str, tuple[str, str]], dict[str, bytes]]:
    """Ask about files; what the model is told of them, and their bytes in the sandbox, by path."""
    channel = world.new_channel()
    ts = await world.ask("[[context]]", channel=channel, files=files)
    said = "\n".join(map(words_of, await world.outcomes(channel, ts)))
    assert ":warning:" not in said
    container = list(world.azure.containers.values())[-1]
    held = {
        file.path: file.blob.data
        for file in container.files.values()
        if file.blob and "/chart-" not in file.path and "-chart-" not in file.path
    }
    last = world.azure.requests.of("POST", "/responses")[-1].body
    return told("\n".join(part["text"] for part in last["input"][0]["content"])), held


def is_font(path: str) -> bool:
    """Whether a file of the sandbox is the bot's own font for charts."""
    return "chart-font" in path


async def test_encodings_and_dialects_are_told_and_no_byte_is_changed(world: World) -> None:
    files = {name: text.encode(encoding) for name, (text, encoding, _) in TEXTS.items()}
    known, held = await shared(world, list(files.items()))
    for name, (_, _, remark) in TEXTS.items():
        path, remarks = known[name]
        assert remark in remarks
        assert held[path] == files[name], name


async def test_what_azure_takes_comes_as_it_is(world: World) -> None:
    files = {
        "book.xlsx": workbook(),
        "data.json": b'{"region": ["East"]}',
        "packed.zip": archive(),
        "report.pdf": PDF,
        "photo.png": tiny_png(1),
    }
    known, held = await shared(world, list(files.items()))
    for name, data in files.items():
        path, remarks = known[name]
        assert path.endswith(Path(name).suffix)
        assert "packed" not in remarks
        assert held[path] == data, name
    assert "1 sheet: 'Sheet' (1 row × 2 columns)" in known["book.xlsx"][1]


async def test_what_azure_does_not_take_travels_in_an_archive_or_as_text(world: World) -> None:
    files = {"data.parquet": PARQUET, "events.jsonl": b'{"region": "East"}\n'}
    known, held = await shared(world, list(files.items()))
    path, remarks = known["data.parquet"]
    assert path.endswith("data.parquet.zip")
    assert "packed as a zip archive: unpack it first" in remarks
    with zipfile.ZipFile(io.BytesIO(held[path])) as packed:
        assert packed.read("data.parquet") == files["data.parquet"]
    path, remarks = known["events.jsonl"]
    assert path.endswith("events.jsonl.txt")
    assert held[path] == files["events.jsonl"]


async def test_odd_and_equal_names_are_safe_and_apart(world: World) -> None:
    first, second = b"a,b\n1,2\n", b"a,b\n3,4\n"
    _, held = await shared(world, [("q 1/報告 (最終).csv", first), ("q 1/報告 (最終).csv", second)])
    assert sorted(held.values()) == [first, second]
    assert len(held) == 2
    assert all(re.fullmatch(r"/mnt/data/[\w.()\-]+", path) for path in held)


@pytest.mark.parametrize(
    ("question", "name", "data", "wanted"),
    [
        ("total by region, as a chart", "sales.csv", b"region,revenue\nEast,10\n", False),
        ("地域別の売上をグラフで", "sales.csv", b"region,revenue\nEast,10\n", True),
        ("total, as a chart", "売上.csv", b"region,revenue\nEast,10\n", True),
        ("total, as a chart", "sales.csv", "地域,revenue\nEast,10\n".encode("cp932"), True),
        ("total, as a chart", "sales.csv", "region,revenue\n東京,10\n大阪,3\n".encode("cp932"), True),
    ],
    ids=["nothing", "question", "name", "header", "cells"],
)
async def test_the_chart_font_comes_when_something_needs_it(
    world: World, question: str, name: str, data: bytes, wanted: bool
) -> None:
    ts = await world.ask(question, files=[(name, data)])
    await world.outcomes(SALES, ts)
    container = list(world.azure.containers.values())[-1]
    assert any(is_font(file.path) for file in container.files.values()) is wanted
    last = world.azure.requests.of("POST", "/responses")[-1].body
    assert ("chart-font" in last["instructions"]) is wanted
