"""One visible outcome for each turn, against a local Slack with its rules on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal

import pytest

from conversations.errors import FileTooLarge, NotInChannel, RunTooLong, SlackError, ThreadClosed
from conversations.ports.contents import InMemory
from conversations.ports.notices import Notice, NoticeKind
from conversations.ports.replies import Activity, Deliverable, Footer, UsedFile
from errors import AnalystError
from playground.slack.delivery.faults import When
from playground.slack.server.server import LocalSlack
from replies.answer import SlackAnswer
from replies.views.footer import first_line
from replies.views.wording import Wording
from slack_api.rate_budget import Rate, WorkspaceBudget
from tests.replies.conftest import ANN, FAST, KENJI, SALES, World, kinds, said
from tests.support.world import words_of

FOOTER = Footer(used=[UsedFile("sales.csv", "Ann", 1_795_341_600.0)], seconds=4.2, has_code=True)
WORDS = "Sales rose in every region this year. "
TABLE = "| region | total |\n|---|---|\n| North | 12 |\n| South | 7 |\n"
PNG = InMemory(b"\x89PNG\r\n\x1a\n" + b"0" * 64)


async def type_out(answer: SlackAnswer, world: World, text: str, step: int = 40) -> None:
    """Push a text as the model does, and let it become visible."""
    for begin in range(0, len(text), step):
        await answer.text(text[begin : begin + step])
    await world.slack.wait(lambda _: world.shown())


def parts(world: World) -> list[str]:
    return [message.get("metadata", {}).get("event_payload", {}).get("part", "-") for message in world.shown()]


FROM_SALES = "From `sales.csv`, the newest here:\n\n"


async def test_a_file_that_nobody_named_is_said_first(world: World) -> None:
    answer = world.answer(pace=replace(FAST, hold_seconds=60.0))
    answer.begins_with(["sales.csv"])
    await answer.text("It is **12**.")
    await answer.finish("It is **12**.", FOOTER)
    [message] = world.shown()
    assert said(message) == FROM_SALES + "It is **12**."


async def test_a_file_that_nobody_named_is_said_before_anything_streams_and_stays(world: World) -> None:
    answer = world.answer()
    answer.begins_with(["sales.csv"])
    await type_out(answer, world, WORDS * 9)
    await answer.finish(WORDS * 9, FOOTER)
    [message] = world.shown()
    assert said(message).strip() == (FROM_SALES + WORDS * 9).strip()
    started, *appended = [*world.slack.called("chat.startStream"), *world.slack.called("chat.appendStream")]
    assert str(started.args["chunks"]).count("the newest here") == 1
    assert "the newest here" not in str([call.args for call in appended])
    assert not world.slack.called("chat.delete")
    assert not world.slack.called("chat.postMessage")


@pytest.mark.parametrize("partial", ["", "It is"])
async def test_a_failure_names_the_newest_file_only_above_a_text(world: World, partial: str) -> None:
    answer = world.answer()
    answer.begins_with(["sales.csv"])
    await answer.fail(RunTooLong(minutes="10"), partial)
    [message] = world.shown()
    assert ("the newest here" in words_of(message)) == bool(partial)


@pytest.mark.parametrize(
    ("locale", "names", "line"),
    [
        ("en-US", [], ""),
        ("en-US", ["a.csv", "b.csv"], "From `a.csv`, `b.csv`, the newest here:\n\n"),
        ("ja-JP", ["売上.csv"], "ここで最も新しい `売上.csv` より:\n\n"),
        ("en-US", ["a`b\n\u202e.csv"], "From `a'b .csv`, the newest here:\n\n"),
        ("en-US", list("abcdefghij"), "From `a`, `b`, `c`, `d`, `e`, `f`, `g`, `h` and 2 more, the newest here:\n\n"),
    ],
)
def test_the_first_line(locale: str, names: list[str], line: str) -> None:
    assert first_line(Wording(locale), names) == line


async def test_a_short_answer_is_one_post_with_its_footer(world: World) -> None:
    answer = world.answer(pace=replace(FAST, hold_seconds=60.0))
    await answer.text("It is **12**.")
    await answer.finish("It is **12**.", FOOTER)
    [message] = world.shown()
    assert kinds(message) == ["markdown", "context", "actions", "context_actions"]
    assert said(message) == "It is **12**."
    assert parts(world) == ["answer"]
    [call] = world.slack.called("chat.postMessage")
    assert call.args["unfurl_links"] is False
    assert not world.slack.called("chat.startStream")
    small = message["blocks"][1]["elements"]
    assert "*sales.csv* (Ann" in small[0]["text"]
    assert small[0]["text"].endswith(" · AI-generated, may be wrong")
    assert len(small) == 1
    assert "date_short_pretty" in small[0]["text"]
    assert "!date" not in message["text"], "which a notification shows as it stands"


async def test_a_long_answer_streams_and_ends_in_the_same_message(world: World) -> None:
    answer = world.answer()
    await type_out(answer, world, WORDS * 5)
    await answer.finish(WORDS * 6, FOOTER)
    [message] = world.shown()
    assert said(message).strip() == (WORDS * 6).strip()
    assert message["streaming_state"] == "completed"
    assert kinds(message)[-3:] == ["context", "actions", "context_actions"]
    assert parts(world) == ["answer"]
    [start] = world.slack.called("chat.startStream")
    assert start.args["recipient_user_id"] == ANN


async def test_very_long_text_rolls_and_loses_nothing(world: World) -> None:
    text = "Intro.\n\n```python\n" + "print('a line of code')\n" * 600 + "```\n\n" + WORDS * 300
    answer = world.answer()
    await type_out(answer, world, text, 3000)
    await answer.finish(text, FOOTER)
    shown = world.text()
    assert shown.count("print('a line of code')") == 600
    assert shown.count("Sales rose") == 300
    assert all(len(said(message).encode()) <= 9100 for message in world.shown())
    assert all(said(message).count("```") % 2 == 0 for message in world.shown())
    assert parts(world)[-1] == "answer"
    assert parts(world).count("answer") == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_rolled_message_is_completed_through_an_outage(world: World, when: When) -> None:
    """However often its end fails; else it would stay open, with nobody's mark."""
    world.slack.faults.http_error("chat.stopStream", 503, times=4, when=when)
    answer = world.answer()
    await type_out(answer, world, WORDS * 600, 3000)
    await world.slack.wait(lambda slack: len(slack.called("chat.startStream")) > 1)
    await answer.finish(WORDS * 600, FOOTER)
    assert world.text().count("Sales rose") == 600
    assert {message.get("streaming_state", "completed") for message in world.shown()} == {"completed"}
    assert "-" not in parts(world)


