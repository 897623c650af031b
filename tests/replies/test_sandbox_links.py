"""A13, A14: of a link into the sandbox only what it is called is shown, in every form and cut anywhere."""

from __future__ import annotations

import time

import pytest

from replies.markdown.sanitize import Sanitiser, sanitise

CASES = [
    ("See [A b](sandbox:/mnt/data/A b.csv) now.", "See A b now."),
    ("See [A (b)](sandbox:/mnt/data/A (b).csv) now.", "See A (b) now."),
    ('[t](<sandbox:/mnt/data/A b.csv> "a title") x', "t x"),
    ("[all](/mnt/data/all files.zip) x", "all x"),
    ("[f](file:///mnt/data/f.csv) x", "f x"),
    ("[](sandbox:/mnt/data/%E7%88%B1%20b.csv) x", "爱 b.csv x"),
    ("It is `sandbox:/mnt/data/out.csv` here.", "It is `out.csv` here."),
    ("It is `sandbox:/mnt/data/o%20ut.csv` here.", "It is `o ut.csv` here."),
    ("See sandbox:/mnt/data/%E7%88%B1.pptx.", "See 爱.pptx."),
    ("See sandbox:/mnt/data/out.csv, then go.", "See out.csv, then go."),
    ("See <sandbox:/mnt/data/auto b.csv> x", "See auto b.csv x"),
    ('See <a href="sandbox:/mnt/data/x y.html" target="_blank">the **page**</a> x', "See the **page** x"),
    ("See <img src='sandbox:/mnt/data/i.png' alt='a chart'/> x", "See a chart x"),
    ("The [report][1] is done.\n\n[1]: sandbox:/mnt/data/r.csv\nBye", "The report is done.\n\n\nBye"),
    ('The [report][r] is done.\n\n[r]: <sandbox:/mnt/data/r b.csv> "T"', "The report is done.\n\n"),
    ("The [report][] is done.", "The report is done."),
    ("A: ![chart][c]\n\n[c]: sandbox:/mnt/data/c.png", "A: chart\n\n"),
]


@pytest.mark.parametrize(("written", "shown"), CASES)
def test_a14_only_the_label_is_shown(written: str, shown: str) -> None:
    assert sanitise(written) == shown


@pytest.mark.parametrize(("written", "shown"), CASES)
def test_a14_however_it_is_cut(written: str, shown: str) -> None:
    for cut in range(1, len(written)):
        cleaner = Sanitiser()
        assert cleaner.feed(written[:cut]) + cleaner.feed(written[cut:]) + cleaner.close() == shown
    one_by_one = Sanitiser()
    assert "".join(one_by_one.feed(char) for char in written) + one_by_one.close() == shown


@pytest.mark.parametrize(
    "text",
    [
        "a[0][1] and m[i][j]",
        "see [1][2]",
        "`df = pd.read_csv('/mnt/data/a.csv')`",
        "x < a and y > b",
        "if a <b then",
        "the sandbox is a sandbox: yes",
    ],
)
def test_what_is_no_link_stays(text: str) -> None:
    assert sanitise(text).replace("\u2060", "") == text


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece", ["[a](sandbox:/", "<a href='sandbox:/", "`sandbox:/", "[a][", "[a]: sandbox:/", "<a ", "[a](/mnt/data/("]
)
def test_the_time_grows_with_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        best = 1e9
        for _ in range(2):
            began = time.thread_time()
            sanitise(piece * times)
            best = min(best, time.thread_time() - began)
        return best

    assert seconds(2_000) < 8 * max(seconds(500), 0.001)
