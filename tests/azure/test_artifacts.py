"""Which charts and files a run made: on evidence in every combination that was seen, on both wires."""

from __future__ import annotations

import base64
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from azure_assistant.assistants import artifacts as assistants
from azure_assistant.responses.artifacts import Citation, Evidence, collect
from azure_assistant.responses.sandbox_files import Listed
from azure_assistant.run.artifacts import Cell, Findings, Upload, original_name, pair
from azure_assistant.run.links import sandbox_links

PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG one").decode()
PIXEL_2 = "data:image/png;base64," + base64.b64encode(b"\x89PNG two!").decode()
SALES = Upload("assistant-AbCdEfGhIjKlMnOpQrStUv", "assistant-AbCdEfGhIjKlMnOpQrStUv-sales.csv", "sales.csv", 10, 10)
PACKED = Upload("file-1", "file-1-data.parquet.zip", "data.parquet.zip", 77, 50)


def listing(*items: Listed) -> tuple[list[int], Callable[[], Awaitable[Sequence[Listed]]]]:
    asked: list[int] = []

    async def list_files() -> Sequence[Listed]:
        asked.append(1)
        return items

    return asked, list_files


async def found(evidence: Evidence, *items: Listed) -> Findings:
    return await collect(evidence, listing(*items)[1])


async def refused(evidence: Evidence) -> Findings:
    async def list_files() -> None:
        return None

    return await collect(evidence, list_files)


def cited(file: str, name: str, start: int = 0) -> Citation:
    return Citation("cntr_1", file, name, start)


def listed(file: str, path: str, created: float = 100.0, *, by_model: bool = True, size: int = 1) -> Listed:
    return Listed("cntr_1", file, path, by_model, created, size)


def names(findings: Findings) -> list[tuple[str, str]]:
    return [(item.kind, item.name) for item in findings.artifacts]


def files(findings: Findings) -> list[str]:
    return [str(item.ref.get("file", item.ref["type"])) for item in findings.artifacts]


async def test_a_saved_chart_hides_its_displayed_twin() -> None:
    evidence = Evidence(
        "resp_1",
        "See [Sales per month](sandbox:/mnt/data/sales.png).",
        [cited("cfile_A", "cfile_A.png"), cited("cfile_B", "sales.png", 24)],
        [Cell("plt.savefig('/mnt/data/sales.png'); plt.show()", [PIXEL])],
    )
    result = await found(evidence, listed("cfile_B", "sales.png"), listed("cfile_abcdef01", "cfile_abcdef01.png"))
    assert names(result) == [("chart", "sales.png")]
    chart = result.artifacts[0]
    assert chart.alt == "Sales per month"
    assert chart.media_type == "image/png"
    assert chart.data is None
    assert chart.ref["file"] == "cfile_B"
    assert (chart.ref["response"], chart.ref["image"]) == ("resp_1", 0)


async def test_a6_two_figures_of_which_one_was_saved_are_both_handed_over() -> None:
    cells = [Cell("plt.plot(a); plt.show()", [PIXEL]), Cell("plt.plot(b); plt.savefig('b.png'); plt.show()", [PIXEL_2])]
    evidence = Evidence("r", "[B](sandbox:/mnt/data/b.png)", [cited("cfile_B", "b.png", 4)], cells)
    result = await found(evidence, listed("cfile_B", "b.png"))
    assert names(result) == [("chart", "chart-1.png"), ("chart", "b.png")]
    assert result.artifacts[0].data == b"\x89PNG one"
    assert result.artifacts[1].ref["image"] == 1


