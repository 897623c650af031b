"""What people do in the page, and what it sends: every check is on the POST that arrived at a real server."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.stage import ANN, BOT, DM, KENJI, SALES, Json, Stage, csv
from tests.browser.test_page import ROOT, message, words

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def sales(stage: Stage, open_page: OpenPage, *messages: Json, thread: bool = False) -> Page:
    stage.messages[SALES] = stage.threads[SALES, ROOT] = list(messages)
    return await open_page(f"{stage.url}/#channel={SALES}" + (f"&thread={ROOT}" if thread else ""))


async def test_enter_sends_and_shift_enter_breaks_the_line(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    composer = page.get_by_test_id("composer")
    await composer.press_sequentially("one")
    await composer.press("Shift+Enter")
    await composer.press_sequentially("two")
    await composer.press("Enter")
    assert await stage.posted("/human/post") == [{"user": ANN, "channel": SALES, "text": "one\ntwo", "files": []}]
    await expect(composer).to_have_value("")


async def test_enter_while_an_input_method_composes_does_not_send(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    composer = page.get_by_test_id("composer")
    await composer.fill("売上")
    await composer.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await composer.press_sequentially("は")
    await composer.press("Enter")
    assert [body["text"] for body in await stage.posted("/human/post")] == ["売上は"]


async def test_a_mention_is_completed(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    composer = page.get_by_test_id("composer")
    await composer.press_sequentially("hey @")
    await expect(page.get_by_test_id("suggestion")).to_have_count(4)
    await composer.press_sequentially("an")
    await expect(page.get_by_test_id("suggestion")).to_have_count(2)
    await composer.press("Enter")
    await composer.press_sequentially("go")
    await composer.press("Enter")
    assert [body["text"] for body in await stage.posted("/human/post")] == ["hey @analyst go"]


async def test_files_go_with_the_message_picked_or_dropped(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    data = "地域,売上\n東京,1\n".encode("cp932")
    await page.get_by_test_id("file-input").set_input_files(csv("売上.csv", data))
    transfer = await page.evaluate_handle(
        "() => { const t = new DataTransfer(); t.items.add(new File(['a,b'], 'dropped.csv')); return t; }"
    )
    await page.locator("#main").dispatch_event("dragenter", {"dataTransfer": transfer})
    await expect(page.locator("#main")).to_have_class("main dropping")
    await page.locator("#main").dispatch_event("drop", {"dataTransfer": transfer})
    await expect(page.get_by_test_id("attachment")).to_have_count(2)
    await page.get_by_test_id("composer").fill("these")
    await page.get_by_test_id("send").click()
    [body] = await stage.posted("/human/post")
    assert body["files"] == [("売上.csv", data), ("dropped.csv", b"a,b")]
    assert body["text"] == "these"
    await expect(page.get_by_test_id("attachment")).to_have_count(0)


async def test_a_refused_post_keeps_what_was_written(stage: Stage, open_page: OpenPage) -> None:
    stage.answers["/human/post"] = {"ok": False, "error": "is_archived"}
    page = await sales(stage, open_page)
    await page.get_by_test_id("composer").fill("precious")
    await page.get_by_test_id("composer").press("Enter")
    await stage.posted("/human/post")
    await expect(page.get_by_text("is_archived")).to_be_visible()
    await expect(page.get_by_test_id("composer")).to_have_value("precious")


async def test_samples_are_offered_only_where_there_are_some(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    await expect(page.get_by_test_id("samples")).to_have_count(0)
    stage.samples = [{"name": "sales.csv", "size": 9, "description": "Orders"}]
    page = await open_page(f"{stage.url}/#channel={SALES}")
    await page.get_by_test_id("sample-card").click()
    await page.get_by_test_id("attachment").wait_for()
    await page.get_by_test_id("send").click()
    [body] = await stage.posted("/human/post")
    assert body["files"] == [("sales.csv", b"sample,sales.csv\n")]


async def test_a_reply_can_also_go_to_the_channel(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page, message(ANN, 600, "root", ts=ROOT), thread=True)
    await page.get_by_test_id("broadcast").check()
    await page.get_by_test_id("composer-thread").fill("me too")
    await page.get_by_test_id("composer-thread").press("Enter")
    [body] = await stage.posted("/human/post")
    assert body == {
        "user": ANN,
        "channel": SALES,
        "text": "me too",
        "thread_ts": ROOT,
        "broadcast": "true",
        "files": [],
    }
    await expect(page.get_by_test_id("broadcast")).not_to_be_checked()
    await page.get_by_test_id("composer-thread").press("Escape")
    await expect(page.get_by_test_id("thread-pane")).to_be_hidden()


async def test_drafts_stay_where_they_were_begun(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    await page.get_by_test_id("composer").fill("half a thought")
    await page.get_by_test_id("channel-general").click()
    await expect(page.get_by_test_id("composer")).to_have_value("")
    await page.get_by_test_id("channel-sales").click()
    await expect(page.get_by_test_id("composer")).to_have_value("half a thought")


async def test_a_slash_command_is_not_a_message(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    await page.get_by_test_id("composer").fill("/analyst files here")
    await page.get_by_test_id("composer").press("Enter")
    [body] = await stage.posted("/human/slash")
    assert body == {"user": ANN, "channel": SALES, "command": "/analyst", "text": "files here"}
    assert not [path for path, _ in stage.posts if path == "/human/post"]


async def test_own_messages_are_edited_deleted_and_reacted_to(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page, message(ANN, 600, f"a &lt;b&gt; <@{BOT}>", ts=ROOT), message(KENJI, 9, "his"))
    own, his = page.get_by_test_id("message").first, page.get_by_test_id("message").nth(1)
    await own.hover()
    await own.get_by_test_id("more").click()
    await page.get_by_test_id("edit").click()
    await expect(page.get_by_test_id("edit-text")).to_have_value("a <b> @analyst")
    await page.get_by_test_id("edit-text").fill("better")
    await page.get_by_test_id("edit-save").click()
    place = {"user": ANN, "channel": SALES, "message_ts": ROOT}
    assert await stage.posted("/human/edit") == [{**place, "text": "better"}]
    await own.hover()
    await own.get_by_test_id("react").click()
    await page.get_by_test_id("emoji-tada").click()
    assert await stage.posted("/human/react") == [{**place, "name": "tada", "remove": False}]
    await own.hover()
    await own.get_by_test_id("more").click()
    await page.get_by_test_id("delete").click()
    await page.get_by_test_id("confirm-yes").click()
    assert await stage.posted("/human/delete") == [place]
    await his.hover()
    await his.get_by_test_id("more").click()
    await expect(page.get_by_test_id("edit")).to_have_count(0)


async def test_the_message_shortcut(stage: Stage, open_page: OpenPage) -> None:
    stage.state["shortcuts"] = [{"name": "Analyse this", "callback_id": "analyse"}]
    page = await sales(stage, open_page, message(KENJI, 600, "x", ts=ROOT))
    await page.get_by_test_id("message").hover()
    await page.get_by_test_id("more").click()
    await page.get_by_role("menuitem", name="Analyse this").click()
    expected = {"user": ANN, "channel": SALES, "message_ts": ROOT, "callback_id": "analyse"}
    assert await stage.posted("/human/shortcut") == [expected]


async def test_buttons_ask_first_when_they_should(stage: Stage, open_page: OpenPage) -> None:
    confirm = {"title": words("Sure?"), "text": words("It goes away."), "confirm": words("Yes"), "deny": words("No")}
    button = {"type": "button", "action_id": "drop", "text": words("Drop"), "value": "v", "confirm": confirm}
    side = {"text": words("Good"), "value": "up", "accessibility_label": "Good answer"}
    feedback = {
        "type": "feedback_buttons",
        "action_id": "fb",
        "positive_button": side,
        "negative_button": {**side, "value": "down"},
    }
    hidden = {
        "type": "icon_button",
        "icon": "trash",
        "action_id": "i",
        "text": words("x"),
        "visible_to_user_ids": [KENJI],
    }
    blocks = [
        {"type": "actions", "block_id": "b1", "elements": [button]},
        {"type": "context_actions", "block_id": "b2", "elements": [feedback, hidden]},
    ]
    page = await sales(stage, open_page, message(BOT, 600, "x", ts=ROOT, blocks=blocks))
    await page.get_by_test_id("button-drop").click()
    await page.get_by_test_id("confirm-no").click()
    await page.get_by_test_id("button-drop").click()
    await page.get_by_test_id("confirm-yes").click()
    await stage.posted("/human/action")
    await page.get_by_test_id("button-fb-negative").click()
    first, second = await stage.posted("/human/action", 2)
    assert (first["block_id"], first["action_id"], first["value"], first["message_ts"]) == ("b1", "drop", "v", ROOT)
    assert (second["block_id"], second["action_id"], second["value"]) == ("b2", "fb", "down")
    await expect(page.get_by_test_id("button-fb-negative")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("button-i")).to_have_count(0)


OPTIONS = [{"text": words(name), "value": name} for name in ("thread", "dm")]
VIEW: Json = {
    "id": "V0MODAL0001",
    "type": "modal",
    "title": words("Export"),
    "submit": words("Post"),
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Where?*"}},
        {"type": "input", "block_id": "n", "label": words("Name"),
         "element": {"type": "plain_text_input", "action_id": "name"}},
        {"type": "input", "block_id": "w", "label": words("Where"), "optional": True,
         "element": {"type": "radio_buttons", "action_id": "where", "options": OPTIONS}},
    ],
}  # fmt: skip


async def test_a_modal_is_filled_in_refused_and_submitted(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    await stage.push(type="view_opened", user=KENJI, view={**VIEW, "id": "V0OTHER0001"})
    await stage.push(type="view_opened", user=ANN, view=VIEW)
    modal = page.get_by_test_id("modal")
    await expect(modal).to_have_attribute("data-view", "V0MODAL0001")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal.get_by_text("Please fill this in")).to_be_visible()
    assert not [path for path, _ in stage.posts if path == "/human/view"]
    await page.get_by_test_id("field-name").fill("a.py")
    await modal.get_by_label("dm").check()
    stage.answers["/human/view"] = {"response_action": "errors", "errors": {"n": "Taken already"}}
    await page.get_by_test_id("field-name").press("Enter")
    await expect(modal.get_by_text("Taken already")).to_be_visible()
    stage.answers.clear()
    await page.get_by_test_id("modal-submit").click()
    body = (await stage.posted("/human/view", 2))[1]
    assert body == {"user": ANN, "view_id": "V0MODAL0001", "values": {
        "n": {"name": {"type": "plain_text_input", "value": "a.py"}},
        "w": {"where": {"type": "radio_buttons", "selected_option": OPTIONS[1]}},
    }}  # fmt: skip
    await expect(modal).to_have_count(0)


async def test_escape_closes_a_modal_and_says_so(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    await stage.push(type="view_opened", user=ANN, view=VIEW)
    await page.get_by_test_id("field-name").fill("kept")
    await stage.push(type="view_updated", user=ANN, view={**VIEW, "title": words("Changed")})
    await expect(page.get_by_test_id("modal")).to_have_attribute("aria-label", "Changed")
    await expect(page.get_by_test_id("field-name")).to_have_value("kept")
    await page.keyboard.press("Escape")
    assert await stage.posted("/human/view_close") == [{"user": ANN, "view_id": "V0MODAL0001"}]
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_the_app_offers_prompts_and_a_home_tab(stage: Stage, open_page: OpenPage) -> None:
    page = await sales(stage, open_page)
    await page.get_by_test_id("channel-analyst").click()
    assert await stage.posted("/human/home") == [{"user": ANN, "tab": "messages"}]
    await stage.push(type="prompts", channel=DM, title="Try", prompts=[{"title": "Sum", "message": "Sum it up"}])
    await page.get_by_test_id("prompt").click()
    [body] = await stage.posted("/human/post")
    assert (body["channel"], body["text"]) == (DM, "Sum it up")
    await page.get_by_test_id("tab-home").click()
    await stage.posted("/human/home", 2)
    await stage.push(
        type="home",
        user=ANN,
        view={"id": "V1", "type": "home", "blocks": [{"type": "header", "text": words("Hello Ann")}]},
    )
    await expect(page.get_by_test_id("home")).to_contain_text("Hello Ann")


async def test_a_thread_that_this_page_began_opens_when_the_bot_starts(stage: Stage, open_page: OpenPage) -> None:
    stage.answers["/human/post"] = {"ts": ROOT}
    page = await sales(stage, open_page, message(ANN, 600, "@analyst go", ts=ROOT))
    await page.get_by_test_id("composer").fill("@analyst go")
    await page.get_by_test_id("composer").press("Enter")
    await stage.posted("/human/post")
    await expect(page.get_by_test_id("thread-pane")).to_be_hidden()
    await page.wait_for_function("import('/static/state/store.js').then(({store}) => store.started.size === 1)")
    await stage.push(type="status", channel=SALES, thread_ts=ROOT, status="is thinking…")
    await expect(page.get_by_test_id("status")).to_have_text("analyst is thinking…")