async def test_a_stream_is_rolled_before_slack_ends_it(world: World) -> None:
    answer = world.answer(pace=replace(FAST, roll_seconds=0.05))
    await type_out(answer, world, WORDS * 2)
    await asyncio.sleep(0.06)
    await answer.text(WORDS)
    await world.slack.wait(lambda _: len(world.shown()) == 2)
    await answer.finish(WORDS * 3, FOOTER)
    assert world.text().count("Sales rose") == 3
    assert world.shown()[0]["streaming_state"] == "completed"


async def test_a_stream_without_news_is_completed_in_time(world: World) -> None:
    answer = world.answer(pace=replace(FAST, roll_seconds=0.1))
    await type_out(answer, world, WORDS * 2)
    await world.slack.wait(lambda _: world.shown()[0]["streaming_state"] == "completed")
    await answer.finish(WORDS * 3, FOOTER)
    assert world.text().count("Sales rose") == 3


async def test_the_work_goes_on_when_the_journal_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise OSError("disk full")

    answer = world.answer()
    with monkeypatch.context() as patch:
        patch.setattr(world.journal, "note", fail)
        await answer.text(WORDS * 2)
        await world.slack.wait(lambda _: world.shown())
        await asyncio.sleep(0.05)
    await answer.finish(WORDS * 3, FOOTER)
    assert world.text().count("Sales rose") == 3