@pytest.mark.parametrize(
    ("cells", "saved", "unsaved"),
    [
        ([("show()", 1)], [], [0]),
        ([("plt.savefig('a.png'); plt.show()", 1)], ["a.png"], []),
        ([("plt.savefig(f'{r}.png'); plt.show()", 2)], ["n.png", "s.png"], []),
        ([("plt.show()\nplt.savefig('b.png'); plt.show()", 2)], ["b.png"], [0]),
        ([("plt.savefig('b.png'); plt.show()\nplt.plot(x); plt.show()", 2)], ["b.png"], [1]),
        ([("plt.show()", 1), ("fig.savefig('a.png')", 0)], ["a.png"], []),
        ([("plt.show()", 1), ("plt.bar(x, y); plt.savefig('b.png')", 0)], ["b.png"], [0]),
        ([("plt.plot(x)", 1), ("for r in rs: plt.plot(r); plt.savefig(f'{r}.png')", 0)], ["n.png", "s.png"], [0]),
        ([("plt.savefig('a.png'); plt.show()", 1), ("print(os.path.getsize('a.png'))", 0)], ["a.png"], []),
        ([("", 1)], ["b.png"], [0]),
        ([("show", 1), ("write b.png", 0)], ["b.png"], [0]),
        ([("fig.savefig('x/a.png')", 1), ("fig.savefig('y/a.png')", 1)], ["x/a.png", "y/a.png"], []),
    ],
)
def test_a6_what_was_saved_is_told_from_what_was_only_displayed(
    cells: list[tuple[str, int]], saved: list[str], unsaved: list[int]
) -> None:
    made = [Cell(code, [f"{index}-{n}" for n in range(count)]) for index, (code, count) in enumerate(cells)]
    assert pair(made, saved).unsaved == unsaved


def test_a6_assistants_a_picture_and_a_link_are_both_handed_over() -> None:
    evidence = assistants.Evidence("[B](sandbox:/mnt/data/b.png)", {"b.png": "file-B"}, shown=["file-A"])
    result = assistants.collect(evidence)
    assert [(item.name, item.ref["file"]) for item in result.artifacts] == [
        ("chart-1.png", "file-A"),
        ("b.png", "file-B"),
    ]


def test_a6_assistants_a_saved_chart_hides_its_displayed_twin() -> None:
    cells = [Cell("plt.savefig('/mnt/data/b.png'); plt.show()", ["file-A"])]
    evidence = assistants.Evidence("[B](sandbox:/mnt/data/b.png)", {"b.png": "file-B"}, cells, ["file-A"])
    assert names(assistants.collect(evidence)) == [("chart", "b.png")]


async def test_displayed_charts_come_inline_when_nothing_was_saved() -> None:
    cells = [Cell("plt.show()", [PIXEL, PIXEL_2])]
    result = await found(Evidence("r", "Done.", [cited("cfile_A", "cfile_A.png")], cells))
    assert names(result) == [("chart", "chart-1.png"), ("chart", "chart-2.png")]
    assert [item.data for item in result.artifacts] == [b"\x89PNG one", b"\x89PNG two!"]


async def test_zero_width_citations_are_the_last_resort() -> None:
    twice = [cited("cfile_A", "cfile_A.png"), cited("cfile_A", "cfile_A.png"), cited("cfile_C", "cfile_C.png")]
    assert files(await found(Evidence("r", "Done.", twice))) == ["cfile_A", "cfile_C"]


async def test_figures_without_output_and_citation_are_taken_from_the_listing() -> None:
    result = await found(
        Evidence("r", "Done.", cells=[Cell("plt.show()")], started=90), listed("f1", "cfile_0a1b2c3d.png")
    )
    assert [(item.name, item.ref["file"], item.ref["container"]) for item in result.artifacts] == [
        ("chart-1.png", "f1", "cntr_1")
    ]


async def test_order_follows_the_answer_and_the_last_of_equal_names_wins() -> None:
    text = "[b](sandbox:/mnt/data/b.csv) and [a](sandbox:/mnt/data/a.png)"
    citations = [cited("cfile_1", "a.png"), cited("cfile_2", "b.csv"), cited("cfile_3", "a.png", 30)]
    result = await found(Evidence("r", text, citations))
    assert names(result) == [("file", "b.csv"), ("chart", "a.png")]
    assert result.artifacts[1].ref["file"] == "cfile_3"


async def test_a_dangling_link_is_found_in_the_container() -> None:
    evidence = Evidence("r", "[Chart](sandbox:/mnt/data/x.png) [List](sandbox:/mnt/data/none.csv)")
    result = await found(evidence, listed("cfile_8", "x.png", 90), listed("cfile_9", "x.png", 120))
    assert files(result) == ["cfile_9"]
    assert result.missing == ["none.csv"]


WRITERS = [
    "wb.save('/mnt/data/made.xlsx')",
    "c = canvas.Canvas(path); c.save()",
    "with ZipFile('/mnt/data/made.xlsx', 'w') as z: z.write(p)",
    "doc.save(out)",
    "fig.write_html(target)",
    "shutil.move(tmp, '/mnt/data/made.xlsx')",
    "subprocess.run(['pandoc', '-o', name])",
    "print('nothing that looks like writing')",
]


