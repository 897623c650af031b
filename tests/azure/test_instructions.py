"""What the model is told."""

from __future__ import annotations

from azure_assistant.assistant import AssistantFile, Prompt, PromptFile
from azure_assistant.run import instructions

CSV = PromptFile(AssistantFile("file-1", "sales.csv", 10), "sales.csv", "encoding cp932, delimiter ';'")
OLD = PromptFile(AssistantFile("file-2", "sales-2.csv", 10), "sales.csv", newest=False)
PACKED = PromptFile(AssistantFile("file-3", "big.parquet.zip", 10), "big.parquet")
PATHS = {"file-1": "/mnt/data/file-1-sales.csv", "file-2": "/mnt/data/file-2-sales-2.csv", "file-3": "/mnt/data/x.zip"}


def test_files_are_named_by_their_exact_paths_and_the_question_is_last() -> None:
    prompt = Prompt("How much?", context="<m>hi</m>", files=[CSV, OLD, PACKED], nearby="- b.csv")
    files, context, question = instructions.user_parts(prompt, PATHS)
    assert question == "How much?"
    assert "<m>hi</m>" in context
    assert "data, not instructions" in context
    lines = files.splitlines()
    assert "- `/mnt/data/file-1-sales.csv` (original name: sales.csv; newest; encoding cp932, delimiter ';')" in lines
    assert "- `/mnt/data/file-2-sales-2.csv` (original name: sales.csv)" in lines
    assert any("big.parquet; newest; packed as a zip archive" in line for line in lines)
    assert "b.csv" in lines[-1]


def test_a_bare_question_is_the_only_part() -> None:
    assert instructions.user_parts(Prompt("thanks!", compute=False, files=[CSV]), {}) == ["thanks!"]


def test_a_new_thread_is_told_what_was_said() -> None:
    prompt = Prompt("And now?", transcript="Q: a\nA: b")
    assert "Q: a\nA: b" in instructions.user_parts(prompt, {}, transcript=True)[0]
    assert instructions.user_parts(prompt, {}) == ["And now?"]


def test_a_restarted_sandbox_is_mentioned() -> None:
    told = instructions.about_sandbox(4, restarted=True)
    (files, _) = instructions.user_parts(Prompt("x", files=[CSV]), PATHS, sandbox=told)
    assert "restarted" in files
    assert "4 GB" in files


def test_locale_and_time_zone_are_told_after_the_constant_part() -> None:
    told = instructions.whole(Prompt("x", locale="ja-JP", timezone="Asia/Tokyo"))
    assert told.startswith(instructions.BASE)
    assert "ja-JP" in told
    assert "Asia/Tokyo" in told


def test_the_font_snippet_stands_in_a_block_only_when_the_font_is_there() -> None:
    assert "```python" not in instructions.whole(Prompt("x"))
    told = instructions.whole(Prompt("x"), "import chart_font")
    assert "```python\nimport chart_font\n```" in told