async def test_tables_are_native_in_streams_and_posts_and_shown_once(world: World) -> None:
    text = WORDS * 2 + "\n\n" + TABLE + "\nIn between.\n\n" + TABLE + "\nEnd."
    answer = world.answer()
    await type_out(answer, world, text)
    await answer.finish(text, FOOTER)
    assert world.text().count("<table 3>") == 2
    assert "| North |" not in world.text()
    assert all(kinds(message).count("table") <= 1 for message in world.shown())


async def test_a_table_that_is_too_large_comes_as_preview_and_csv(world: World) -> None:
    text = "Here:\n\n| n | square |\n|---|---|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(300)) + "\nDone."
    answer = world.answer()
    await answer.finish(text, FOOTER)
    await world.slack.wait(lambda slack: any(message.get("files") for message in world.shown()))
    assert "<table 16>" in world.text()
    [file] = world.slack.files.values()
    assert file.name == "table-1.csv"
    assert bytes(file.data).decode("utf-8-sig").splitlines()[300] == "299,89401"
    assert "table-1.csv" in world.text()


async def test_code_steps_are_task_cards(world: World) -> None:
    answer = world.answer()
    await answer.code_started(0)
    await answer.code_finished(0, "# Load the file\nimport pandas", "")
    await type_out(answer, world, WORDS * 3)
    await answer.code_started(1)
    await world.slack.wait(lambda _: kinds(world.shown()[0]).count("task_card") == 2)
    await answer.finish(WORDS * 3, FOOTER)
    cards = [block for block in world.shown()[0]["blocks"] if block["type"] == "task_card"]
    assert [card["status"] for card in cards] == ["complete", "complete"]
    assert cards[0]["title"] == "Load the file"


async def test_a_person_of_another_company_is_streamed_to_in_his_own_team(world: World) -> None:
    world.slack.outsiders.add_stranger("U0PARTNER1", "pat", [SALES])
    await world.ask(user="U0PARTNER1")
    world.place = replace(world.place, asker_team="T0PARTNER1")
    answer = world.answer()
    await answer.text(WORDS * 2)
    [started] = await world.slack.wait(lambda slack: slack.called("chat.startStream"))
    assert (started.args["recipient_user_id"], started.args["recipient_team_id"]) == ("U0PARTNER1", "T0PARTNER1")
    await answer.finish(WORDS * 2, FOOTER)


@pytest.mark.parametrize("error", ["channel_type_not_supported", "feature_not_enabled", "missing_recipient_team_id"])
async def test_a_refused_stream_becomes_an_ordinary_post(world: World, error: str) -> None:
    world.slack.faults.slack_error("chat.startStream", error)
    answer = world.answer()
    await answer.text(WORDS * 2)
    await world.slack.wait(lambda slack: slack.called("chat.startStream"))
    await answer.finish(WORDS * 3, FOOTER)
    assert len(world.shown()) == 1
    assert world.text().count("Sales rose") == 3


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_connection_in_a_stream_doubles_nothing(world: World, method: str, when: When) -> None:
    world.slack.faults.reset(method, when=when)
    answer = world.answer()
    await answer.text(WORDS * 2)
    await world.slack.wait(lambda slack: slack.called("chat.startStream"))
    await answer.text(WORDS)
    await world.slack.wait(lambda slack: slack.called(method) or method == "chat.stopStream")
    await answer.finish(WORDS * 3, FOOTER)
    assert world.text().count("Sales rose") == 3
    assert parts(world) == ["answer"]


@pytest.mark.parametrize(
    "fault", ["message_not_in_streaming_state", "msg_too_long", "streaming_mode_mismatch", "internal_error"]
)
@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
async def test_whatever_a_stream_refuses_is_posted(world: World, method: str, fault: str) -> None:
    world.slack.faults.slack_error(method, fault, times=2)
    answer = world.answer()
    await type_out(answer, world, WORDS * 2)
    await answer.text(WORDS)
    await answer.finish(WORDS * 3, FOOTER)
    assert world.text().count("Sales rose") == 3
    assert parts(world).count("answer") == 1


