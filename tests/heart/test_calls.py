"""What the model calls: files are opened from the list of those nearby, and a question of its own ends the turn.

Whatever a call says is a stranger's word. Whenever the process dies, there is one answer, and each call its output.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from azure_assistant.assistant import CallOutput, Prompt
from azure_assistant.events import CallsMade, CodeFinished, Finished, FunctionCall, RunEvent, TextDelta, Usage
from azure_assistant.testing import FakeRun, calls
from conversations.database.models import StepRow
from conversations.errors import FileEmpty
from conversations.planning.tools import ASK, ASKED, ASKED_FIRST, MOST_CHOICES, NO_MORE, OPEN_FILES
from conversations.ports.replies import Activity
from conversations.ports.workplace import SharedFile
from conversations.turns.runs import MOST_CALLS
from tests.heart.heart import ANN, ANSWER, BEN, CHANNEL, DIRECT, Heart, thread_of
from tests.heart.test_file_selection import seen
from tests.heart.test_recovery import CHART
from tests.heart.test_which_file import answered_by, asked, press, refusals

NEARBY = "F-NEARBY"


def call(name: str, number: int = 1, **arguments: Any) -> FunctionCall:
    return FunctionCall(f"call_{number}", name, json.dumps(arguments))


def opening(*ids: str, number: int = 1) -> FunctionCall:
    return call(OPEN_FILES, number, ids=ids)


def asking(*choices: Any, question: str = "Which year?", number: int = 1) -> FunctionCall:
    return call(ASK, number, question=question, choices=choices)


def nearby(heart: Heart, name: str = "march.csv", data: bytes = b"a,b\n1,2\n", **more: Any) -> SharedFile:
    """A file of the channel that no question has by itself."""
    created = int(heart.began) - 100 * more.pop("age", 0)
    return heart.share(name, data, created=created, user=BEN, **more)


async def ask(heart: Heart, text: str = "compare with the one of Ben's", **more: Any) -> str:
    return await heart.ask(text, files=[heart.share("own.csv")], **more)


def runs(heart: Heart) -> Sequence[FakeRun]:
    return list(heart.assistant.runs.values())


def told(heart: Heart) -> dict[str, str]:
    """What the calls of the first run got, by their ids."""
    return {output.id: output.text for output in runs(heart)[0].outputs or ()}


# ── open_files ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_nearby_is_opened_and_the_run_goes_on(heart: Heart) -> None:
    file = nearby(heart)
    heart.model(*calls(opening(file.id), text="I look at both."))
    heart.assistant.then = lambda *_: [TextDelta("They are alike."), CHART, Finished("They are alike.")]
    turn = await ask(heart)
    (output,) = runs(heart)[0].outputs or ()
    assert [given.original_name for given in output.files] == ["march.csv"]
    assert seen(heart) == ["march.csv", "own.csv"]
    outcome = heart.outcome(turn)
    assert outcome.text == "I look at both.\n\nThey are alike."
    assert heart.parts(turn) == ["answer", "chart:0"]
    assert outcome.footer is not None
    assert {(used.name, used.by) for used in outcome.footer.used} == {("own.csv", "Ann"), ("march.csv", "Ben")}
    row = await heart.row(turn)
    assert (row.outcome, row.answer) == ("answered", outcome.text)


@pytest.mark.parametrize("text", ["", "I look at both."])
async def test_what_the_model_opens_is_not_said_to_be_the_newest(heart: Heart, text: str) -> None:
    file = nearby(heart, age=1)
    heart.share("newest.csv", created=int(heart.began))
    heart.model(CodeFinished(0, "look()", "7"), *calls(opening(file.id), text=text))
    heart.assistant.then = lambda *_: [TextDelta("It is 7."), Finished("It is 7.")]
    turn = await heart.ask("what is the total of Ben's?")
    assert heart.outcome(turn).newest == (["newest.csv"] if text else ())


async def test_the_status_line_says_what_is_read(heart: Heart) -> None:
    file = nearby(heart)
    heart.model(*calls(opening(file.id)))
    stalled = heart.stall(heart.workplace, "resolve", after=True)
    turn = await heart.say("compare with the one of Ben's")
    await asyncio.wait_for(stalled.wait(), 5)
    assert heart.replies.under_way[0].details[Activity.READING] == {"file": "march.csv"}
    await heart.die()
    await heart.ended(turn)


async def test_what_came_before_a_call_is_kept(heart: Heart) -> None:
    """Text, code, charts and costs of all parts add up."""
    file = nearby(heart)
    first = [CodeFinished(0, "print(1)", "1"), CHART]
    heart.model(*first, CallsMade([opening(file.id)], usage=Usage(10, 0, 5)))
    heart.assistant.then = lambda *_: [CodeFinished(0, "print(2)", "2"), CHART, Finished("Done.", Usage(20, 0, 7))]
    turn = await ask(heart)
    row = await heart.row(turn)
    assert [step["code"] for step in row.code] == ["print(1)", "print(2)"]
    assert (row.usage["input_tokens"], row.usage["output_tokens"]) == (30, 12)
    assert heart.parts(turn) == ["answer", "chart:0", "chart:1"]


async def test_an_id_that_was_not_told_is_refused(heart: Heart) -> None:
    secret = heart.share("secret.csv", channel="C2")
    file = nearby(heart)
    heart.model(*calls(opening(file.id, secret.id, "F404")))
    await ask(heart)
    assert told(heart) == {"call_1": "Opened. Not on the list of files nearby, and not opened: 2."}
    assert seen(heart) == ["march.csv", "own.csv"]


async def test_nothing_but_foreign_ids_opens_nothing(heart: Heart) -> None:
    nearby(heart)
    heart.model(*calls(opening(heart.share("secret.csv", channel="C2").id)))
    turn = await ask(heart)
    assert heart.outcome(turn).text == "Nothing was opened. Not on the list of files nearby, and not opened: 1."
    assert len(heart.assistant.files) == 1


async def test_the_same_id_twice_is_one_file(heart: Heart) -> None:
    file = nearby(heart)
    heart.model(*calls(opening(file.id, file.id), opening(file.id, file.name, number=2)))
    await ask(heart)
    assert told(heart) == {"call_1": "Opened.", "call_2": "Opened."}
    assert len(heart.assistant.files) == 2


async def test_a_file_that_cannot_be_read_is_told_to_the_model_and_in_the_footer(heart: Heart) -> None:
    file = nearby(heart)
    heart.workplace._files[file.id] = (SharedFile(file.id, file.name, created=file.created), b"")
    original = heart.workplace.recent_files

    async def listed(channel: str, days: int = 7) -> Sequence[SharedFile]:
        return [*await original(channel, days), file]

    heart.workplace.recent_files = listed  # type: ignore[method-assign]
    heart.model(*calls(opening(file.id)))
    turn = await ask(heart)
    assert told(heart) == {"call_1": "Nothing was opened. 'march.csv' cannot be read."}
    footer = heart.outcome(turn).footer
    assert footer is not None
    assert [type(error) for error in footer.unread] == [FileEmpty]


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("delete_files", "{}", "There is no such function."),
        ("", "", "There is no such function."),
        (OPEN_FILES, "no JSON", "no JSON"),
        (OPEN_FILES, "[" * 20_000, "no JSON"),
        (OPEN_FILES, "1" * 20_000, "no JSON"),
        (OPEN_FILES, '"F1"', "no JSON object"),
        (OPEN_FILES, "null", "no JSON object"),
        (OPEN_FILES, "{}", "needs the ids"),
        (OPEN_FILES, '{"ids": "F1"}', "needs the ids"),
        (OPEN_FILES, '{"ids": [1, null, {}]}', "needs the ids"),
        (OPEN_FILES, '{"ids": ["1", "2", "3", "4", "5", "6"]}', "at most 5"),
        (OPEN_FILES, '{"ids": ["\\ud800"]}', "Nothing was opened."),
        (OPEN_FILES, json.dumps({"ids": ["x" * 1_000_000]}), "Nothing was opened."),
        (ASK, "{}", "needs a question"),
        (ASK, '{"question": " \\u202e ", "choices": ["a"]}', "needs a question"),
        (ASK, '{"question": 7, "choices": ["a"]}', "needs a question"),
    ],
)
async def test_a_call_that_means_nothing_is_told_so(heart: Heart, name: str, arguments: str, answer: str) -> None:
    nearby(heart)
    heart.model(*calls(FunctionCall("call_1", name, arguments)))
    turn = await ask(heart)
    assert answer in heart.outcome(turn).text
    assert len(heart.assistant.files) == 1


async def test_only_so_many_calls_are_carried_out(heart: Heart) -> None:
    files = [nearby(heart, f"{number}.csv") for number in range(MOST_CALLS + 1)]
    heart.model(*calls(*(opening(file.id, number=number) for number, file in enumerate(files))))
    await ask(heart)
    assert list(told(heart).values()) == ["Opened."] * MOST_CALLS + [NO_MORE]
    assert len(heart.assistant.files) == 1 + MOST_CALLS


async def test_a_model_that_calls_again_and_again_comes_to_an_end(heart: Heart) -> None:
    file = nearby(heart)
    heart.model(*calls(opening(file.id)))
    heart.assistant.then = lambda *_: calls(opening(file.id))
    turn = await ask(heart)
    assert heart.outcome(turn).kind == "failed"
    got = [[output.text for output in run.outputs or ()] for run in runs(heart)]
    assert got == [*[["Opened."]] * MOST_CALLS, [NO_MORE], []]
    assert [bool(prompt.tools) for prompt in heart.prompts] == [True] * MOST_CALLS + [False] * 2
    assert runs(heart)[-1].is_cancelled
    assert (await heart.row(turn)).outcome == "failed"


async def test_without_files_nearby_none_can_be_opened(heart: Heart) -> None:
    await ask(heart)
    assert [tool.name for tool in heart.prompts[-1].tools] == [ASK]
    await heart.ask("hello")
    assert not heart.prompts[-1].tools


# ── ask ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_question_ends_the_turn_and_the_press_goes_on(heart: Heart) -> None:
    heart.model(*calls(asking("2024", "2025")))
    turn = await ask(heart, "total of the year")
    assert (asked(heart, turn).words, [one.name for one in asked(heart, turn).options]) == (
        "Which year?",
        ["2024", "2025"],
    )
    assert (told(heart), runs(heart)[0].is_closed) == ({"call_1": ASKED}, True)
    assert (heart.parts(turn), (await heart.row(turn)).outcome) == (["notice:which_file"], "asked")
    heart.model(Finished(ANSWER))
    pressed = await press(heart, turn, "2025")
    await heart.ended(answered_by(pressed))
    assert heart.outcome(answered_by(pressed)).text == ANSWER
    assert (heart.prompts[-1].question, seen(heart)) == ("total of the year\n\n> Which year?\n2025", ["own.csv"])
    assert heart.replies.choices == [(turn, "Ben", "2025")]
    await press(heart, turn, "2024", user=ANN)
    assert [error.fields["name"] for error in refusals(heart)] == ["2025"]


async def test_a_reply_by_anybody_goes_on_as_well(heart: Heart) -> None:
    heart.model(*calls(asking("OK", "Not OK", question="Shall I?")))
    turn = await ask(heart, "total of the year")
    heart.model(Finished(ANSWER))
    await heart.ask("OK", thread=thread_of(turn), user=BEN, mentions_bot=False)
    assert heart.prompts[-1].question == "total of the year\n\n> Shall I?\nOK"
    assert heart.replies.choices == [(turn, "Ben", "OK")]
    await press(heart, turn, "Not OK", user=ANN)
    assert [error.fields["by"] for error in refusals(heart)] == ["Ben"]
    assert len(await heart.rows()) == 2


@pytest.mark.parametrize(("said", "counts"), [("thanks!", False), (":tada:", False), ("", False), ("gross", True)])
async def test_thanks_and_a_bare_mention_are_no_answer(heart: Heart, said: str, counts: bool) -> None:
    for place in (CHANNEL, DIRECT):
        heart.model(*calls(asking("net", "gross", question="Which total?")))
        turn = await ask(heart, "total", channel=place)
        heart.model(Finished(ANSWER))
        await heart.ask(said, thread=thread_of(turn), channel=place, mentions_bot=True)
        assert [by for asked_in, by, _ in heart.replies.choices if asked_in == turn] == ["Ann"] * counts


async def test_a_file_that_is_chosen_goes_along(heart: Heart) -> None:
    files = [nearby(heart, name, age=age) for age, name in enumerate(["march.csv", "march.csv", "april.csv"])]
    heart.model(*calls(asking(*(file.id for file in files), "None of them", question="Which one?")))
    turn = await ask(heart)
    names = [option.name for option in asked(heart, turn).options]
    assert [name.partition(" (")[0] for name in names] == ["march.csv", "march.csv", "april.csv", "None of them"]
    assert len(set(names)) == 4
    heart.model(Finished(ANSWER))
    pressed = await press(heart, turn, "april.csv")
    await heart.ended(answered_by(pressed))
    assert seen(heart) == ["april.csv", "own.csv"]
    assert heart.prompts[-1].question.endswith("> Which one?\napril.csv")


async def test_what_was_said_and_made_before_stands_above_the_question(heart: Heart) -> None:
    heart.model(TextDelta("2024 is done."), CHART, CallsMade([asking("2025")], "2024 is done."))
    turn = await ask(heart)
    assert heart.parts(turn) == ["answer", "chart:0", "notice:which_file"]
    assert heart.outcome(turn).text == "2024 is done."
    assert (await heart.row(turn)).outcome == "asked"


@pytest.mark.parametrize(
    ("choices", "shown"),
    [
        ([], []),
        (["only"], ["only"]),
        ([str(number) for number in range(30)], [str(number) for number in range(MOST_CHOICES)]),
        (["same", " same ", "other"], ["same", "other"]),
        (["", "  ", None, 7, {}, ["x"], "one"], ["one"]),
        (["<!channel>", "a\nb", "x" * 100], ["<!channel>", "a b", "x" * 75]),
        (["\u202ereversed", "\ud800", "\0"], ["reversed", "�"]),
        ("no list", []),
    ],
)
async def test_choices_are_bounded_and_all_of_each_is_seen(heart: Heart, choices: Any, shown: list[str]) -> None:
    made = call(ASK, question="Which?\n\n  <!channel>\u202e " + "x" * 1000, choices=choices)
    heart.model(*calls(made))
    turn = await ask(heart)
    assert [option.name for option in asked(heart, turn).options] == shown
    words = asked(heart, turn).words
    assert words.startswith("Which?\n<!channel> x")
    assert len(words) <= 600
    heart.model(Finished(ANSWER))
    if shown:
        pressed = await press(heart, turn, shown[0])
        await heart.ended(answered_by(pressed))
        assert heart.prompts[-1].question.endswith(f"\n{shown[0]}")


async def test_a_question_goes_before_files_and_other_questions(heart: Heart) -> None:
    file = nearby(heart)
    heart.model(*calls(opening(file.id), asking("a", number=2), asking("b", number=3), opening(file.id, number=4)))
    turn = await ask(heart)
    assert [option.name for option in asked(heart, turn).options] == ["a"]
    first = ASKED_FIRST
    assert told(heart) == {"call_1": first, "call_2": ASKED, "call_3": first, "call_4": first}
    assert len(heart.assistant.files) == 1


async def test_what_was_asked_can_be_asked_again_in_a_chain(heart: Heart) -> None:
    heart.model(*calls(asking("2024", "2025")))
    turn = await ask(heart, "total of the year")
    heart.model(*calls(asking("net", "gross", question="Which total?")))
    second = await heart.ask("2025, please", thread=thread_of(turn), mentions_bot=False)
    heart.model(Finished(ANSWER))
    pressed = await press(heart, second, "net", thread=thread_of(turn))
    await heart.ended(answered_by(pressed))
    question = "total of the year\n\n> Which year?\n2025, please\n\n> Which total?\nnet"
    assert heart.prompts[-1].question == question
    assert [(by, name) for _, by, name in heart.replies.choices] == [("Ann", "2025, please"), ("Ben", "net")]


@pytest.mark.parametrize("key", ["2", "-1", "x", "", "2025", NEARBY, "0 0"])
async def test_what_was_not_offered_cannot_be_chosen(heart: Heart, key: str) -> None:
    heart.model(*calls(asking("2024", "2025")))
    turn = await ask(heart)
    await press(heart, turn, key if key != "2025" else "2025 ")
    assert [type(error).__name__ for error in refusals(heart)] == ["NotHere"]
    assert len(await heart.rows()) == 1


async def test_what_is_asked_in_one_thread_is_answered_in_no_other(heart: Heart) -> None:
    heart.model(*calls(asking("2024", "2025")))
    turn = await ask(heart)
    heart.model(Finished(ANSWER))
    other = await heart.ask("hello there")
    await press(heart, turn, "2024", thread=thread_of(other))
    await press(heart, turn, "2024", channel="C2")
    assert [type(error).__name__ for error in refusals(heart)] == ["NotHere"] * 2
    await heart.ask("2024", thread=thread_of(other), mentions_bot=False)
    assert heart.prompts[-1].question == "2024"


# ── stops, deaths, failures ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_stop_between_call_and_output_ends_the_run(heart: Heart) -> None:
    wanted = nearby(heart)
    heart.model(CodeFinished(0, "look()", ""), *calls(opening(wanted.id), text="So far."))
    resolve, may = heart.workplace.resolve, asyncio.Event()

    async def slow(channel: str, file: SharedFile) -> SharedFile:
        if file.id == wanted.id:
            await may.wait()
        return await resolve(channel, file)

    heart.workplace.resolve = slow  # type: ignore[method-assign]
    turn = await heart.say("compare with the one of Ben's", files=[heart.share("own.csv")])
    await heart.until(lambda: heart.replies.under_way and heart.replies.under_way[0].live)
    await heart.ask("stop", thread=thread_of(turn))
    may.set()
    await heart.ended(turn)
    assert (heart.outcome(turn).kind, heart.outcome(turn).text) == ("stopped", "So far.")
    assert (len(runs(heart)), runs(heart)[0].is_cancelled) == (1, True)


@pytest.mark.parametrize(
    ("port", "verb", "after"),
    [
        ("workplace", "resolve", False),
        ("assistant", "add_file", False),
        ("assistant", "add_file", True),
        ("assistant", "go_on", False),
    ],
)
async def test_a_death_between_call_and_output_leaves_one_answer(
    heart: Heart, port: str, verb: str, after: bool
) -> None:
    file = nearby(heart)
    heart.model(*calls(opening(file.id), text="Both."))
    heart.assistant.then = lambda *_: [TextDelta("Alike."), CHART, Finished("Alike.")]
    went_on = asyncio.Event()
    stalled = asyncio.Event()
    real = getattr(getattr(heart, port), verb)
    if verb == "go_on":

        async def never(*arguments: Any) -> Any:
            stalled.set()
            setattr(heart.assistant, verb, real)
            await went_on.wait()
            yield  # pragma: no cover

        heart.assistant.go_on = never  # type: ignore[method-assign, assignment]
    turn = await heart.say("compare with the one of Ben's")
    if verb != "go_on":
        stalled = heart.stall(getattr(heart, port), verb, after=after)
    await asyncio.wait_for(stalled.wait(), 5)
    await heart.die()
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer", "chart:0"]
    assert heart.outcome(turn).text == "Both.\n\nAlike."
    assert [len(run.outputs or ()) for run in runs(heart)] == [1, 0]


async def test_a_death_amid_what_follows_a_call_leaves_one_answer(heart: Heart) -> None:
    file, go = nearby(heart), asyncio.Event()
    heart.model(CodeFinished(0, "print(1)", "1"), CHART, *calls(opening(file.id), text="Both."))
    heart.assistant.then = lambda *_: [CHART, TextDelta("Alike."), go, Finished("Alike.")]
    turn = await ask_slowly(heart)
    await heart.until(lambda: heart.replies.under_way and "Alike" in heart.replies.under_way[0].live)
    await heart.die()
    await heart.until(lambda: heart.replies.under_way)
    go.set()
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer", "chart:0", "chart:1"]
    assert (heart.outcome(turn).text, len(runs(heart))) == ("Both.\n\nAlike.", 2)
    assert [step["code"] for step in (await heart.row(turn)).code] == ["print(1)"]


async def ask_slowly(heart: Heart) -> str:
    return await heart.say("compare with the one of Ben's", files=[heart.share("own.csv")])


async def test_a_run_that_is_lost_after_a_call_is_gone_on_with_again(heart: Heart) -> None:
    file = nearby(heart)
    heart.model(*calls(opening(file.id), text="Both."))
    stalled = asyncio.Event()

    def then(_: Prompt, outputs: Sequence[CallOutput]) -> Sequence[RunEvent | asyncio.Event]:
        if not stalled.is_set():
            stalled.set()
            return [CodeFinished(0, "look()", ""), TextDelta("Lost."), asyncio.Event(), Finished("Lost.")]
        return [TextDelta("Alike."), Finished("Alike.")]

    heart.assistant.then = then
    turn = await ask_slowly(heart)
    await heart.until(lambda: heart.replies.under_way and "Lost" in heart.replies.under_way[0].live)
    del heart.assistant.runs[list(heart.assistant.runs)[1]]
    await heart.die()
    await heart.ended(turn)
    assert heart.outcome(turn).text == "Both.\n\nAlike."
    assert heart.parts(turn) == ["answer"]


@pytest.mark.parametrize(
    ("port", "verb", "after"),
    [
        ("assistant", "close_calls", False),
        ("assistant", "close_calls", True),
        ("replies", "inquire", False),
        ("replies", "inquire", True),
    ],
)
async def test_a_death_while_asking_leaves_one_question(heart: Heart, port: str, verb: str, after: bool) -> None:
    heart.model(*calls(asking("2024", "2025"), text="One moment."))
    stalled = heart.stall(getattr(heart, port), verb, after=after)
    turn = await ask_slowly(heart)
    await asyncio.wait_for(stalled.wait(), 5)
    await heart.die()
    await heart.ended(turn)
    assert heart.parts(turn) == ["answer", "notice:which_file"]
    assert (len(runs(heart)), runs(heart)[0].is_closed, told(heart)) == (1, True, {"call_1": ASKED})
    heart.model(Finished(ANSWER))
    pressed = await press(heart, turn, "2025")
    await heart.ended(answered_by(pressed))
    assert heart.outcome(answered_by(pressed)).text == ANSWER


async def test_a_death_while_a_reply_is_taken_makes_it_one_answer(heart: Heart) -> None:
    heart.model(*calls(asking("2024", "2025")))
    turn = await ask(heart, "total of the year")
    heart.model(Finished(ANSWER))
    stalled = heart.stall(heart.replies, "show_choice")
    reply = await heart.say("2025", thread=thread_of(turn), mentions_bot=False)
    await asyncio.wait_for(stalled.wait(), 5)
    await heart.die()
    await heart.ended(reply)
    assert heart.prompts[-1].question == "total of the year\n\n> Which year?\n2025"
    assert (heart.replies.choices, heart.parts(reply)) == ([(turn, "Ann", "2025")], ["answer"])


async def test_an_answer_that_fails_is_asked_again_whole(heart: Heart) -> None:
    heart.model(*calls(asking("2024", "2025")))
    turn = await ask(heart, "total of the year")
    heart.assistant.threads.clear()
    reply = await heart.ask("2025", thread=thread_of(turn), mentions_bot=False)
    assert heart.outcome(reply).kind == "failed"
    assert (await heart.row(reply)).text == "total of the year\n\n&gt; Which year?\n2025"


async def test_each_call_is_a_step_that_is_written_once(heart: Heart) -> None:
    file = nearby(heart)
    written = heart.watch("INSERT INTO steps")
    heart.model(*calls(opening(file.id)))
    heart.assistant.then = lambda *_: [Finished(ANSWER)]
    stalled = heart.stall(heart.replies, "post")
    turn = await ask_slowly(heart)
    await asyncio.wait_for(stalled.wait(), 5)
    steps = {step.name: step.result for step in await heart.database.scalars(select(StepRow))}
    expected = ["plan", "plan:beside", "start", "run", f"attach:{file.id}", "call:1", "start:1", "run:1"]
    assert [name for name in steps if not name.startswith("attach:") or name.endswith(file.id)] == expected
    assert len(written) == len(steps)
    assert steps["call:1"] == {"text": "Opened.", "files": [file.id], "offer": {}, "unread": []}
    assert steps["run"]["outcome"] == "called"
    assert steps["run"]["calls"] == [{"id": "call_1", "name": OPEN_FILES, "arguments": json.dumps({"ids": [file.id]})}]
    await heart.die()
    await heart.ended(turn)
    assert heart.outcome(turn).text == ANSWER


async def test_what_many_calls_say_is_not_kept(heart: Heart) -> None:
    heart.model(*calls(*(FunctionCall(f"call_{number}", "x", "y" * 20_000) for number in range(128))))
    stalled = heart.stall(heart.replies, "post")
    turn = await ask_slowly(heart)
    await asyncio.wait_for(stalled.wait(), 5)
    rows = await heart.database.scalars(select(StepRow.result).where(StepRow.name == "run"))
    assert len(json.dumps(rows[0])) < 100_000
    await heart.die()
    await heart.ended(turn)
    assert len(told(heart)) == 128
