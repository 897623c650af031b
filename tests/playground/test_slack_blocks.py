"""What the local Slack refuses about blocks."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.slack.people.people import SALES
from playground.slack.state.block_rules import CHECKS
from playground.slack.state.blocks import Rules, check
from playground.slack.state.errors import Refused
from tests.playground.slack_client import client_of, running
from tests.support.budgets import examples

MESSAGE = Rules("message")
WORDS = ["type", "text", "fields", "elements", "rows", "chart", "series", "segments", "accessory", "tasks", "title"]
WORDS += ["column_settings", "page_size", "caption", "axis_config", "element", "label", "block_id", "slack_file"]


def words(text: str, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "text": text}


def cell(text: str) -> dict[str, str]:
    return {"type": "raw_text", "text": text}


FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "answer_feedback",
    "positive_button": {"text": words("Good"), "value": "up"},
    "negative_button": {"text": words("Bad"), "value": "down"},
}
TABLE = {"type": "table", "rows": [[cell("a"), cell("b")], [cell("1"), {"type": "raw_number", "value": 2}]]}
GOOD: list[dict[str, Any]] = [
    {"type": "section", "text": words("x" * 3000, "mrkdwn")},
    {"type": "section", "fields": [words("a"), words("b")]},
    {"type": "header", "text": words("Title")},
    {"type": "divider"},
    {"type": "context", "elements": [words("note", "mrkdwn")]},
    {"type": "markdown", "text": "**x**"},
    {"type": "actions", "elements": [{"type": "button", "text": words("Go"), "action_id": "go"}]},
    {"type": "context_actions", "elements": [FEEDBACK]},
    {"type": "image", "alt_text": "a chart", "slack_file": {"id": "F1"}},
    TABLE,
    {"type": "data_table", "caption": "c", "rows": TABLE["rows"]},
    {"type": "task_card", "task_id": "1", "title": "Reading", "status": "complete"},
    {"type": "plan", "title": "Plan", "tasks": []},
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
    {"type": "alert", "text": words("careful", "mrkdwn"), "level": "warning"},
    {
        "type": "data_visualization",
        "title": "t",
        "chart": {
            "type": "bar",
            "series": [{"name": "s", "data": [{"label": "EU", "value": 1}]}],
            "axis_config": {"categories": ["EU"]},
        },
    },
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "section", "text": words("x" * 3001, "mrkdwn")}, "must be less than 3001 characters"),
    ({"type": "section"}, "/blocks/0/text"),
    ({"type": "header", "text": words("x", "mrkdwn")}, "/blocks/0/text/type"),
    ({"type": "header", "text": words("x" * 151)}, "/blocks/0/text/text"),
    ({"type": "poem"}, "unsupported type: poem"),
    ({"type": "markdown", "text": ""}, "missing required field: text"),
    ({"type": "image", "slack_file": {"id": "F1"}}, "/blocks/0/alt_text"),
    ({"type": "image", "alt_text": "a"}, "exactly one of"),
    ({"type": "table", "rows": [[cell("")]]}, "/blocks/0/rows/0/0/text"),
    ({"type": "table", "rows": [[cell("x")] * 21]}, "1 to 20 cells"),
    ({"type": "table", "rows": [[cell("x")]] * 101}, "no more than 100 items"),
    ({"type": "data_table", "rows": TABLE["rows"]}, "/blocks/0/caption"),
    ({"type": "actions", "elements": [{"type": "button", "text": words("x" * 76)}]}, "/blocks/0/elements/0/text"),
    ({"type": "actions", "elements": [FEEDBACK]}, "/blocks/0/elements/0/type"),
    ({"type": "context_actions", "elements": [FEEDBACK] * 6}, "no more than 5 items"),
    ({"type": "context", "elements": []}, "at least 1 items"),
    ({"type": "task_card", "task_id": "1", "title": "x", "status": "done"}, "/blocks/0/status"),
    ({"type": "divider", "block_id": "x" * 256}, "/blocks/0/block_id"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_good_blocks_pass(block: dict[str, Any]) -> None:
    assert check([block], MESSAGE) == [block]


@pytest.mark.parametrize(("block", "detail"), BAD)
def test_bad_blocks_are_pointed_at(block: dict[str, Any], detail: str) -> None:
    with pytest.raises(Refused) as refused:
        check([block], MESSAGE)
    assert refused.value.error == "invalid_blocks"
    assert detail in " ".join(refused.value.messages)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@examples(150)
@given(kind=st.sampled_from(sorted(CHECKS)), fields=st.dictionaries(st.sampled_from(WORDS), JSON, max_size=6))
def test_whatever_comes_is_accepted_or_refused(kind: str, fields: dict[str, Any]) -> None:
    with contextlib.suppress(Refused):
        check([fields | {"type": kind}], MESSAGE)


def test_more_than_fifty_blocks() -> None:
    with pytest.raises(Refused) as refused:
        check([{"type": "divider"}] * 51, MESSAGE)
    assert refused.value.messages == ["no more than 50 items allowed [json-pointer:/blocks]"]


def test_two_tables() -> None:
    with pytest.raises(Refused) as refused:
        check([TABLE, TABLE], MESSAGE)
    assert (refused.value.error, refused.value.messages) == ("invalid_attachments", ["only_one_table_allowed"])


def test_too_much_text_altogether() -> None:
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        check([{"type": "markdown", "text": "x" * 6001}] * 2, MESSAGE)
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        check([{"type": "section", "text": words("x" * 2700)}] * 5, MESSAGE)


def test_blocks_of_messages_are_refused_in_views() -> None:
    with pytest.raises(Refused, match="invalid_blocks"):
        check([{"type": "context_actions", "elements": [FEEDBACK]}], Rules("view"))
    check([{"type": "divider"}] * 51, Rules("view"))


async def test_the_sdk_sees_the_details_and_blocks_get_ids() -> None:
    async with running() as slack:
        client = client_of(slack)
        answer = await client.chat_postMessage(channel=SALES, text="x", blocks=GOOD[:8])
        assert all(block["block_id"] for block in answer["message"]["blocks"])
        found = await client.api_call("chat.postMessage", json={"channel": SALES, "blocks": GOOD[:2], "text": "x"})
        assert found["ok"]
        with pytest.raises(Exception, match="less than 3001") as refused:
            await client.chat_postMessage(channel=SALES, text="x", blocks=[BAD[0][0]])
        assert "json-pointer:/blocks/0/text/text" in str(refused.value)
        validated = await client_of(slack, "").api_call("blocks.validate", json={"blocks": GOOD[:2]})
        assert validated["ok"]