async def test_no_budget_means_no_stream(world: World) -> None:
    answer = world.answer(budget=WorkspaceBudget(rates={"chat.startStream": Rate(0, 1)}))
    await answer.text(WORDS * 2)
    await asyncio.sleep(0.05)
    await answer.finish(WORDS * 2, FOOTER)
    assert not world.slack.called("chat.startStream")
    assert world.text().count("Sales rose") == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", ["reset", "http"])
async def test_an_unclear_post_is_looked_up_before_it_is_repeated(world: World, when: When, fault: str) -> None:
    if fault == "reset":
        world.slack.faults.reset("chat.postMessage", when=when)
    else:
        world.slack.faults.http_error("chat.postMessage", 503, when=when)
    await world.answer().finish("It is 12.", FOOTER)
    assert parts(world) == ["answer"]


@pytest.mark.thorough
async def test_rate_limits_are_waited_out(world: World) -> None:
    for method in ("chat.postMessage", "files.getUploadURLExternal", "files.completeUploadExternal"):
        world.slack.faults.rate_limit(method, retry_after=1)
    answer = world.answer()
    await answer.finish("It is 12.", FOOTER)
    await answer.attach([Deliverable("chart:0", "chart", "a.png", "A", "A bar chart", "image/png", PNG)])
    await world.slack.wait(lambda _: len(world.shown()) == 2)


@pytest.mark.parametrize("refusals", [1, 2, 3])
async def test_refused_blocks_fall_back_to_markdown_text_and_file(world: World, refusals: int) -> None:
    world.slack.faults.slack_error("chat.postMessage", "invalid_blocks", times=refusals)
    answer = world.answer()
    await answer.finish("It is **12**.", FOOTER)
    await world.slack.wait(lambda _: world.shown())
    [message] = world.shown()
    if refusals == 3:
        [file] = world.slack.files.values()
        assert b"It is **12**." in bytes(file.data)
    else:
        assert "12" in message["text"] + said(message)
    await world.answer(recovering=True).finish("It is **12**.", FOOTER)
    assert len(world.shown()) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [("not_in_channel", NotInChannel), ("restricted_action_read_only_channel", ThreadClosed)],
)
async def test_a_closed_thread_is_an_error_and_the_asker_is_told(
    world: World, error: str, kind: type[SlackError]
) -> None:
    world.slack.faults.slack_error("chat.postMessage", error, times=1)
    answer = world.answer()
    with pytest.raises(kind):
        await answer.finish("It is 12.", FOOTER)
    [told] = world.slack.messages(world.slack.direct(ANN))
    assert "cannot" in told["text"] or "does not let me" in told["text"]


NO_TABLE_LISTS = ["ekm_access_denied", "team_not_found", "account_inactive", "an_error_of_tomorrow"]


@pytest.mark.parametrize("error", NO_TABLE_LISTS)
async def test_s14_whatever_slack_says_the_asker_is_told_once(world: World, error: str) -> None:
    world.slack.faults.slack_error("chat.postMessage", error, where=lambda args: args["channel"] == SALES, times=99)
    with pytest.raises(SlackError):
        await world.answer().finish("It is 12.", FOOTER)
    with pytest.raises(SlackError):
        await world.answer(recovering=True).finish("It is 12.", FOOTER)
    [told] = world.slack.messages(world.slack.direct(ANN))
    assert f"({error})" in told["text"]


@pytest.mark.parametrize("direct", [False, True])
async def test_s14_who_takes_no_direct_message_is_told_in_the_thread(world: World, direct: bool) -> None:
    if direct:
        await world.ask(channel=world.slack.direct(ANN))
    world.slack.faults.slack_error("chat.postMessage", "ekm_access_denied", times=99)
    with pytest.raises(SlackError):
        await world.answer().finish("It is 12.", FOOTER)
    [shown] = world.slack.ephemerals
    assert (shown["user"], shown["thread_ts"]) == (ANN, world.place.thread)
    assert "ekm_access_denied" in shown["message"]["text"]


async def test_s14_when_nothing_can_be_said_the_log_says_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.slack.faults.slack_error("*", "team_not_found", times=99)
    with pytest.raises(SlackError):
        await world.answer().finish("It is 12.", FOOTER)
    [line] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert world.place.turn in line.getMessage()
    assert "team_not_found" in line.getMessage()


