"""Which charts and files a response made: the algorithm, on evidence in every combination that was seen."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from azure_assistant.links import sandbox_links
from azure_assistant.responses.artifacts import Citation, Evidence, Findings, Listed, collect

PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG one").decode()
PIXEL_2 = "data:image/png;base64," + base64.b64encode(b"\x89PNG two").decode()


def listing(*items: Listed) -> tuple[list[int], Callable[[], Awaitable[Sequence[Listed]]]]:
    asked: list[int] = []

    async def list_files() -> Sequence[Listed]:
        asked.append(1)
        return items

    return asked, list_files


async def found(evidence: Evidence, *items: Listed) -> Findings:
    return await collect(evidence, listing(*items)[1])


def cited(file: str, name: str, start: int = 0) -> Citation:
    return Citation("cntr_1", file, name, start)


def listed(file: str, name: str, created: float = 100.0, *, by_model: bool = True) -> Listed:
    return Listed("cntr_1", file, name, by_model, created)


def names(findings: Findings) -> list[tuple[str, str]]:
    return [(item.kind, item.name) for item in findings.artifacts]


async def test_a_saved_chart_hides_its_displayed_twins() -> None:
    evidence = Evidence(
        "resp_1",
        "See [Sales per month](sandbox:/mnt/data/sales.png).",
        [cited("cfile_A", "cfile_A.png"), cited("cfile_B", "sales.png", 24)],
        [PIXEL],
        "plt.savefig('/mnt/data/sales.png'); plt.show()",
    )
    asked, list_files = listing()
    result = await collect(evidence, list_files)
    assert names(result) == [("chart", "sales.png")]
    chart = result.artifacts[0]
    assert chart.alt == "Sales per month"
    assert chart.media_type == "image/png"
    assert chart.data is None
    assert chart.ref["file"] == "cfile_B"
    assert (chart.ref["response"], chart.ref["image"]) == ("resp_1", 0)
    assert not asked


async def test_displayed_charts_come_inline_when_nothing_was_saved() -> None:
    result = await found(Evidence("r", "Done.", [cited("cfile_A", "cfile_A.png")], [PIXEL, PIXEL_2], "plt.show()"))
    assert names(result) == [("chart", "chart-1.png"), ("chart", "chart-2.png")]
    assert [item.data for item in result.artifacts] == [b"\x89PNG one", b"\x89PNG two"]


async def test_zero_width_citations_are_the_last_resort() -> None:
    twice = [cited("cfile_A", "cfile_A.png"), cited("cfile_A", "cfile_A.png"), cited("cfile_C", "cfile_C.png")]
    result = await found(Evidence("r", "Done.", twice))
    assert [item.ref["file"] for item in result.artifacts] == ["cfile_A", "cfile_C"]


async def test_order_follows_the_answer_and_the_last_of_equal_names_wins() -> None:
    text = "[b](sandbox:/mnt/data/b.csv) and [a](sandbox:/mnt/data/a.png)"
    citations = [cited("cfile_1", "a.png"), cited("cfile_2", "b.csv"), cited("cfile_3", "a.png", 30)]
    result = await found(Evidence("r", text, citations))
    assert names(result) == [("file", "b.csv"), ("chart", "a.png")]
    assert result.artifacts[1].ref["file"] == "cfile_3"


async def test_a_dangling_link_is_found_in_the_container() -> None:
    evidence = Evidence("r", "[Chart](sandbox:/mnt/data/x.png) [List](sandbox:/mnt/data/none.csv)", images=[PIXEL])
    result = await found(evidence, listed("cfile_8", "x.png", 90), listed("cfile_9", "x.png", 120))
    assert names(result) == [("chart", "x.png")]
    assert result.artifacts[0].ref["file"] == "cfile_9"
    assert result.missing == ["none.csv"]


async def test_files_that_were_written_but_not_mentioned_are_handed_over_once() -> None:
    evidence = Evidence("r", "Cleaned.", code="df.to_csv('/mnt/data/clean.csv')", started=100, seen=["cfile_old"])
    items = (
        listed("cfile_new", "clean.csv", 105),
        listed("cfile_old", "before.csv", 106),
        listed("cfile_early", "early.csv", 50),
        listed("cfile_up", "sales.csv", 107, by_model=False),
    )
    result = await found(evidence, *items)
    assert names(result) == [("file", "clean.csv")]
    assert result.ids == ["cfile_new"]


async def test_reading_code_does_not_cause_a_listing() -> None:
    asked, list_files = listing(listed("cfile_1", "x.csv"))
    result = await collect(Evidence("r", "42", code="pd.read_csv('/mnt/data/a.csv').sum()"), list_files)
    assert not asked
    assert not result.artifacts


async def test_a_link_to_an_upload_is_neither_a_result_nor_missing() -> None:
    evidence = Evidence("r", "From [sales](sandbox:/mnt/data/file-1-sales.csv).", uploads={"file-1-sales.csv"})
    result = await found(evidence)
    assert not result.artifacts
    assert not result.missing


async def test_images_may_be_links() -> None:
    result = await found(Evidence("r", "x", images=["https://example.com/a.png", "data:text/html,no"]))
    assert [item.ref for item in result.artifacts] == [
        {"type": "url", "url": "https://example.com/a.png", "name": "chart-1.png"}
    ]


def test_links_in_all_their_forms() -> None:
    text: Any = (
        "![売上](sandbox:/mnt/data/売上_2024.png) [a](sandbox:/mnt/data/report(1).csv) "
        '[b](<sandbox:/mnt/data/my%20file.xlsx> "title") sandbox:/mnt/data/bare.txt. [web](https://x.y/z)'
    )
    assert [(link.name, link.label) for link in sandbox_links(text)] == [
        ("売上_2024.png", "売上"),
        ("report(1).csv", "a"),
        ("my file.xlsx", "b"),
        ("bare.txt", ""),
    ]
