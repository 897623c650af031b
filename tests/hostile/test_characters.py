"""Row H17: text that neither UTF-8 nor a database can hold passes everywhere, in whole characters."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from azure_assistant.assistant import AssistantFile, Prompt, PromptFile
from azure_assistant.events import CodeFinished
from azure_assistant.responses.stream import ResponsesReader
from azure_assistant.run.instructions import user_parts
from azure_assistant.run.links import sandbox_links
from azure_assistant.run.reader import AnswerText
from azure_assistant.transport.wire_json import as_objects
from conversations.database.columns import to_json
from conversations.files.code import python_file
from playground.azure.model.scripted import ScriptedInterpreter
from replies.views.how_modal import CodeStep, how_modal
from replies.views.wording import Wording
from slack_api.api import SlackApi
from tests.hostile.author import Author, Python
from tests.hostile.texts import HALVES
from tests.replies.conftest import World as Thread
from tests.replies.conftest import slack, world  # noqa: F401 - fixtures
from tests.support.postgres import fresh_database
from tests.support.world import KENJI, World, words_of
from untrusted.characters import all_whole, whole

halves = st.text(st.sampled_from("a表😀\0\ud83d\ude00\udc00"), max_size=12)
SMILE = "\U0001f600"


@given(halves)
def test_h17_a_whole_text_can_be_sent_and_keeps_what_is_sound(text: str) -> None:
    clean = whole(text)
    assert "\0" not in clean.encode().decode()
    assert clean.replace("\ufffd", "") == "".join(
        char for char in text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore") if char != "\0"
    )
    assert whole(clean) == clean


@given(
    st.recursive(
        halves | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.just("a"), inner)
    )
)
def test_h17_json_is_stored_in_whole_characters(value: object) -> None:
    stored = to_json(value)
    stored.encode()
    assert json.loads(stored) == all_whole(json.loads(json.dumps(value)))
    assert "\\u0000" not in stored


def test_h17_json_that_only_speaks_of_nul_stays_as_it_is() -> None:
    assert json.loads(to_json(["\\u0000", "a\\\\u0000"])) == ["\\u0000", "a\\\\u0000"]
    assert json.loads(to_json(["\\\0"])) == ["\\\ufffd"]


@given(st.lists(halves, max_size=6))
def test_h17_characters_that_deltas_part_are_joined(deltas: list[str]) -> None:
    text, answer = "".join(deltas), AnswerText()
    grown = "".join([*(answer.add("a", delta) for delta in deltas), answer.complete("a", text)])
    assert grown == answer.whole == whole(text)


@given(halves, st.integers(0, 12))
def test_h17_a_stream_that_broke_in_a_character_is_completed(text: str, at: int) -> None:
    answer = AnswerText()
    answer.add("a", text[:at])
    answer.complete("a", text)
    assert answer.whole == whole(text)


@pytest.mark.parametrize("text", HALVES)
def test_h17_code_and_what_it_prints_are_whole(text: str) -> None:
    reader = ResponsesReader()
    item = {"type": "code_interpreter_call", "code": text, "outputs": [{"type": "logs", "logs": text}]}
    done = as_objects({"type": "response.output_item.done", "output_index": 0, "item": item})
    [finished] = [event for event in reader.read(done) if isinstance(event, CodeFinished)]
    assert (finished.code, finished.output) == (whole(text), whole(text))
    python_file([{"code": text, "output": text}]).decode()
    json.dumps(how_modal(Wording("en"), "T:C:1.2", [], [CodeStep(text, text)]), ensure_ascii=False).encode()


@pytest.mark.parametrize("text", HALVES)
def test_h17_what_azure_is_told_is_whole(text: str) -> None:
    file = PromptFile(AssistantFile("f1", "a.csv", 1), text, text)
    prompt = Prompt(question=text, context=text, files=[file], nearby=text, locale="en", timezone="UTC")
    assert all(part == whole(part) for part in user_parts(prompt, {"f1": "/mnt/data/a.csv"}))
    assert [link.name for link in sandbox_links("[a](sandbox:/mnt/data/a%00.csv)")] == ["a\ufffd.csv"]


@pytest.mark.parametrize("text", HALVES)
async def test_h17_slack_takes_whatever_is_said(world: Thread, text: str) -> None:  # noqa: F811
    async with aiohttp.ClientSession() as session:
        api = SlackApi(world.slack.bot_token, world.slack.api_url, session)
        section = {"type": "section", "text": {"type": "mrkdwn", "text": text + "."}}
        await api.write("chat.postMessage", channel=world.place.channel, text=text + ".", blocks=[section])
        await api.ask("files.getUploadURLExternal", filename=text + ".", length=1, alt_txt=text)
    [posted] = world.slack.called("chat.postMessage")
    assert posted.args["text"] == whole(text) + "."
    assert posted.args["blocks"][0]["text"]["text"] == whole(text) + "."


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'analyst.db'}"
    else:
        with fresh_database(request.getfixturevalue("postgres")) as url:
            yield url


ANSWER = ["A half: \ud83d", " and a", " whole: \ud83d", "\ude00, none: \0.", "\n\n[b\ud83d](sandbox:/mnt/data/b.csv)"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot_world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    author = Author({"halves": [Python("print('\ud83d\0')\nwrite b.csv"), Python("write b.csv"), *ANSWER]})
    async with World(Path(tmp_path_factory.mktemp("bot")), author, ScriptedInterpreter()) as made:
        made.database_url = database_url
        made.slack.workspace.users[KENJI]["profile"]["display_name"] = "健\ud83d二\0"
        await made.start_bot()
        yield made


@pytest.mark.asyncio(loop_scope="module")
async def test_h17_a_question_and_its_answer_pass_through_everything(bot_world: World) -> None:
    """Slack, our tables, Azure, the answer, the footer, the file, the code."""
    channel = bot_world.new_channel()
    files = [("a\ud83d\0b.csv", b"a,b\n1,2\n")]
    ts = await bot_world.ask("halves \ud83d and \0 of\ude00", channel=channel, user=KENJI, files=files)
    found = await bot_world.outcomes(channel, ts, files=1)
    said = "\n".join(map(words_of, found))
    assert f"A half: \ufffd and a whole: {SMILE}, none: \ufffd." in said
    assert "健" in said
    [message] = [message for message in found if "show_code" in str(message.get("blocks"))]
    await bot_world.slack.human.press(message["ts"], "show_code", user=KENJI)
    [view] = await bot_world.slack.wait(lambda local: list(local.workspace.views.values()))
    assert "print('\ufffd\ufffd')" in words_of(view.body)
    assert "Traceback" not in bot_world.log