async def test_s14_a_channel_that_is_migrating_is_waited_for(world: World) -> None:
    world.slack.faults.slack_error("chat.postMessage", "external_channel_migrating", times=2)
    await world.answer().finish("It is 12.", FOOTER)
    assert parts(world) == ["answer"]


async def test_a_failure_is_one_sentence_with_try_again(world: World) -> None:
    await world.answer().fail(RunTooLong(minutes=10))
    [message] = world.shown()
    assert "longer than 10 minutes" in message["blocks"][0]["text"]["text"]
    assert [button["action_id"] for button in message["blocks"][1]["elements"]] == ["try_again"]


async def test_a_failure_in_mid_stream_stands_below_the_partial_answer(world: World) -> None:
    answer = world.answer()
    await type_out(answer, world, WORDS * 2)
    await answer.fail(AnalystError(), partial=WORDS * 2)
    [message] = world.shown()
    assert said(message).count("Sales rose") == 2
    assert kinds(message)[-2:] == ["section", "actions"]


async def test_unread_files_are_named_with_the_reason(world: World) -> None:
    footer = Footer(unread=[FileTooLarge(name="<!channel>.csv", size="2 GB", limit="100 MB")])
    await world.answer().finish("Done.", footer)
    small = world.shown()[0]["blocks"][1]["elements"][0]["text"]
    assert "&lt;!channel&gt;.csv" in small
    assert "100 MB" in small


async def test_stop_by_our_button_ends_the_stream(world: World) -> None:
    answer = world.answer()
    await type_out(answer, world, WORDS * 2)
    await answer.stopped("健二", partial=WORDS * 2)
    [message] = world.shown()
    assert "Stopped by 健二" in str(message["blocks"])


async def test_stop_at_slack_calls_back_and_ends_in_one_outcome(world: World) -> None:
    answer = world.answer()
    await type_out(answer, world, WORDS * 2)
    await world.slack.human.stop(SALES, world.place.thread)
    await answer.text(WORDS)
    await world.slack.wait(lambda slack: any(c.error == "stopped_by_user" for c in slack.called("chat.appendStream")))
    await asyncio.sleep(0)
    await answer.stopped("Ann", partial=WORDS * 3)
    assert world.stops == [world.place]
    assert world.text().count("Sales rose") == 3
    assert parts(world) == ["-", "answer"]


async def test_a_second_run_with_other_words_replaces_the_first(world: World) -> None:
    answer = world.answer()
    await type_out(answer, world, WORDS * 2)
    await answer.finish("Something else entirely.", FOOTER)
    assert [said(message) for message in world.shown()] == ["Something else entirely."]


async def test_pings_and_addresses_in_a_stream_are_inert(world: World) -> None:
    text = WORDS + "<!channel> <@U0ANN00001> [google.com](https://evil.example/?d=1) " + WORDS
    answer = world.answer()
    await type_out(answer, world, text, 1)
    await answer.finish(text, FOOTER)
    assert "<!" not in world.text()
    assert "<@" not in world.text()
    assert "(`https://evil.example/?d=1`)" in world.text()


async def test_charts_come_in_order_in_one_message_with_alt_text(world: World) -> None:
    charts = [
        Deliverable(f"chart:{n}", "chart", f"c{n}.png", f"Chart {n}", f"Bars {n}", "image/png", PNG) for n in range(3)
    ]
    table = Deliverable("file:0", "file", "clean.csv", "Clean data", "", "text/csv", InMemory(b"a,b\n1,2\n"))
    answer = world.answer()
    await answer.attach([*charts, table])
    await world.slack.wait(lambda _: world.shown())
    [message] = world.shown()
    assert [file["title"] for file in message["files"]] == ["Chart 0", "Chart 1", "Chart 2", "Clean data"]
    assert [file.alt for file in world.slack.files.values()][:3] == ["Bars 0", "Bars 1", "Bars 2"]
    await answer.attach([*charts, table])
    await world.answer(recovering=True).attach([*charts, table])
    assert len(world.slack.called("files.completeUploadExternal")) == 1


