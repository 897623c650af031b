from __future__ import annotations

import hashlib
import re
from pathlib import Path

from azure_assistant.assistant import Prompt, Tool
from azure_assistant.run import instructions

PAGE = Path(__file__).resolve().parents[2] / "docs/evals.md"


def test_a_change_of_the_instructions_has_a_version_and_a_line_in_their_history() -> None:
    text = instructions.whole(Prompt("", tools=[Tool("f", "", {})], receipts=True), "font")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    rows = re.findall(r"^\| (\d+) \| .* \| (\w*) ?\|$", PAGE.read_text(), re.MULTILINE)
    assert [int(version) for version, _ in rows] == list(range(1, len(rows) + 1))
    assert rows[-1] == (instructions.VERSION, digest), "raise VERSION, and tell in docs/evals.md what changed"
