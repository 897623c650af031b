"""A streamed message: its modes, its life of five minutes, its caps, how it looks at each moment.

The lifetime and the cap are not in Slack's docs: https://github.com/slackapi/python-slack-sdk/issues/1859
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.slack.state import blocks as block_kit
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json

TEXT_LIMIT = 12_000
_STATUSES = {"pending", "in_progress", "complete", "error"}
_KINDS = {"markdown_text", "task_update", "plan_update", "blocks"}


@dataclass
class Content:
    """What one call brings: nothing, plain text, or chunks."""

    mode: Literal["none", "text", "chunks"]
    chunks: list[Json]


def read_content(markdown_text: str | None, chunks: Any, rules: block_kit.Rules) -> Content:
    """The content of a call, checked by itself."""
    if markdown_text is not None and chunks is not None:
        raise Refused("cannot_provide_both_markdown_text_and_chunks")
    if markdown_text is not None:
        if len(markdown_text) > TEXT_LIMIT:
            raise Refused("msg_too_long")
        return Content("text", [{"type": "markdown_text", "text": markdown_text}])
    if chunks is None:
        return Content("none", [])
    if not isinstance(chunks, list):
        raise Refused("invalid_chunks", ["must be an array [json-pointer:/chunks]"])
    for index, chunk in enumerate(chunks):
        _check_chunk(chunk, f"/chunks/{index}", rules)
    return Content("chunks", chunks)


def _check_chunk(chunk: Any, pointer: str, rules: block_kit.Rules) -> None:
    if not isinstance(chunk, dict) or str(chunk.get("type")) not in _KINDS:
        raise Refused("invalid_chunks", [f"unsupported type [json-pointer:{pointer}/type]"])
    kind = chunk["type"]
    needed = {"markdown_text": ("text",), "task_update": ("id", "title", "status"), "plan_update": ("title",)}
    for key in needed.get(kind, ()):
        if not isinstance(chunk.get(key), str):
            raise Refused("invalid_chunks", [f"missing required field: {key} [json-pointer:{pointer}]"])
    if kind == "markdown_text" and len(chunk["text"]) > TEXT_LIMIT:
        raise Refused("msg_too_long")
    if kind == "task_update" and chunk["status"] not in _STATUSES:
        raise Refused("invalid_chunks", [f"must be one of {sorted(_STATUSES)} [json-pointer:{pointer}/status]"])
    if kind == "blocks":
        block_kit.check(chunk.get("blocks"), rules)


@dataclass
class Stream:
    """The state of a streamed message. ``started`` is monotonic; ``size`` counts UTF-8 bytes, tasks included."""

    started: float
    display: str = "timeline"
    mode: Literal["none", "text", "chunks"] = "none"
    state: Literal["in_progress", "completed", "errored"] = "in_progress"
    stopped_by_user: bool = False
    size: int = 0
    plan_title: str = ""
    tasks: dict[str, Json] = field(default_factory=dict)
    pieces: list[tuple[str, Any]] = field(default_factory=list)
    final_blocks: list[Json] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None

    def admit(self, content: Content, most_bytes: int) -> None:
        """Take content in, or refuse it and stay as before."""
        if content.mode != "none" and self.mode not in {"none", content.mode}:
            raise Refused("streaming_mode_mismatch")
        size = self.size + sum(_weight(chunk) for chunk in content.chunks)
        if size > most_bytes:
            raise Refused("msg_too_long")
        added = sum(len(chunk["blocks"]) for chunk in content.chunks if chunk["type"] == "blocks")
        if added and added + sum(len(value) for kind, value in self.pieces if kind == "blocks") > 50:
            raise Refused("msg_blocks_too_many")
        self.size = size
        if content.mode != "none":
            self.mode = content.mode
        for chunk in content.chunks:
            self._take(chunk)

    def end(self, state: Literal["completed", "errored"] = "completed") -> None:
        """End it; tasks left open become errors."""
        self.state = state
        for task in self.tasks.values():
            if task["status"] in {"pending", "in_progress"}:
                task["status"] = "error"

    @property
    def text(self) -> str:
        """All Markdown so far."""
        return "".join(value for kind, value in self.pieces if kind == "text")

    def render(self) -> list[Json]:
        """The message's blocks as they stand."""
        shown: list[Json] = []
        if self.display == "plan" and (self.tasks or self.plan_title):
            cards = [_card(task) for task in self.tasks.values()]
            shown.append({"type": "plan", "block_id": "plan", "title": self.plan_title or "Plan", "tasks": cards})
        for index, (kind, value) in enumerate(self.pieces):
            if kind == "text" and value:
                shown.append({"type": "markdown", "block_id": f"s{index}", "text": value})
            elif kind == "task" and self.display != "plan":
                shown.append(_card(self.tasks[value]) | {"block_id": f"t{index}"})
            elif kind == "blocks":
                shown.extend(value)
        return [*shown, *self.final_blocks]

    def _take(self, chunk: Json) -> None:
        kind = chunk["type"]
        if kind == "markdown_text":
            if self.pieces and self.pieces[-1][0] == "text":
                self.pieces[-1] = ("text", self.pieces[-1][1] + chunk["text"])
            else:
                self.pieces.append(("text", chunk["text"]))
        elif kind == "plan_update":
            self.plan_title = chunk["title"]
        elif kind == "blocks":
            self.pieces.append(("blocks", chunk["blocks"]))
        else:
            self._take_task(chunk)

    def _take_task(self, chunk: Json) -> None:
        task = self.tasks.get(chunk["id"])
        if task is None:
            self.tasks[chunk["id"]] = dict(chunk)
            self.pieces.append(("task", chunk["id"]))
            return
        task |= {"title": chunk["title"], "status": chunk["status"]}
        for key in ("details", "output"):
            if chunk.get(key):
                task[key] = task.get(key, "") + chunk[key]
        if chunk.get("sources"):
            task["sources"] = [*task.get("sources", []), *chunk["sources"]]


def _weight(chunk: Json) -> int:
    if chunk["type"] == "markdown_text":
        return _bytes(chunk["text"])
    double = sum(_bytes(str(chunk.get(key) or "")) for key in ("details", "output"))
    return _bytes(json.dumps(chunk, ensure_ascii=False)) + double


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def _card(task: Json) -> Json:
    card: Json = {"type": "task_card", "task_id": task["id"], "title": task["title"], "status": task["status"]}
    for key in ("details", "output"):
        if task.get(key):
            section = {"type": "rich_text_section", "elements": [{"type": "text", "text": task[key]}]}
            card[key] = {"type": "rich_text", "elements": [section]}
    if task.get("sources"):
        card["sources"] = task["sources"]
    return card
