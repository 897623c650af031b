"""The page in a real browser: what it draws from Slack's JSON, and that nothing in a message can act."""

from __future__ import annotations

import re
import struct
import time
import zlib
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.stage import ANN, BOT, DM, GENERAL, KENJI, SALES, Json, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVIL = "javascript:window.pwned=1"
ROOT = f"{time.time() - 600:.6f}"


def message(user: str, ago: float, text: str = "", **fields: Any) -> Json:
    """A message that was written some seconds ago."""
    bot = {"bot_id": "B0ANALYST01"} if user == BOT else {}
    return {"type": "message", "user": user, "ts": f"{time.time() - ago:.6f}", "text": text, **bot, **fields}


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def press() -> Json:
    return {"type": "link", "url": EVIL, "text": "press"}


def rich(text: str, **style: bool) -> Json:
    leaf = {"type": "text", "text": text, "style": style}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [leaf]}]}


def raw(*texts: str) -> list[Json]:
    return [{"type": "raw_text", "text": text} for text in texts]


def png() -> bytes:
    """A 2 × 2 picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" + b"\xff\x00\x00" * 2 + b"\x00" + b"\x00\xff\x00" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


async def show(stage: Stage, open_page: OpenPage, *messages: Json) -> Page:
    """The page on #sales with these messages."""
    stage.messages[SALES] = list(messages)
    page = await open_page(f"{stage.url}/#channel={SALES}")
    await expect(page.get_by_test_id("message")).to_have_count(len(messages))
    return page


MARKDOWN = """# Findings
Revenue **grew** by *a lot*, ~~not~~ see `df.head()` and [docs](https://example.com/d).

- [x] read
- [ ] drawn
  - nested

1. one
2. two

| Region | Sum |
|:--|--:|
| EU \\| CH | 1,000 |
| `a|b` | **2** |

```python
print("<b>")
```
> quoted
"""
SERIES = [{"name": "2025", "data": [{"label": "EU", "value": 3}, {"label": "US", "value": 5}]}]
BLOCKS: list[tuple[Json, str, str]] = [
    ({"type": "header", "text": words("Title :tada:")}, "h3.header", "Title 🎉"),
    ({"type": "section", "text": {"type": "mrkdwn", "text": "a *bold* b"}}, ".section strong", "bold"),
    ({"type": "section", "fields": [{"type": "mrkdwn", "text": "_f1_"}]}, ".section-field em", "f1"),
    ({"type": "context", "elements": [{"type": "mrkdwn", "text": "~small~"}]}, ".context del", "small"),
    ({"type": "divider"}, "hr.block-divider", ""),
    ({"type": "alert", "level": "error", "text": words("Broken")}, ".alert.error", "Broken"),
    ({"type": "rich_text", "elements": rich("styled", bold=True)["elements"]}, ".rich-text strong", "styled"),
    ({"type": "table", "rows": [raw("Region", "Sum"), raw("EU", "12")]}, "table td.align-right", "12"),
    ({"type": "data_visualization", "title": "Sales", "chart": {"type": "bar", "series": SERIES}}, ".chart", "Sales"),
    ({"type": "data_visualization", "title": "L", "chart": {"type": "line", "series": SERIES}}, ".legend li", "2025"),
    (
        {
            "type": "data_visualization",
            "title": "P",
            "chart": {"type": "pie", "segments": [{"label": "EU", "value": 3}]},
        },
        ".legend li",
        "EU",
    ),
    ({"type": "task_card", "task_id": "1", "title": "Read", "status": "complete"}, ".task-card", "Read"),
    (
        {"type": "plan", "title": "Plan", "tasks": [{"task_id": "1", "title": "Draw", "status": "error"}]},
        ".plan [data-status=error]",
        "Draw",
    ),
    ({"type": "card", "title": {"type": "mrkdwn", "text": "*Card*"}, "body": words("b")}, ".card-title strong", "Card"),
    ({"type": "image", "alt_text": "far", "image_url": "https://evil.example/x.png"}, ".image-missing", "far"),
    ({"type": "from_the_future"}, ".unknown-block", "from_the_future"),
]


