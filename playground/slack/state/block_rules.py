"""The rules of each kind of block.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, NamedTuple

from playground.slack.state.options import Json
from playground.words import names


class Problem(NamedTuple):
    """What is wrong, and where."""

    message: str
    pointer: str


Rule = Callable[[Json, str], Iterator[Problem]]
_ACTIONS = names(
    """
    button checkboxes datepicker datetimepicker overflow radio_buttons static_select external_select
    users_select conversations_select channels_select multi_static_select multi_users_select timepicker
    workflow_button feedback_buttons icon_button plain_text_input number_input email_text_input url_text_input
    file_input rich_text_input
    """
)


def _text(block: Json, key: str, pointer: str, most: int, *, only_plain: bool = False) -> Iterator[Problem]:
    value = block.get(key)
    here = f"{pointer}/{key}"
    if not isinstance(value, dict):
        yield Problem("missing required field: " + key if value is None else "must be an object", here)
        return
    kinds = {"plain_text"} if only_plain else {"plain_text", "mrkdwn"}
    if value.get("type") not in kinds:
        yield Problem(f"unsupported type: {value.get('type')}", f"{here}/type")
    yield from _length(value.get("text"), f"{here}/text", most)


def _length(value: Any, pointer: str, most: int, least: int = 1) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem("must be a string", pointer)
    elif len(value) > most:
        yield Problem(f"must be less than {most + 1} characters", pointer)
    elif len(value) < least:
        yield Problem(f"must be more than {least - 1} characters", pointer)


def _items(block: Json, key: str, pointer: str, most: int, least: int = 1) -> Iterator[Problem]:
    value = block.get(key)
    if not isinstance(value, list):
        yield Problem(f"missing required field: {key}", f"{pointer}/{key}")
    elif len(value) > most:
        yield Problem(f"no more than {most} items allowed", f"{pointer}/{key}")
    elif len(value) < least:
        yield Problem(f"must have at least {least} items", f"{pointer}/{key}")


def _elements(block: Json, pointer: str, most: int, kinds: Set[str]) -> Iterator[Problem]:
    yield from _items(block, "elements", pointer, most)
    ids: set[str] = set()
    for index, element in enumerate(block.get("elements") or []):
        here = f"{pointer}/elements/{index}"
        if not isinstance(element, dict) or element.get("type") not in kinds:
            yield Problem("unsupported type", f"{here}/type")
            continue
        yield from _action(element, here)
        action_id = element.get("action_id")
        if action_id in ids:
            yield Problem(f"`action_id` already exists: {action_id}", f"{here}/action_id")
        ids |= {action_id} if action_id else set()


def _action(element: Json, pointer: str) -> Iterator[Problem]:
    kind = element.get("type")
    if kind in {"button", "icon_button"}:
        yield from _text(element, "text", pointer, 75, only_plain=True)
    if kind == "icon_button":
        if element.get("icon") != "trash":
            yield Problem("must be a valid icon", f"{pointer}/icon")
        if len(element.get("visible_to_user_ids") or []) > 10:
            yield Problem("no more than 10 items allowed", f"{pointer}/visible_to_user_ids")
    if kind == "feedback_buttons":
        for key in ("positive_button", "negative_button"):
            part = element.get(key)
            if not isinstance(part, dict):
                yield Problem(f"missing required field: {key}", pointer)
                continue
            yield from _text(part, "text", f"{pointer}/{key}", 75, only_plain=True)
            yield from _length(part.get("value"), f"{pointer}/{key}/value", 2000)
    if "value" in element:
        yield from _length(element["value"], f"{pointer}/value", 2000, 0)
    if len(str(element.get("action_id", ""))) > 255:
        yield Problem("must be less than 256 characters", f"{pointer}/action_id")


def _section(block: Json, pointer: str) -> Iterator[Problem]:
    fields = block.get("fields")
    if "text" in block or not fields:
        yield from _text(block, "text", pointer, 3000)
    if fields is not None:
        yield from _items(block, "fields", pointer, 10)
        for index in range(len(fields)):
            yield from _text({"field": fields[index]}, "field", f"{pointer}/fields/{index}", 2000)
    accessory = block.get("accessory")
    if isinstance(accessory, dict) and accessory.get("type") != "image":
        if accessory.get("type") not in _ACTIONS:
            yield Problem(f"unsupported type: {accessory.get('type')}", f"{pointer}/accessory/type")
        yield from _action(accessory, f"{pointer}/accessory")


def _header(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _text(block, "text", pointer, 150, only_plain=True)


def _context(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _items(block, "elements", pointer, 10)
    for index, element in enumerate(block.get("elements") or []):
        here = f"{pointer}/elements/{index}"
        if element.get("type") not in {"plain_text", "mrkdwn", "image"}:
            yield Problem(f"unsupported type: {element.get('type')}", f"{here}/type")
        elif element["type"] != "image":
            yield from _length(element.get("text"), f"{here}/text", 3000)


def _nothing(_block: Json, _pointer: str) -> Iterator[Problem]:
    yield from ()


def _actions(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _elements(block, pointer, 25, _ACTIONS - {"feedback_buttons", "icon_button"})


def _context_actions(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _elements(block, pointer, 5, {"feedback_buttons", "icon_button"})


def _input(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _text(block, "label", pointer, 2000, only_plain=True)
    element = block.get("element")
    if not isinstance(element, dict) or element.get("type") not in _ACTIONS:
        yield Problem("missing required field: element", pointer)


def _image(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _length(block.get("alt_text"), f"{pointer}/alt_text", 2000)
    if "title" in block:
        yield from _text(block, "title", pointer, 2000, only_plain=True)
    if ("slack_file" in block) == ("image_url" in block):
        yield Problem("must have exactly one of image_url and slack_file", pointer)
    if "image_url" in block:
        yield from _length(block["image_url"], f"{pointer}/image_url", 3000)


def _markdown(block: Json, pointer: str) -> Iterator[Problem]:
    if not isinstance(block.get("text"), str) or not block["text"]:
        yield Problem("missing required field: text", pointer)


def _cell(cell: Any, pointer: str, kinds: Set[str]) -> Iterator[Problem]:
    if not isinstance(cell, dict) or cell.get("type") not in kinds:
        yield Problem("unsupported type", f"{pointer}/type")
    elif cell["type"] == "raw_text" and not cell.get("text"):
        yield Problem("must be more than 0 characters", f"{pointer}/text")
    elif cell["type"] == "raw_number" and not isinstance(cell.get("value"), (int, float)):
        yield Problem("must be a number", f"{pointer}/value")


def _rows(block: Json, pointer: str, most: int, least: int) -> Iterator[Problem]:
    yield from _items(block, "rows", pointer, most, least)
    kinds = {"raw_text", "raw_number", "rich_text"}
    for number, row in enumerate(block.get("rows") or []):
        here = f"{pointer}/rows/{number}"
        if not isinstance(row, list) or not 1 <= len(row) <= 20:
            yield Problem("must have 1 to 20 cells", here)
            continue
        for index, cell in enumerate(row):
            yield from _cell(cell, f"{here}/{index}", kinds)


def _table(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _rows(block, pointer, 100, 1)
    for index, column in enumerate(block.get("column_settings") or []):
        if isinstance(column, dict) and column.get("align", "left") not in {"left", "center", "right"}:
            yield Problem("must be left, center or right", f"{pointer}/column_settings/{index}/align")


def _data_table(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _length(block.get("caption"), f"{pointer}/caption", 300)
    yield from _rows(block, pointer, 101, 2)
    for index, cell in enumerate((block.get("rows") or [[]])[0]):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            yield Problem("unsupported type: rich_text", f"{pointer}/rows/0/{index}/type")
    if not 1 <= block.get("page_size", 5) <= 100:
        yield Problem("must be between 1 and 100", f"{pointer}/page_size")


def _visualization(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _length(block.get("title"), f"{pointer}/title", 50)
    chart = block.get("chart")
    kind = chart.get("type") if isinstance(chart, dict) else None
    if not isinstance(chart, dict) or kind not in {"bar", "line", "area", "pie"}:
        yield Problem("unsupported type", f"{pointer}/chart/type")
        return
    yield from _items(chart, "segments" if kind == "pie" else "series", f"{pointer}/chart", 6)
    if kind == "pie":
        for index, segment in enumerate(chart.get("segments") or []):
            yield from _length(segment.get("label"), f"{pointer}/chart/segments/{index}/label", 20)
            if not segment.get("value", 0) > 0:
                yield Problem("must be more than 0", f"{pointer}/chart/segments/{index}/value")
        return
    axis = chart.get("axis_config") or {}
    yield from _items(axis, "categories", f"{pointer}/chart/axis_config", 20)
    for key in ("x_label", "y_label"):
        yield from _length(axis.get(key, key), f"{pointer}/chart/axis_config/{key}", 50)
    for index, label in enumerate(axis.get("categories") or []):
        yield from _length(label, f"{pointer}/chart/axis_config/categories/{index}", 20)
    named = [series.get("name") for series in chart.get("series") or []]
    if len(set(named)) < len(named) or len(set(axis["categories"])) < len(axis["categories"]):
        yield Problem("must be unique", f"{pointer}/chart")
    for index, series in enumerate(chart.get("series") or []):
        yield from _length(series.get("name"), f"{pointer}/chart/series/{index}/name", 20)
        labels = [point.get("label") for point in series.get("data") or []]
        if labels != list(axis.get("categories") or []):
            yield Problem("must have every category", f"{pointer}/chart/series/{index}/data")


def _task(block: Json, pointer: str) -> Iterator[Problem]:
    for key in ("task_id", "title"):
        yield from _length(block.get(key), f"{pointer}/{key}", 256)
    if block.get("status") not in {"pending", "in_progress", "complete", "error"}:
        yield Problem("must be pending, in_progress, complete or error", f"{pointer}/status")


def _plan(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _length(block.get("title"), f"{pointer}/title", 256)
    for index, task in enumerate(block.get("tasks") or []):
        yield from _task(task, f"{pointer}/tasks/{index}")


def _rich_text(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _items(block, "elements", pointer, 10_000)


def _alert(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _text(block, "text", pointer, 3000)
    if block.get("level", "default") not in {"default", "info", "warning", "error", "success"}:
        yield Problem("must be a valid level", f"{pointer}/level")


def _container(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _items(block, "child_blocks", pointer, 10)


def _carousel(block: Json, pointer: str) -> Iterator[Problem]:
    yield from _items(block, "cards" if "cards" in block else "elements", pointer, 10)


CHECKS: Mapping[str, Rule] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "divider": _nothing,
    "actions": _actions,
    "context_actions": _context_actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "table": _table,
    "data_table": _data_table,
    "data_visualization": _visualization,
    "task_card": _task,
    "plan": _plan,
    "rich_text": _rich_text,
    "alert": _alert,
    "card": _nothing,
    "carousel": _carousel,
    "container": _container,
    "video": _nothing,
    "file": _nothing,
}
