"""Models that know no tool calls: they write Python between fences, and get its output as the next message."""

from __future__ import annotations

import re

ROUNDS = 8
"""How often such a model may have code run for one answer; each round, it reads all that was before once more."""

HINT = (
    "You cannot call tools, but you have Python: to use it, answer with one block that begins with ```python and ends "
    "with ```, and with nothing else. It is run in a Jupyter kernel that keeps its variables, and what it printed is "
    "the next message; if it failed, correct it. Files lie in /mnt/data; pandas and matplotlib are installed; there "
    "is no internet. Use it for every calculation and chart: never guess numbers. When you have what you need, answer "
    "without a block, and link each file that you made as [label](sandbox:/mnt/data/NAME)."
)
OUTPUT = "Your Python was run. It printed:\n{output}"
NO_MORE = "No more Python is run for this question. Answer with what you have, without a block."
NOT_COMPUTED = "\n\n_This model ran no Python, so nothing here is computed from the file._"

_BLOCK = re.compile(r"```(?:python3?|py|ipython|tool_code)[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)


def fenced_python(text: str) -> str:
    """The Python that stands between fences, one block after the other; "" when there is none."""
    return "\n\n".join(filter(None, (block.strip("\n") for block in _BLOCK.findall(text))))


def without_fences(text: str) -> str:
    """What is said beside that Python."""
    return _BLOCK.sub("", text).strip()