@pytest.mark.thorough
async def test_charts_are_brought_side_by_side_and_beside_the_text(world: World) -> None:
    charts = [Deliverable(f"chart:{n}", "chart", f"{n}.png", f"{n}", "Bars", "image/png", PNG) for n in range(3)]
    text = world.slack.faults.hold("chat.postMessage", when="before")
    uploads = world.slack.faults.hold("upload", when="before", times=3)
    answer = world.answer()
    await answer.prepare(charts)
    showing = asyncio.create_task(answer.finish("It is 12.", FOOTER))
    await world.slack.wait(lambda slack: text.reached.is_set() and len(slack.called("upload")) == 3)
    uploads.release()
    await world.slack.wait(lambda slack: all(file.state == "uploaded" for file in slack.files.values()))
    assert world.shown() == []
    text.release()
    await showing
    await answer.attach(charts)
    await world.slack.wait(lambda _: len(world.shown()) == 2)
    assert [file["title"] for file in world.shown()[1]["files"]] == ["0", "1", "2"]
    assert len(world.slack.called("files.completeUploadExternal")) == 1
    assert len(world.slack.called("files.getUploadURLExternal")) == 3


async def test_what_is_on_its_way_when_the_question_is_deleted_is_never_seen(world: World) -> None:
    world.slack.faults.hold("upload", when="before")
    answer = world.answer()
    await answer.prepare([CHART])
    await answer.finish("It is 12.", FOOTER)
    await answer.retract()
    await answer.close()
    assert world.shown() == []
    assert world.shared_files() == []


async def test_charts_that_cannot_be_had_are_described_in_one_message(world: World) -> None:
    world.slack.faults.slack_error("files.getUploadURLExternal", "file_uploads_disabled", times=2)
    charts = [Deliverable(f"chart:{n}", "chart", f"{n}.png", f"{n}", f"Bars {n}", "image/png", PNG) for n in range(3)]
    await world.answer().attach(charts)
    await world.slack.wait(lambda _: len(world.shown()) == 2)
    said, shared = world.shown()
    assert "Bars 0" in said["text"]
    assert "Bars 1" in said["text"]
    assert [file["title"] for file in shared["files"]] == ["2"]


async def test_a_huge_description_hides_no_other_chart_that_cannot_be_had(world: World) -> None:
    world.slack.faults.slack_error("files.getUploadURLExternal", "file_uploads_disabled", times=10)
    alt = "Bars & lines " * 100_000
    charts = [Deliverable(f"chart:{n}", "chart", f"c{n}.png", f"{n}", alt, "image/png", PNG) for n in range(10)]
    await world.answer().attach(charts)
    await world.slack.wait(lambda _: len(world.shown()) == 1)
    (said,) = world.shown()
    assert [f"c{n}.png" in str(block) for n, block in enumerate(said["blocks"])] == [True] * 10
    assert len(said["text"]) < 40_000


async def test_many_charts_keep_their_order(world: World) -> None:
    charts = [Deliverable(f"chart:{n}", "chart", f"{n}.png", f"{n}", "Bars", "image/png", PNG) for n in range(23)]
    await world.answer().attach(charts)
    await world.slack.wait(lambda _: len(world.shown()) == 3)
    assert [file["title"] for message in world.shown() for file in message["files"]] == [str(n) for n in range(23)]


@pytest.mark.one_in(4)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
async def test_a_chart_is_never_doubled(world: World, method: str, when: When) -> None:
    world.slack.faults.reset(method, when=when)
    chart = Deliverable("chart:0", "chart", "c.png", "Chart", "Bars", "image/png", PNG)
    await world.answer().attach([chart])
    await world.slack.wait(lambda _: world.shown())
    await world.answer(recovering=True).attach([chart])
    assert len(world.shown()) == 1
    assert len(world.shared_files()) == 1


CHART = Deliverable("chart:0", "chart", "c.png", "C", "Bars by region", "image/png", PNG)


async def test_s12_a_chart_that_slack_takes_and_does_not_show_is_shared_again(world: World) -> None:
    world.slack.faults.upload_unshared()
    await world.answer().attach([CHART])
    await world.slack.wait(lambda _: world.shown())
    assert [file["title"] for message in world.shown() for file in message["files"]] == ["C"]
    assert len(world.shared_files()) == 1
    await world.answer(recovering=True).attach([CHART])
    assert len(world.slack.called("files.completeUploadExternal")) == 2


