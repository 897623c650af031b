"""What Slack refuses about blocks, with its JSON pointers.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from playground.slack.state.block_rules import CHECKS, Problem, Rule
from playground.slack.state.clock import Clock
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_TOTAL = 12_000
TEXT_TOTAL = 13_200
TABLE_TOTAL = 10_000
_TABLES = {"table", "data_table"}

CheckFile = Callable[[Json], bool]
"""Whether a ``slack_file`` object names an image that the app may show now."""


@dataclass(frozen=True)
class Rules:
    """Where the blocks stand, and which files may be shown."""

    surface: Literal["message", "view"]
    shows_file: CheckFile = lambda _file: True


def check(blocks: object, rules: Rules) -> list[Json]:
    """Return the blocks, or raise ``Refused`` (``invalid_blocks``, ``msg_blocks_too_long``…)."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format", ["must be an array of objects [json-pointer:/blocks]"])
    problems = list(find_problems(blocks, rules))
    if problems:
        raise Refused("invalid_blocks", [f"{problem.message} [json-pointer:{problem.pointer}]" for problem in problems])
    if rules.surface == "message":
        _check_totals(blocks)
    return blocks


def find_problems(blocks: list[Json], rules: Rules) -> Iterator[Problem]:
    """Everything wrong with single blocks."""
    most = MESSAGE_BLOCKS if rules.surface == "message" else VIEW_BLOCKS
    if len(blocks) > most:
        yield Problem(f"no more than {most} items allowed", "/blocks")
    if sum(block.get("type") == "data_visualization" for block in blocks) > 2:
        yield Problem("no more than 2 data_visualization blocks allowed", "/blocks")
    for index, block in enumerate(blocks):
        pointer = f"/blocks/{index}"
        if len(str(block.get("block_id", ""))) > 255:
            yield Problem("must be less than 256 characters", f"{pointer}/block_id")
        rule = CHECKS.get(str(block.get("type")))
        if rule is None:
            yield Problem(f"unsupported type: {block.get('type')}", f"{pointer}/type")
            continue
        yield from _obey(rule, block, pointer)
    yield from _files(blocks, rules)
    yield from _surface(blocks, rules)


def with_ids(blocks: list[Json], clock: Clock) -> list[Json]:
    """Copies in which each block has an id, as Slack gives them."""
    return [{"block_id": clock.new_id("")[1:6], **block} for block in blocks]


def walk(value: Any) -> Iterator[Json]:
    """All objects inside blocks."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def _obey(rule: Rule, block: Json, pointer: str) -> list[Problem]:
    try:
        return list(rule(block, pointer))
    except (AttributeError, KeyError, TypeError):
        return [Problem("must have the shape of its type", pointer)]


def _files(blocks: list[Json], rules: Rules) -> Iterable[Problem]:
    for index, block in enumerate(blocks):
        file = block.get("slack_file")
        if isinstance(file, dict) and not rules.shows_file(file):
            yield Problem("invalid slack file", f"/blocks/{index}/slack_file")


def _surface(blocks: list[Json], rules: Rules) -> Iterable[Problem]:
    only = {"view": {"context_actions", "task_card", "plan"}, "message": set[str]()}[rules.surface]
    for index, block in enumerate(blocks):
        if str(block.get("type")) in only:
            yield Problem(f"unsupported type: {block['type']}", f"/blocks/{index}/type")
    ids = [str(block["block_id"]) for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        yield Problem("`block_id` already exists", "/blocks")


def _check_totals(blocks: list[Json]) -> None:
    tables = [block for block in blocks if str(block.get("type")) in _TABLES]
    if len(tables) > 1:
        raise Refused("invalid_attachments", ["only_one_table_allowed"])
    cells = sum(len(str(inner.get("text", ""))) for inner in walk(tables) if inner.get("type") == "raw_text")
    if cells > TABLE_TOTAL:
        raise Refused("invalid_blocks", [f"no more than {TABLE_TOTAL} characters in tables [json-pointer:/blocks]"])
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    others = [block for block in blocks if str(block.get("type")) not in {"markdown", *_TABLES}]
    total = markdown + sum(len(inner["text"]) for inner in walk(others) if isinstance(inner.get("text"), str))
    if markdown > MARKDOWN_TOTAL or total > TEXT_TOTAL:
        raise Refused("msg_blocks_too_long")