async def test_each_kind_of_block_is_drawn(stage: Stage, open_page: OpenPage) -> None:
    page = await show(
        stage,
        open_page,
        *(message(BOT, 99 - at, "fallback", blocks=[block]) for at, (block, _, _) in enumerate(BLOCKS)),
    )
    for at, (_, selector, text) in enumerate(BLOCKS):
        body = page.get_by_test_id("message-text").nth(at)
        await expect(body.locator(selector).first, f"{at}: {selector}").to_contain_text(text)
        await expect(body, f"{at}: {selector}").not_to_contain_text("fallback")


async def test_standard_markdown_is_drawn(stage: Stage, open_page: OpenPage) -> None:
    page = await show(stage, open_page, message(BOT, 5, blocks=[{"type": "markdown", "text": MARKDOWN}]))
    body = page.locator(".markdown")
    await expect(body.locator("h1")).to_have_text("Findings")
    assert await body.locator("p > strong, p > em, p > del, p > code").all_inner_texts() == [
        "grew",
        "a lot",
        "not",
        "df.head()",
    ]
    await expect(body.locator("a")).to_have_attribute("href", "https://example.com/d")
    await expect(body.locator("li.task input:checked")).to_have_count(1)
    await expect(body.locator("li.task li")).to_have_text("nested")
    await expect(body.locator("ol li")).to_have_text(["one", "two"])
    assert await body.locator("tbody td").all_inner_texts() == ["EU | CH", "1,000", "a|b", "2"]
    await expect(body.locator("th").nth(1)).to_have_class("align-right")
    await expect(body.locator("pre code")).to_have_text('print("<b>")')
    await expect(body.locator("blockquote")).to_have_text("quoted")


async def test_mrkdwn_is_drawn_when_there_are_no_blocks(stage: Stage, open_page: OpenPage) -> None:
    text = "*b* _i_ ~s~ `c*d*` snake_case_x 2*3*4\n&gt; quoted\n```\npre *x*\n``` "
    text += "<https://example.com|label> <#C0GENERAL1>"
    page = await show(stage, open_page, message(BOT, 5, text))
    body = page.get_by_test_id("message-text")
    for selector, inner in {"strong": "b", "em": "i", "del": "s", "blockquote": "quoted", "pre": "pre *x*"}.items():
        await expect(body.locator(selector)).to_have_text(inner)
    await expect(body).to_contain_text("c*d* snake_case_x 2*3*4")
    await expect(body.get_by_role("link", name="label")).to_have_attribute("href", "https://example.com/")
    await expect(body.locator(".channel-link")).to_have_text("#general")


async def test_data_tables_sort_and_turn_pages(stage: Stage, open_page: OpenPage) -> None:
    rows = [raw("Product", "Units")] + [
        [{"type": "raw_text", "text": name}, {"type": "raw_number", "value": units, "text": str(units)}]
        for name, units in (("Mug", 160), ("Pan", 9), ("Kettle", 14))
    ]
    table = {"type": "data_table", "caption": "Orders", "page_size": 2, "rows": rows}
    page = await show(stage, open_page, message(BOT, 5, blocks=[table]))
    first = page.get_by_test_id("data-table").locator("tbody tr td:first-child")
    await expect(first).to_have_text(["Mug", "Pan"])
    await page.get_by_role("button", name="Units").click()
    await expect(first).to_have_text(["Pan", "Kettle"])
    await page.get_by_role("button", name="Next page").click()
    await expect(first).to_have_text(["Mug"])
    await expect(page.get_by_role("columnheader", name="Units")).to_have_attribute("aria-sort", "ascending")