async def test_s12_a_chart_that_comes_late_is_shared_once(world: World) -> None:
    world.slack.faults.upload_unshared(later=0.15)
    await world.answer().attach([CHART])
    await world.slack.wait(lambda _: world.shown())
    assert len(world.slack.called("files.completeUploadExternal")) == 1
    assert len(world.shown()) == 1


@pytest.mark.thorough
async def test_s12_a_chart_that_is_never_shown_is_described(world: World) -> None:
    world.slack.faults.upload_unshared(times=2)
    await world.answer().attach([CHART])
    [message] = world.shown()
    assert "Slack did not take *c.png* (upload_failed).\nIt shows: Bars by region" in message["text"]
    await world.answer(recovering=True).attach([CHART])
    assert len(world.shown()) == 1


async def test_s12_while_slack_does_not_tell_nothing_is_shared_twice(world: World) -> None:
    world.slack.faults.slack_error("files.info", "no_such_error_is_known", times=9)
    await world.answer().attach([CHART])
    await world.slack.wait(lambda _: world.shown())
    assert len(world.slack.called("files.completeUploadExternal")) == 1


async def test_a_refused_chart_is_described(world: World) -> None:
    world.slack.faults.slack_error("files.getUploadURLExternal", "file_uploads_disabled")
    await world.answer().attach([Deliverable("chart:0", "chart", "c.png", "C", "Bars by region", "image/png", PNG)])
    assert "Bars by region" in str(world.shown()[0]["blocks"])


async def test_the_status_is_shown_repeated_and_cleared(world: World) -> None:
    answer = world.answer(pace=replace(FAST, refresh_seconds=0.05))
    await answer.status(Activity.READING, file="sales.csv")
    await world.slack.wait(lambda slack: len(slack.called("assistant.threads.setStatus")) >= 3)
    assert world.slack.status(SALES, world.place.thread) == "is reading sales.csv…"
    await answer.close()
    assert world.slack.status(SALES, world.place.thread) == ""


async def test_a_status_that_is_late_at_slack_does_not_stay(world: World) -> None:
    held = world.slack.faults.hold("assistant.threads.setStatus", when="before")
    answer = world.answer()
    await answer.status(Activity.READING, file="sales.csv")
    await asyncio.wait_for(held.reached.wait(), 5)
    finishing = asyncio.create_task(answer.finish("It is 12.", FOOTER))
    await world.slack.wait(lambda slack: slack.called("chat.postMessage"))
    closing = asyncio.create_task(answer.close())
    await asyncio.wait([finishing, closing], timeout=0.3)
    held.release()
    await asyncio.gather(finishing, closing)
    await world.slack.wait(lambda slack: slack.called("assistant.threads.setStatus")[0].processed)
    assert world.slack.status(SALES, world.place.thread) == ""


async def test_a_status_that_comes_while_a_post_is_noted_does_not_stay(world: World) -> None:
    answer = world.answer()
    noted = world.journal.note

    async def note(part: str, ref: str, state: Literal["open", "posted"]) -> None:
        """While it is written, a whole line is sent."""
        if part.startswith("stream:") and state == "open":
            await answer.status(Activity.READING, file="sales.csv")
            await world.slack.wait(lambda slack: "reading" in slack.status(SALES, world.place.thread))
            await answer._status._idle.wait()
        await noted(part, ref, state)

    world.journal.note = note  # type: ignore[method-assign]
    await answer.text(WORDS * 2)
    await world.slack.wait(lambda slack: slack.called("chat.startStream"))
    await answer.finish(WORDS * 2, FOOTER)
    await answer.close()
    assert world.slack.status(SALES, world.place.thread) == ""


async def test_a_failing_status_does_not_touch_the_answer(world: World) -> None:
    world.slack.faults.slack_error("assistant.threads.setStatus", "channel_not_found", times=9)
    answer = world.answer()
    await answer.status(Activity.THINKING)
    await answer.finish("It is 12.", FOOTER)
    assert parts(world) == ["answer"]