@pytest.mark.parametrize("code", WRITERS)
async def test_a5_what_is_new_is_handed_over_however_it_was_written(code: str) -> None:
    evidence = Evidence("r", "Done, all in one file.", cells=[Cell(code)], started=100, seen={"cfile_old": 1})
    items = (
        listed("cfile_new", "made.xlsx", 105),
        listed("cfile_old", "before.csv", 106),
        listed("cfile_early", "early.csv", 50),
        listed("cfile_up", SALES.path, 107, by_model=False, size=10),
    )
    result = await found(evidence, *items)
    assert names(result) == [("file", "made.xlsx")]
    assert result.seen == {"cfile_new": 1, "cfile_old": 1, "cfile_early": 1}


async def test_a5_a_path_in_place_of_a_link_is_a_link() -> None:
    evidence = Evidence("r", "Get [all](/mnt/data/all.zip).", cells=[Cell("z.close()")], started=100)
    result = await found(evidence, listed("cfile_1", "all.zip"))
    assert [(item.name, item.alt) for item in result.artifacts] == [("all.zip", "all")]
    assert not result.missing


async def test_the_clocks_may_differ_by_some_seconds() -> None:
    result = await found(
        Evidence("r", "x", cells=[Cell("x")], started=100), listed("a", "a.csv", 97), listed("b", "b.csv", 60)
    )
    assert names(result) == [("file", "a.csv")]


async def test_each_file_once_in_its_newest_version() -> None:
    evidence = Evidence("r", "[a](sandbox:/mnt/data/a.csv)", [cited("cfile_1", "a.csv", 4)], [Cell("x")], started=100)
    result = await found(evidence, listed("cfile_1", "a.csv", 101), listed("cfile_2", "a.csv", 104))
    assert files(result) == ["cfile_2"]


async def test_same_names_in_two_folders_are_two_files() -> None:
    text = "[North](sandbox:/mnt/data/north/report.csv), [South](sandbox:/mnt/data/south/report.csv)"
    citations = [cited("cfile_n", "report.csv", 8), cited("cfile_s", "report.csv", 53)]
    items = (listed("cfile_n", "north/report.csv"), listed("cfile_s", "south/report.csv"))
    for result in (
        await found(Evidence("r", text, citations, [Cell("x")], started=99), *items),
        await found(Evidence("r", text, (), [Cell("x")], started=99), *items),
        await refused(Evidence("r", text, citations, [Cell("x")], started=99)),
    ):
        assert [(item.name, item.alt, item.ref["file"]) for item in result.artifacts] == [
            ("north-report.csv", "North", "cfile_n"),
            ("south-report.csv", "South", "cfile_s"),
        ]


@pytest.mark.parametrize(
    "path",
    [
        ".hidden.csv",
        ".cache/x.json",
        ".analyst/run.json",
        "__pycache__/m.cpython-311.pyc",
        "__MACOSX/a.csv",
        "work/.ipynb_checkpoints/a.csv",
        "fontconfig/cache-9",
        "cfile_0a1b2c3d4e5f.png",
    ],
)
async def test_what_nobody_wants_is_left_out(path: str) -> None:
    result = await found(Evidence("r", "x", cells=[Cell("x", [PIXEL])], started=100), listed("c", path))
    assert [item.ref["type"] for item in result.artifacts] == ["output_image"]


UNPACKING = """
with zipfile.ZipFile('/mnt/data/file-1-all.zip') as z: z.extractall('/mnt/data/all')
frames = [pd.read_csv(path) for path in glob('/mnt/data/all/*.csv')] + [pd.read_csv('/mnt/data/all/may.csv')]
pd.concat(frames).to_excel('/mnt/data/whole.xlsx')
"""


async def test_an_extracted_archive_is_left_out_and_what_was_made_of_it_is_not() -> None:
    evidence = Evidence("r", "x", cells=[Cell(UNPACKING)], started=100)
    items = (listed("1", "all/april.csv"), listed("2", "all/may.csv"), listed("3", "whole.xlsx"))
    assert names(await found(evidence, *items)) == [("file", "whole.xlsx")]


async def test_extracting_words_is_no_extracting() -> None:
    evidence = Evidence("r", "x", cells=[Cell("df['a'].str.extract(r'(\\d+)').to_csv(name)")], started=100)
    assert names(await found(evidence, listed("1", "out.csv"))) == [("file", "out.csv")]


