"""Which files a question sees: on its message, in its thread, else in its channel."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from conversations.planning.file_choice import MAX_OFFERED
from conversations.ports.workplace import Message
from tables import Column, FileFacts
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, Heart, thread_of


def seen(heart: Heart) -> list[str]:
    """The files that the model was told of last, by their original names."""
    return [file.original_name for file in heart.prompts[-1].files]


def others(heart: Heart) -> list[str]:
    """The files that the model was told of last, and that it may open."""
    return [json.loads(line)["name"] for line in heart.prompts[-1].nearby.splitlines()[1:]]


def dropped(heart: Heart, name: str, seconds: float, **more: Any) -> None:
    """A file that was shared in the channel some seconds after the beginning."""
    heart.share(name, created=int(heart.began + seconds), **more)


# ── the drop of last ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_without_a_file_of_its_own_a_question_sees_the_newest_drop(heart: Heart) -> None:
    dropped(heart, "newest.csv", 500)
    dropped(heart, "beside.csv", 500 - 60)
    dropped(heart, "before.csv", 500 - 61)
    dropped(heart, "bens.csv", 499, user=BEN)
    await heart.ask("what is the average age?")
    assert seen(heart) == ["beside.csv", "newest.csv"]
    assert others(heart) == ["bens.csv", "before.csv"]


async def test_a_file_alone_is_a_drop(heart: Heart) -> None:
    dropped(heart, "only.csv", 10)
    await heart.ask("what is the average age?")
    assert (seen(heart), others(heart)) == (["only.csv"], [])


async def test_small_talk_sees_no_file(heart: Heart) -> None:
    dropped(heart, "only.csv", 10)
    await heart.ask("hello there!")
    assert (seen(heart), others(heart)) == ([], [])
    assert not heart.prompts[-1].compute


async def test_files_of_other_channels_are_never_seen(heart: Heart) -> None:
    heart.share("secret.csv", channel="C2")
    await heart.ask("what is the average age?", files=[heart.share("own.csv")])
    assert (seen(heart), others(heart)) == (["own.csv"], [])
    await heart.ask("what is the average age?", user=BEN)
    assert seen(heart) == ["own.csv"]


async def test_only_so_many_others_are_told(heart: Heart) -> None:
    for number in range(MAX_OFFERED + 3):
        dropped(heart, f"{number:02d}.csv", number * 100)
    await heart.ask("what is the average age?")
    assert seen(heart) == [f"{MAX_OFFERED + 2:02d}.csv"]
    assert others(heart) == [f"{number:02d}.csv" for number in range(MAX_OFFERED + 1, 1, -1)]


# ── files near ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_files_on_a_message_are_enough(heart: Heart) -> None:
    dropped(heart, "channel.csv", 10)
    await heart.ask("what is the average age?", files=[heart.share("own.csv")])
    assert (seen(heart), others(heart)) == (["own.csv"], ["channel.csv"])


async def test_what_lies_nearby_is_told_with_what_tells_files_apart(heart: Heart) -> None:
    dropped(heart, "sales.csv", 10, title="Q3 \n final", user=BEN)
    dropped(heart, "sales.csv", 20)
    own = heart.share("own.csv")
    await heart.ask("compare with Ben's", files=[own])
    asked, *lines = heart.prompts[-1].nearby.splitlines()
    newer, older = map(json.loads, lines)
    assert asked.startswith("(The question was asked ")
    assert asked.endswith(", UTC.)")
    assert (older["name"], older["title"], older["shared_by"], older["bytes"]) == ("sales.csv", "Q3 final", "Ben", 8)
    assert (newer["name"], newer["shared_by"], "title" in newer) == ("sales.csv", "Ann", False)
    assert [tool.name for tool in heart.prompts[-1].tools] == ["open_files", "ask"]


async def test_columns_that_a_look_has_found_are_told(heart: Heart) -> None:
    columns = (Column("region", "text"), Column("sum", "integer"))
    heart.inspector.facts["known.csv"] = FileFacts("known.csv", 8, "table", columns=columns)
    await heart.ask("what is the average age?", files=[heart.share("known.csv")])
    await heart.ask("what is the average age?", files=[heart.share("own.csv")])
    (line,) = heart.prompts[-1].nearby.splitlines()[1:]
    assert json.loads(line)["columns"] == ["region", "sum"]


async def test_the_files_of_the_thread_are_seen_even_of_others(heart: Heart) -> None:
    dropped(heart, "channel.csv", 10)
    root = heart.written("look at this", user=BEN, mentions_bot=False, files=[heart.share("root.csv", user=BEN)])
    await heart.take(root)
    heart.post(heart.written("and this", user=BEN, thread=root.ts, files=[heart.share("reply.csv", user=BEN)]))
    await heart.ask("what is the average age?", thread=root.ts, files=[heart.share("own.csv")])
    assert seen(heart) == ["root.csv", "reply.csv", "own.csv"]


async def test_deleted_files_and_the_bots_own_are_not_seen(heart: Heart) -> None:
    gone = heart.share("gone.csv", kind="tombstone")
    chart = heart.share("chart.csv")
    root = heart.written("look", user=BEN, files=[gone])
    heart.post(root)
    own = Message(heart.ts(), "UBOT", "here", [chart], is_bot=True, is_own=True, thread_ts=root.ts)
    heart.workplace.post(CHANNEL, own)
    turn = await heart.ask("what is the average age?", thread=root.ts, files=[heart.share("own.csv")])
    footer = heart.outcome(turn).footer
    assert seen(heart) == ["own.csv"]
    assert footer is not None
    assert not footer.unread


async def test_a_file_that_is_called_by_its_name_is_brought_along(heart: Heart) -> None:
    dropped(heart, "Costs.csv", 10)
    dropped(heart, "costs.csv", 20)
    dropped(heart, "other.csv", 300)
    await heart.ask("compare with costs.csv", files=[heart.share("own.csv")])
    assert sorted(seen(heart)) == ["costs.csv", "own.csv"]
    assert others(heart) == ["other.csv", "Costs.csv"]


async def test_a_file_that_is_near_is_not_looked_for_elsewhere(heart: Heart) -> None:
    dropped(heart, "own.csv", 10)
    own = heart.share("OWN.csv")
    await heart.ask("what is the average age in own.csv?", files=[own])
    assert seen(heart) == ["OWN.csv"]


async def test_a_conversation_keeps_its_files(heart: Heart) -> None:
    first = await heart.ask("what is the average age?", files=[heart.share("own.csv")])
    dropped(heart, "newer.csv", 900)
    await heart.ask("and the median age?", thread=thread_of(first))
    assert (seen(heart), others(heart)) == (["own.csv"], ["newer.csv"])
    assert len(heart.assistant.files) == 1


async def test_a_new_version_of_a_file_takes_the_place_of_the_old_one(heart: Heart) -> None:
    file = heart.share("own.csv", version="1")
    first = await heart.ask("what is the average age?", files=[file])
    changed = heart.workplace.share(CHANNEL, type(file)(**{**vars(file), "version": "2"}), b"new,bytes\n1,2\n")
    await heart.ask("and now?", thread=thread_of(first), files=[changed])
    assert [data for _, data in heart.assistant.files.values()] == [b"new,bytes\n1,2\n"]
    assert seen(heart) == ["own.csv"]


async def test_a_table_in_the_text_is_a_file_of_its_own(heart: Heart) -> None:
    text = "what is the average age?\n```\nname,age\nann,30\nben,40\ncat,50\n```"
    turn = await heart.ask(text)
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert [f"{file.shared_at:.6f}" for file in footer.used] == [thread_of(turn)]
    assert len(seen(heart)) == 1
    ((_, data),) = heart.assistant.files.values()
    assert b"ann,30" in data
    assert heart.prompts[-1].question == f"what is the average age?\n`{seen(heart)[0]}`"


# ── files that come late, or cannot be read ─────────────────────────────────────────────────────────────────────────


async def test_a_question_about_a_file_waits_for_the_upload_of_its_asker(heart: Heart) -> None:
    turn = await heart.say("how many rows has the file?")
    await heart.until(lambda: heart.engine.is_open(turn))
    await heart.settled()
    assert heart.prompts == []
    late = heart.written("", thread=thread_of(turn), mentions_bot=False, files=[heart.share("late.csv")])
    await heart.take(late)
    await heart.ended(turn)
    assert seen(heart) == ["late.csv"]


@pytest.mark.parametrize("text", ["what is the sum of 1 and 2?", "hello"])
async def test_other_questions_do_not_wait_for_files(heart: Heart, text: str) -> None:
    began = asyncio.get_running_loop().time()
    await heart.ask(text)
    assert asyncio.get_running_loop().time() - began < 2.5


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [("empty.csv", b"", "FileEmpty"), ("movie.mp4", b"x", "FileKindUnsupported")],
)
async def test_a_file_that_cannot_be_read_is_named_and_the_question_answered(
    heart: Heart, name: str, data: bytes, error: str
) -> None:
    turn = await heart.ask("what is the average age?", files=[heart.share("own.csv"), heart.share(name, data)])
    footer = heart.outcome(turn).footer
    assert heart.outcome(turn).text == ANSWER
    assert footer is not None
    assert [(file.name, file.by) for file in footer.used] == [("own.csv", "Ann")]
    assert [(type(one).__name__, one.fields["name"]) for one in footer.unread] == [(error, name)]
    later = heart.outcome(await heart.ask("and the highest?", thread=thread_of(turn))).footer
    assert later is not None
    assert later.unread == [], "the thread has heard it"


async def test_a_file_from_elsewhere_stays_there(heart: Heart) -> None:
    elsewhere = heart.share("secret.csv", channel="C2")
    turn = await heart.ask("what is the average age?", files=[elsewhere])
    footer = heart.outcome(turn).footer
    assert heart.assistant.files == {}
    assert footer is not None
    assert [type(one).__name__ for one in footer.unread] == ["FileElsewhere"]


async def test_a_file_is_uploaded_once_for_a_conversation(heart: Heart) -> None:
    file = heart.share("own.csv")
    first = await heart.ask("what is the average age?", files=[file])
    second = await heart.ask("and the median age?", thread=thread_of(first), files=[file])
    assert len(heart.assistant.files) == 1
    assert heart.outcome(second).footer is not None
    await heart.ask("elsewhere, what is the average age?", files=[file])
    assert len(heart.assistant.files) == 2


async def test_people_in_a_pasted_table_are_named_and_those_of_one_name_are_told_apart(heart: Heart) -> None:
    heart.workplace.people["U3"] = replace(heart.workplace.people[ANN], id="U3")
    await heart.ask(f"who sold most?```who,n\n<@{ANN}>,1\n<@{BEN}>,2\n<@U3>,3\n<@{BEN}>,4```")
    [(name, data)] = heart.assistant.files.values()
    assert (name, data) == ("pasted-1.csv", b"who,n\n@Ann (U1),1\n@Ben,2\n@Ann (U3),3\n@Ben,4\n")