SCRIPT = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
PIE: Json = {"type": "pie", "segments": [{"label": SCRIPT, "value": 1}]}
TABLE = f"|{SCRIPT}|b|\n|--|--|\n|`{SCRIPT}`|<svg onload=window.pwned=1>|"
NAMES = {"name": f"{SCRIPT}.csv", "title": SCRIPT, "mimetype": "text/csv", "preview": f"a,{SCRIPT}\n1,2"}
TRICKS: list[Json] = [
    {"text": SCRIPT},
    {"text": f"&lt;script&gt;window.pwned=1&lt;/script&gt; <{EVIL}|press> <https://a.example/|<b>x</b>>"},
    {"blocks": [{"type": "markdown", "text": f"{SCRIPT}\n\n[press]({EVIL}) ![x](data:text/html,{SCRIPT})"}]},
    {"blocks": [{"type": "markdown", "text": f"```html\n{SCRIPT}\n```\n{TABLE}"}]},
    {"blocks": [rich(SCRIPT, code=True)]},
    {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [press()]}]}]},
    {"blocks": [{"type": "table", "rows": [raw(SCRIPT), raw(SCRIPT)]}]},
    {"blocks": [{"type": "image", "alt_text": SCRIPT, "image_url": EVIL, "title": words(SCRIPT)}]},
    {"blocks": [{"type": "data_visualization", "title": SCRIPT, "chart": PIE}]},
    {"blocks": [{"type": "task_card", "title": SCRIPT, "status": "x", "sources": [press()]}]},
    {
        "blocks": [
            {"type": "actions", "elements": [{"type": "button", "action_id": "x", "text": words("x"), "url": EVIL}]}
        ]
    },
    {"blocks": [{"type": "__proto__"}, {"type": "constructor"}, {"type": SCRIPT}]},
    {"files": [{"id": "F1/../../evil", **NAMES}]},
    {"username": SCRIPT, "text": "x", "reactions": [{"name": SCRIPT, "users": [SCRIPT], "count": 1}]},
]


async def test_nothing_in_a_message_can_act(stage: Stage, open_page: OpenPage) -> None:
    outside: list[str] = []
    stage.state["channels"][0]["topic"] = {"value": SCRIPT}
    stage.state["users"][1]["profile"]["display_name"] = SCRIPT
    messages = [message(BOT, 900 - index, **{"text": "", **trick}) for index, trick in enumerate(TRICKS)]
    page = await show(stage, open_page, *messages, message(KENJI, 1, "last"))
    page.on("request", lambda request: None if request.url.startswith(stage.url) else outside.append(request.url))
    body = page.locator("#main .log")
    await body.locator("details > summary").click()
    assert await body.get_by_text("press", exact=True).count() == 3
    for pressable in await body.get_by_text("press", exact=True).all():
        await pressable.click()
    button = page.get_by_test_id("button-x")
    await button.click()
    await stage.posted("/human/action")
    assert await page.evaluate("window.pwned") is None
    assert await body.locator("script, iframe, object, embed, svg[onload], [onerror], [onclick]").count() == 0
    assert await body.locator("a:not([href^='http']):not([href^='#']):not([href^='/human/file/'])[href]").count() == 0
    assert await body.locator("img[src='x']").count() == 0
    assert outside == []
    await expect(body.locator("pre code").first).to_contain_text("<script>")


async def test_a_live_ping_differs_from_escaped_text(stage: Stage, open_page: OpenPage) -> None:
    live = f"<!channel> <!here> <@{KENJI}> <!subteam^S0TEAM00001|@ops>"
    dead = live.replace("<", "&lt;").replace(">", "&gt;")
    page = await show(
        stage,
        open_page,
        message(BOT, 9, live),
        message(BOT, 8, dead),
        message(BOT, 7, blocks=[{"type": "markdown", "text": live}]),
        message(BOT, 6, blocks=[{"type": "markdown", "text": f"{dead} `{live}` \\<!channel>"}]),
    )
    counts = [await entry.get_by_test_id("ping").count() for entry in await page.get_by_test_id("message").all()]
    assert counts == [4, 0, 4, 0]
    await expect(page.get_by_test_id("ping").nth(2)).to_have_text("@健二")
    colour = await page.get_by_test_id("ping").first.evaluate("node => getComputedStyle(node).backgroundColor")
    assert colour == "rgb(253, 240, 196)"