async def test_unchanged_uploads_and_their_copies_are_left_out() -> None:
    evidence = Evidence("r", "x", cells=[Cell("shutil.copy(a, b)")], started=100, uploads=[SALES, PACKED])
    items = (
        listed("1", SALES.path, by_model=False, size=10),
        listed("2", "sales.csv", size=10),
        listed("3", "data.parquet", size=77),
    )
    assert names(await found(evidence, *items)) == []
    assert names(await found(evidence, *items, listed("4", "tidy/sales.csv", size=9))) == [("file", "sales.csv")]


@pytest.mark.parametrize("item", [listed("1", SALES.path, size=10), listed("1", SALES.path, by_model=False, size=12)])
async def test_a21_a_file_written_in_place_of_an_upload_comes_under_its_own_name(item: Listed) -> None:
    evidence = Evidence("r", "Cleaned in place.", cells=[Cell("df.to_csv(path)")], started=100, uploads=[SALES])
    result = await found(evidence, item)
    assert names(result) == [("file", "sales.csv")]
    assert result.artifacts[0].ref["name"] == "sales.csv"


@pytest.mark.parametrize(
    ("name", "own"),
    [
        (SALES.path, "sales.csv"),
        ("assistant_AbCdEfGhIjKlMnOpQrStUv-sales.csv", "sales.csv"),
        ("assistant_AbCdEfGhIjKlMnOpQrStUv_sales_clean.csv", "sales_clean.csv"),
        ("file-MDLqabcdefghijklmnopqr-data.csv", "data.csv"),
        (SALES.id, "sales.csv"),
        ("assistant-notes.csv", "assistant-notes.csv"),
    ],
)
def test_a21_the_services_ids_are_no_part_of_a_name(name: str, own: str) -> None:
    assert original_name(name, [SALES]) == own


def test_a21_assistants_a_file_written_in_place_of_an_upload_comes_under_its_own_name() -> None:
    upload = Upload("assistant-1", "assistant-1", "sales.csv")
    evidence = assistants.Evidence("[it](sandbox:/mnt/data/assistant-1)", {"assistant-1": "file-new"}, uploads=[upload])
    assert names(assistants.collect(evidence)) == [("file", "sales.csv")]
    unchanged = assistants.Evidence(
        "[it](sandbox:/mnt/data/assistant-1)", {"assistant-1": "assistant-1"}, uploads=[upload]
    )
    assert not assistants.collect(unchanged).artifacts


async def test_the_sandbox_is_listed_once_when_code_ran_and_never_else() -> None:
    asked, list_files = listing(listed("cfile_1", "x.csv", 50))
    await collect(Evidence("r", "42, see [x](sandbox:/mnt/data/y.csv)", cells=[Cell("a")] * 3, started=100), list_files)
    assert asked == [1]
    await collect(Evidence("r", "42"), list_files)
    await collect(Evidence("r", "[a](sandbox:/mnt/data/a.csv)", [cited("cfile_1", "a.csv")]), list_files)
    assert asked == [1]


async def test_a_refused_listing_leaves_citations_links_and_data_uris() -> None:
    evidence = Evidence(
        "r",
        "[a](sandbox:/mnt/data/a.csv) [b](sandbox:/mnt/data/b.csv)",
        [cited("cfile_1", "a.csv", 4)],
        [Cell("plt.show()", [PIXEL])],
    )
    result = await refused(evidence)
    assert names(result) == [("chart", "chart-1.png"), ("file", "a.csv")]
    assert result.missing == ["b.csv"]


async def test_a_link_to_an_upload_is_neither_a_result_nor_missing() -> None:
    for target in (SALES.path, "sales.csv"):
        evidence = Evidence("r", f"From [sales](sandbox:/mnt/data/{target}).", uploads=[SALES])
        result = await found(evidence, listed("1", SALES.path, by_model=False, size=10))
        assert not result.artifacts
        assert not result.missing


async def test_images_may_be_links() -> None:
    odd = ["data:text/html,no", "", "data:image/png;base64,é", "data:image/png;base64,A"]
    cells = [Cell("x", ["https://example.com/a.png", *odd])]
    result = await found(Evidence("r", "x", cells=cells))
    assert [item.ref for item in result.artifacts] == [
        {"type": "url", "url": "https://example.com/a.png", "name": "chart-1.png"}
    ]


