"""Names for the sandbox: safe, unique, of a kind that is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_assistant.run.files import LONGEST_NAME, accepted_name, safe_name


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("sales.csv", "sales.csv"),
        ("売上 2024年.csv", "売上_2024年.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\my file.xlsx", "my_file.xlsx"),
        ("a\nb\t;rm -rf.csv", "a_b_rm_-rf.csv"),
        ("", "file"),
        ("...", "file"),
        ("レポート", "レポート"),
    ],
)
def test_safe_names(given_name: str, expected: str) -> None:
    assert safe_name(given_name) == expected


def test_names_are_unique_within_a_thread() -> None:
    assert safe_name("sales.csv", {"sales.csv", "sales-2.csv"}) == "sales-3.csv"


@given(st.text(max_size=300), st.sets(st.text(max_size=5), max_size=5))
def test_any_name_becomes_safe(name: str, taken: set[str]) -> None:
    made = safe_name(name, taken)
    assert made
    assert made not in taken
    assert not set(made) & set("/\\ \n\t\0`'\"")
    assert len(made) <= LONGEST_NAME + 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.CSV", ("a.CSV", False)),
        ("a.tsv", ("a.tsv.txt", False)),
        ("a.parquet", ("a.parquet.zip", True)),
        ("a.xls", ("a.xls.zip", True)),
        ("noending", ("noending.zip", True)),
    ],
)
def test_kinds_that_are_not_taken_are_renamed_or_packed(name: str, expected: tuple[str, bool]) -> None:
    assert accepted_name(name) == expected