async def test_files_are_pictures_or_cards(stage: Stage, open_page: OpenPage) -> None:
    stage.files = {"F0PNG00001": ("image/png", png()), "F0CSV00001": ("text/csv", b"a,b\n1,2\n")}
    picture = {"id": "F0PNG00001", "name": "chart.png", "mimetype": "image/png", "alt_txt": "Bars by region"}
    table = {
        "id": "F0CSV00001",
        "name": "売上.csv",
        "title": "売上.csv",
        "mimetype": "text/csv",
        "size": 8,
        "preview": "a,b\n1,2",
    }
    gone = {"id": "F0GONE00001", "mode": "tombstone"}
    page = await show(stage, open_page, message(ANN, 5, files=[picture, table, gone]))
    image = page.get_by_test_id("image")
    await expect(image).to_have_attribute("alt", "Bars by region")
    await expect(image).to_have_js_property("naturalWidth", 2)
    await image.click()
    await expect(page.get_by_test_id("lightbox")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("lightbox")).to_have_count(0)
    async with page.expect_download() as waiting:
        await page.get_by_test_id("download").click()
    assert (await waiting.value).suggested_filename == "売上.csv"
    await expect(page.get_by_text("This file was deleted.")).to_be_visible()


async def test_streams_grow_in_place_and_the_end_stays_in_view(stage: Stage, open_page: OpenPage) -> None:
    root = message(ANN, 600, "go", ts=ROOT, thread_ts=ROOT, reply_count=1)
    answer = message(BOT, 5, "Wor", thread_ts=ROOT, streaming_state="in_progress")
    stage.messages[SALES] = [root]
    stage.threads[SALES, ROOT] = [root, answer]
    page = await open_page(f"{stage.url}/#channel={SALES}&thread={ROOT}")
    pane = page.get_by_test_id("thread-pane")
    await expect(pane.locator(".caret")).to_be_visible()
    await expect(pane.get_by_test_id("stop")).to_be_visible()
    long = "\n\n".join(f"**Line** {number}" for number in range(60))
    await stage.push(type="message_changed", channel=SALES, thread_ts=ROOT, message={**answer, "text": long})
    await expect(pane.get_by_text("Line 59")).to_be_in_viewport()
    done = {**answer, "text": long, "streaming_state": "completed", "blocks": [{"type": "markdown", "text": long}]}
    await stage.push(type="message_changed", channel=SALES, thread_ts=ROOT, message=done)
    await expect(pane.locator(".caret")).to_have_count(0)
    await expect(pane.get_by_test_id("stop")).to_be_hidden()
    await expect(pane.locator(".markdown")).to_have_count(1)


async def test_status_shows_with_a_stop_button_and_goes(stage: Stage, open_page: OpenPage) -> None:
    root = message(ANN, 600, "go", ts=ROOT)
    stage.messages[SALES] = stage.threads[SALES, ROOT] = [root]
    page = await open_page(f"{stage.url}/#channel={SALES}&thread={ROOT}")
    await expect(page.get_by_test_id("thread-pane").get_by_test_id("message")).to_have_count(1)
    await stage.push(type="status", channel=SALES, thread_ts=ROOT, status="is reading sales.csv…")
    await expect(page.get_by_test_id("status")).to_have_text("analyst is reading sales.csv…")
    await page.get_by_test_id("stop").click()
    assert await stage.posted("/human/stop") == [{"user": ANN, "channel": SALES, "thread_ts": ROOT}]
    await stage.push(type="status", channel=SALES, thread_ts=ROOT, status="")
    await expect(page.get_by_test_id("status")).to_be_hidden()