LINKS = [
    ("![売上](sandbox:/mnt/data/売上_2024.png)", "売上_2024.png", "売上"),
    ("[a](sandbox:/mnt/data/report(1).csv)", "report(1).csv", "a"),
    ('[b](<sandbox:/mnt/data/my%20file.xlsx> "title")', "my file.xlsx", "b"),
    ("[A b](sandbox:/mnt/data/A b.csv)", "A b.csv", "A b"),
    ("[t](sandbox:/mnt/data/t.csv 'Title')", "t.csv", "t"),
    ("[n [x] y](sandbox:/mnt/data/n/o.csv)", "n/o.csv", "n [x] y"),
    ("see sandbox:/mnt/data/bare.txt.", "bare.txt", ""),
    ("sandbox:/mnt/data/%E7%88%B1.pptx", "爱.pptx", ""),
    ("`sandbox:/mnt/data/out.csv`", "out.csv", ""),
    ("<sandbox:/mnt/data/auto.csv>", "auto.csv", ""),
    ('<a href="sandbox:/mnt/data/x y.html" target="_blank">Page</a>', "x y.html", "Page"),
    ("<img src='sandbox:/mnt/data/i.png' alt='Pic'/>", "i.png", "Pic"),
    ('[Report][1] it is.\n\n[1]: sandbox:/mnt/data/ref%20r.csv "T"', "ref r.csv", "Report"),
    ("[out.csv]\n\n[out.csv]: sandbox:/mnt/data/out.csv", "out.csv", "out.csv"),
    ("[f](file:///mnt/data/f.csv)", "f.csv", "f"),
    ("[p](/mnt/data/p.csv)", "p.csv", "p"),
    ("[m](sandbox:mnt/data/m.csv)", "m.csv", "m"),
    ("[u](SANDBOX:/mnt/data/u.csv)", "u.csv", "u"),
    ("[q](sandbox:/mnt/data/q.csv?download=1)", "q.csv", "q"),
    ("[s](sandbox:/mnt/data/s.xlsx#Sheet1)", "s.xlsx", "s"),
    ("[#](sandbox:/mnt/data/No. #1/a#b.csv)", "No. #1/a#b.csv", "#"),
    ("sandbox:/mnt/data/out.csv。どうぞ", "out.csv", ""),
    ("「sandbox:/mnt/data/売上.csv」です", "売上.csv", ""),
    ("sandbox:/mnt/data/売上.csvを見て", "売上.csv", ""),
]


def test_a14_a_picture_within_a_link_is_called_what_it_is_called() -> None:
    links = sandbox_links("[![Chart](sandbox:/mnt/data/c.png)](sandbox:/mnt/data/c.html)")
    assert [(link.path, link.label) for link in links] == [("c.png", "Chart"), ("c.html", "Chart")]


@pytest.mark.parametrize(("text", "path", "label"), LINKS)
def test_a13_a14_links_in_all_their_forms(text: str, path: str, label: str) -> None:
    assert [(link.path, link.label) for link in sandbox_links(text)] == [(path, label)]


@pytest.mark.parametrize(
    "text", ["[web](https://x.y/z)", "`plt.savefig('/mnt/data/x.png')`", "in /mnt/data/ it lies", "[x]"]
)
def test_what_is_no_link_is_none(text: str) -> None:
    assert not sandbox_links(text)


def test_a13_assistants_an_annotation_is_decoded_as_its_link_is() -> None:
    evidence = assistants.Evidence("[A b](sandbox:/mnt/data/A%20b.csv)", {"A b.csv": "file-1"})
    result = assistants.collect(evidence)
    assert [(item.name, item.alt) for item in result.artifacts] == [("A b.csv", "A b")]
    assert not result.missing


PIECES = [
    "[",
    "sandbox:/",
    "](sandbox:/a",
    "[a](sandbox:/mnt/data/(",
    "<a href='sandbox:/a",
    "[1]: sandbox:/a\n",
    "/mnt/data/a ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_for_links_grows_with_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        best = 1e9
        for _ in range(3):
            began = time.thread_time()
            sandbox_links(text)
            best = min(best, time.thread_time() - began)
        return best

    assert seconds(40_000) < 6 * max(seconds(10_000), 0.001)