async def test_a_direct_message_has_an_agent_session_with_its_own_stop(world: World) -> None:
    await world.ask(channel=world.slack.direct(ANN))
    answer = world.answer(pace=replace(FAST, control_seconds=0.01))
    await answer.status(Activity.THINKING)
    await world.slack.wait(lambda slack: slack.called("assistant.threads.setStatus"))
    await answer.finish("It is 12.", FOOTER)
    assert [c.args["status"] for c in world.slack.called("agents.sessions.setStatus")] == ["processing", "active"]
    assert parts(world) == ["answer"]


async def test_a_long_silent_run_gets_a_stop_button_that_goes_again(world: World) -> None:
    answer = world.answer(pace=replace(FAST, control_seconds=0.01))
    await answer.status(Activity.THINKING)
    await world.slack.wait(lambda _: parts(world) == ["control"])
    assert "stop_run" in str(world.shown()[0]["blocks"])
    await answer.finish("It is 12.", FOOTER)
    assert parts(world) == ["answer"]


async def test_notices_are_posted_once_in_the_askers_language(world: World) -> None:
    await world.ask(locale="ja-JP", user=KENJI)
    notice = Notice(NoticeKind.MUTED)
    await world.replies().notice(world.place, notice, world.journal)
    await world.replies().notice(world.place, notice, world.journal)
    [message] = world.shown()
    assert "unmute" in message["text"]
    assert not message["text"].isascii()


async def test_retract_leaves_nothing(world: World) -> None:
    answer = world.answer()
    await type_out(answer, world, WORDS * 2)
    await answer.attach([Deliverable("chart:0", "chart", "c.png", "C", "Bars", "image/png", PNG)])
    await world.slack.wait(lambda _: len(world.shown()) == 2)
    await answer.retract()
    assert world.shown() == []


async def test_an_empty_answer_says_something(world: World) -> None:
    await world.answer().finish("", FOOTER)
    assert "Here is the result." in str(world.shown()[0]["blocks"])


async def test_the_first_sign_is_on_its_way_at_once(world: World, slack: LocalSlack) -> None:
    await world.replies().first_sign(world.place, Activity.QUEUED)
    await slack.wait(lambda s: "waiting" in s.status(SALES, world.place.thread))


async def test_the_first_sign_waits_until_it_has_left_and_no_longer(world: World, slack: LocalSlack) -> None:
    held = slack.faults.hold("assistant.threads.setStatus", when="before")
    async with asyncio.timeout(10):
        await world.replies().first_sign(world.place, Activity.QUEUED)
        await held.reached.wait()
    assert not slack.status(SALES, world.place.thread)
    held.release()
    await slack.wait(lambda s: "waiting" in s.status(SALES, world.place.thread))


async def test_the_title_follows_the_first_sign(world: World, slack: LocalSlack) -> None:
    held = slack.faults.hold("assistant.threads.setStatus", when="before")
    await world.replies().first_sign(world.place, Activity.QUEUED, "How many?")
    await held.reached.wait()
    titles = ("agents.sessions.rename", "assistant.threads.setTitle")
    with pytest.raises(TimeoutError):
        await slack.wait(lambda s: any(map(s.called, titles)), 0.3)
    held.release()
    await slack.wait(lambda s: any(map(s.called, titles)))


async def test_what_ends_ends_its_first_signs(world: World, slack: LocalSlack) -> None:
    replies = world.replies()
    signing = asyncio.create_task(replies.first_sign(world.place, Activity.QUEUED))
    await asyncio.sleep(0)  # the sign is a task now, and has not begun
    await replies.close()
    async with asyncio.timeout(10):
        await signing
    with pytest.raises(TimeoutError):
        await slack.wait(lambda s: s.called("assistant.threads.setStatus"), 0.3)


async def test_a_first_sign_that_cannot_leave_keeps_nobody(world: World, slack: LocalSlack) -> None:
    await slack.stop()
    async with asyncio.timeout(10):
        await world.replies().first_sign(world.place, Activity.QUEUED)