async def test_replies_are_counted_and_ephemerals_are_for_one_person(stage: Stage, open_page: OpenPage) -> None:
    page = await show(stage, open_page, message(ANN, 600, "go", ts=ROOT))
    await stage.push(type="message", channel=SALES, thread_ts=ROOT, message=message(BOT, 5, "a", thread_ts=ROOT))
    await expect(page.get_by_test_id("thread-reply-count")).to_have_text("1 reply")
    await stage.push(type="ephemeral", channel=SALES, user=KENJI, message=message(BOT, 3, "for Kenji"))
    await stage.push(type="ephemeral", channel=SALES, user=ANN, message=message(BOT, 2, "for Ann"))
    await expect(page.get_by_test_id("ephemeral-note")).to_have_text("Only visible to you")
    await expect(page.get_by_text("for Kenji")).to_have_count(0)
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.get_by_text("for Ann")).to_have_count(0)
    await page.get_by_test_id("user-switch").select_option(KENJI)
    await expect(page.get_by_text("for Kenji")).to_be_visible()


async def test_presence_unread_and_other_frames(stage: Stage, open_page: OpenPage) -> None:
    page = await show(stage, open_page, message(ANN, 9, "one", ts=ROOT))
    await stage.push(type="presence", bot_connected=False)
    await expect(page.get_by_test_id("offline")).to_be_visible()
    await expect(page.get_by_test_id("bot-presence")).to_contain_text("offline")
    await stage.push(type="message", channel=GENERAL, message=message(KENJI, 1, "hi"))
    await expect(page.get_by_test_id("channel-general").locator(".count")).to_have_text("1")
    await stage.push(type="message_deleted", channel=SALES, ts=ROOT)
    await expect(page.get_by_test_id("message")).to_have_count(0)


async def test_the_page_comes_back_after_the_playground_was_away(stage: Stage, open_page: OpenPage) -> None:
    page = await show(stage, open_page, message(ANN, 9, "before"))
    port = int(stage.url.rsplit(":", 1)[1])
    await stage.stop()
    await expect(page.get_by_role("alert")).to_contain_text("Reconnecting")
    stage.messages[SALES].append(message(KENJI, 2, "while away"))
    await stage.start(port)
    await expect(page.get_by_text("while away")).to_be_visible()
    await expect(page.locator("#banner")).to_be_hidden()


async def test_times_are_those_of_the_person_who_looks(stage: Stage, open_page: OpenPage) -> None:
    stage.messages[DM] = []
    page = await show(stage, open_page, message(ANN, 0, "x", ts="1767225600.000100"))
    await expect(page.locator(".when")).to_have_text(re.compile(r"7:00.PM"))
    await page.get_by_test_id("user-switch").select_option(KENJI)
    await expect(page.locator(".when")).to_have_text("9:00")
    assert await page.evaluate("document.documentElement.lang") == "ja-JP"


async def test_on_a_phone_the_sidebar_is_a_drawer_and_nothing_is_cut_off(stage: Stage, open_page: OpenPage) -> None:
    page = await show(stage, open_page, message(ANN, 60, "a word " * 60), message(KENJI, 50, "x" * 300))
    await expect(page.get_by_test_id("drawer")).to_be_hidden()
    await page.set_viewport_size({"width": 390, "height": 844})
    for part in ("send", "composer", "drawer"):
        await expect(page.get_by_test_id(part)).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    sidebar = page.get_by_role("navigation")
    await expect(sidebar).to_be_hidden()
    await page.get_by_test_id("drawer").click()
    await expect(sidebar).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("channel-general").click()
    await expect(sidebar).to_be_hidden()
    await expect(page.get_by_role("heading", name="general").first).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("drawer").click()
    await page.keyboard.press("Escape")
    await expect(sidebar).to_be_hidden()
