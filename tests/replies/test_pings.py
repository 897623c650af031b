"""Whatever a file or the model is called or says: nothing of an outcome pings."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from conversations.errors import FileEmpty
from conversations.ports.contents import InMemory
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity, Deliverable, Footer, UsedFile
from replies.views.how_modal import CodeStep, how_modal
from replies.views.wording import Wording
from tests.replies.conftest import FAST, World
from tests.replies.test_answer import WORDS, type_out

LIVE = re.compile(r"<[!@#](?!date)")
PINGS = ["<!channel>", "<!here|hi>", "<@U0BOB00001>", "<#C0SALES001>", "<!subteam^S0TEAM>"]


def spoken(value: Any) -> list[str]:
    """Everything in a message or view that Slack reads as more than plain text, and its titles."""
    if isinstance(value, dict):
        if value.get("type") == "rich_text_preformatted":
            return []
        return [word for inner in value.values() for word in spoken(inner)]
    if isinstance(value, list):
        return [word for inner in value for word in spoken(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("ping", PINGS)
@pytest.mark.parametrize("long", [False, True])
async def test_an_outcome_pings_nobody(world: World, ping: str, long: bool) -> None:
    text = WORDS * (20 if long else 1) + f"\n\n| {ping} |\n|---|\n| {ping} |\n\n{ping} `{ping}`\n"
    chart = Deliverable(
        "chart:0", "chart", f"{ping}.png", f"By {ping}", f"Bars of {ping}", "image/png", InMemory(b"x" * 64)
    )
    used = UsedFile(f"{ping}.csv", ping, 1_795_341_600.0)
    footer = Footer(used=[used], unread=[FileEmpty(name=ping)], missing=[ping], seconds=1)
    answer = world.answer(pace=replace(FAST, hold_characters=30 if long else 10_000))
    await answer.status(Activity.READING, file=ping)
    await answer.code_started(0)
    await answer.code_finished(0, f"# Count {ping}\nprint(1)", "")
    if long:
        await type_out(answer, world, text)
    await answer.finish(text, footer)
    await answer.attach([chart])
    await world.slack.wait(lambda _: any(message.get("files") for message in world.shown()))
    notice = Notice(NoticeKind.FILE_ADDED, {"files": ping}, [FileEmpty(name=ping)])
    await world.replies().notice(world.place, notice, world.journal)
    said = [word for message in world.shown() for word in spoken(message)]
    said += [file.alt for file in world.slack.files.values()]
    said += [call.args["status"] for call in world.slack.called("assistant.threads.setStatus")]
    assert [word for word in said if LIVE.search(word)] == []
    assert sum(ping[1:5] in word for word in said) >= 6, "it is all shown, and harmless"


@pytest.mark.parametrize("ping", PINGS)
def test_the_code_modal_shows_code_as_it_is_and_pings_nobody(ping: str) -> None:
    view = how_modal(Wording("en"), "T:C:1.2", [], [CodeStep(f"print('{ping}')", ping)])
    assert ping in str(view)
    assert [word for word in spoken(view["blocks"]) if LIVE.search(word)] == []
