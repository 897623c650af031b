"""Manners: what is said beside answers, to whom, and when the bot keeps quiet."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from playground.azure.model.scripted import ScriptedInterpreter, ScriptedModel
from playground.slack.server.server import LocalSlack
from tests.support.world import ANN, BOB, KENJI, MENTION, World, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

CSV = b"region,revenue\nEast,10\nWest,20\n"
HOUR = 3600.0


class Room(World):
    """A world whose runs wait at gates."""

    model: ScriptedModel
    gates = count(1)

    def new_gate(self) -> str:
        return f"gate{next(self.gates)}"

    async def running(self, gate: str) -> None:
        """Wait until a run waits at a gate."""
        await self.model.reached(gate)

    def open(self, gate: str) -> None:
        self.model.gate(gate).set()

    def asked(self) -> list[str]:
        """What the model was asked, context included, newest last."""
        return ["\n".join(request.user_parts) for request in self.model.requests]

    async def answered(self, channel: str, thread: str, turns: int = 1) -> str:
        return "\n".join(map(words_of, await self.outcomes(channel, thread, turns)))

    async def acked(self, ts: str) -> None:
        """Wait until a message has been accepted."""
        await self.slack.wait(
            lambda slack: [
                envelope
                for envelope in slack.envelopes
                if envelope.payload.get("event", {}).get("ts") == ts and envelope.acked
            ]
        )

    async def keeps_quiet(self, channel: str, thread: str, ts: str) -> bool:
        """Whether a message, accepted before another question that is answered by now, made no turn."""
        await self.acked(ts)
        before = len(self.slack.bot_messages(channel, thread))
        await self.answer("[[say done]]", channel=self.slack.direct(BOB), user=BOB)
        return len(self.slack.bot_messages(channel, thread)) == before


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    model = ScriptedModel()
    made = Room(tmp_path_factory.mktemp("bot"), model, ScriptedInterpreter())
    made.model = model
    async with made:
        await made.run_bot()
        yield made


# ── alive ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_first_status_comes_within_100_ms_of_the_event(room: Room) -> None:
    """The quickest of five: other tests share the machine."""
    channel, waits = room.new_channel(), []
    for _ in range(5):
        ts = await room.ask("[[say done]]", channel=channel)
        await room.outcomes(channel, ts)
        sent = min(
            envelope.attempts[0].sent
            for envelope in room.slack.envelopes
            if envelope.payload.get("event", {}).get("ts") == ts
        )
        first = next(c for c in room.slack.called("assistant.threads.setStatus") if c.args["thread_ts"] == ts)
        assert first.args["status"] == "is thinking…"
        waits.append(first.time - sent)
    assert min(waits) < 0.1


async def test_a_queued_question_says_so_and_the_line_goes_at_the_end(room: Room) -> None:
    channel, gate = room.new_channel(), room.new_gate()
    ts = await room.ask(f"[[wait {gate}]]", channel=channel)
    await room.running(gate)
    await room.ask("[[say second]]", channel=channel, thread=ts)
    await room.slack.wait(lambda slack: "waiting for its turn" in slack.status(channel, ts))
    room.open(gate)
    await room.answered(channel, ts, 2)
    assert room.slack.status(channel, ts) == ""


async def test_charts_on_their_way_have_a_status_and_it_is_cleared(room: Room) -> None:
    channel = room.new_channel()
    ts = await room.ask("[[say Here]] [[chart a.png]]", channel=channel)
    await room.outcomes(channel, ts, files=1)
    calls = [c for c in room.slack.calls if c.args.get("thread_ts") == ts or c.args.get("channel") == channel]
    done = next(i for i, c in enumerate(calls) if c.method == "files.completeUploadExternal" or "files" in c.args)
    shown = [c.args["status"] for c in calls[:done] if c.method == "assistant.threads.setStatus"]
    assert shown[-1] == "is drawing a chart…"


@pytest.mark.parametrize("text", ["", f"{MENTION}"])
async def test_help_in_a_direct_message_leaves_no_open_session(room: Room, text: str) -> None:
    direct = room.slack.direct(KENJI)
    ts = await room.slack.human.post(direct, text or "ヘルプ", user=KENJI)
    await room.answered(direct, ts)

    def states(slack: LocalSlack) -> list[str]:
        return [c.args["status"] for c in slack.called("agents.sessions.setStatus") if c.args["thread_ts"] == ts]

    if text:
        await room.slack.wait(lambda slack: states(slack)[-1:] == ["active"])
    else:
        assert states(room.slack) == []


async def test_a_refused_question_leaves_the_running_ones_session_alone(room: Room) -> None:
    direct, gate = room.slack.direct(KENJI), room.new_gate()
    ts = await room.slack.human.post(direct, f"[[wait {gate}]]", user=KENJI)
    await room.running(gate)
    for number in range(19):
        await room.acked(await room.slack.human.post(direct, f"[[say {number}]]", user=KENJI, thread=ts))
    await room.slack.human.post(direct, "[[say too many]]", user=KENJI, thread=ts)
    await room.says(direct, ts, "20")

    def states(slack: LocalSlack) -> list[str]:
        return [c.args["status"] for c in slack.called("agents.sessions.setStatus") if c.args["thread_ts"] == ts]

    assert "active" not in states(room.slack)
    await room.slack.human.post(direct, "stop", user=KENJI, thread=ts)  # taken however long the line is
    await room.says(direct, ts, "停止")
    room.open(gate)
    await room.slack.wait(lambda slack: states(slack)[-1:] == ["active"], 30)
    assert f"[[wait {gate}]]" in room.asked()[-1], "stop ends those that wait, too"


# ── words to the bot ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_muted_thread_answers_mentions_only_and_is_unmuted_again(room: Room) -> None:
    channel = room.new_channel()
    ts = await room.ask("[[say one]]", channel=channel)
    await room.answered(channel, ts)
    await room.ask("mute", channel=channel, thread=ts, user=BOB)
    assert "I am quiet in this thread now" in await room.answered(channel, ts, 2)
    assert await room.keeps_quiet(channel, ts, await room.slack.human.post(channel, "and now?", thread=ts))
    await room.slack.human.post(channel, "", thread=ts, files=[("quiet.csv", CSV)])
    await room.ask("[[say just this]]", channel=channel, thread=ts)
    assert "just this" in await room.answered(channel, ts, 3)
    assert "quiet.csv" in room.asked()[-1]
    assert await room.keeps_quiet(channel, ts, await room.slack.human.post(channel, "and this?", thread=ts))
    await room.ask("unmute", channel=channel, thread=ts)
    assert "I answer in this thread again" in await room.answered(channel, ts, 4)
    await room.slack.human.post(channel, "[[say back]]", thread=ts)
    assert "back" in await room.answered(channel, ts, 5)


async def test_a_direct_message_can_be_muted_too(room: Room) -> None:
    direct = room.slack.direct(ANN)
    ts = await room.slack.human.post(direct, "[[say one]]")
    await room.answered(direct, ts)
    await room.slack.human.post(direct, "mute", thread=ts)
    await room.answered(direct, ts, 2)
    assert await room.keeps_quiet(direct, ts, await room.slack.human.post(direct, "hm, let me see", thread=ts))
    await room.slack.human.post(direct, "unmute", thread=ts)
    assert "I answer in this thread again" in await room.answered(direct, ts, 3)


async def test_forget_is_for_who_began_it_and_for_admins(room: Room) -> None:
    channel = room.new_channel()
    ts = await room.ask("[[say one]]", channel=channel, user=KENJI, files=[("data.csv", CSV)])
    await room.answered(channel, ts)
    await room.ask("[[say two]]", channel=channel, thread=ts, user=BOB)
    await room.answered(channel, ts, 2)
    await room.ask("forget", channel=channel, thread=ts, user=BOB)
    assert "Only 健二, who began this conversation" in await room.answered(channel, ts, 3)
    await room.ask("[[code]] [[history]]", channel=channel, thread=ts, user=KENJI)
    assert "[[say one]]" in await room.answered(channel, ts, 4)
    await room.ask("忘れて", channel=channel, thread=ts, user=KENJI)
    await room.answered(channel, ts, 5)
    held = len(room.slack.bot_messages(channel, ts))
    await room.ask("[[code]] [[history]]", channel=channel, thread=ts, user=KENJI)
    await room.answered(channel, ts, 6)
    assert "[[say one]]" not in "".join(map(words_of, room.slack.bot_messages(channel, ts)[held:]))
    await room.ask("forget", channel=channel, thread=ts, user=ANN)
    assert "I have forgotten this conversation" in await room.answered(channel, ts, 7)


async def test_help_is_two_lines(room: Room) -> None:
    channel = room.new_channel()
    ts = await room.ask("help", channel=channel)
    assert "Share a data file" in await room.answered(channel, ts)


async def test_stop_beside_the_threads_of_a_direct_message_stops_them(room: Room) -> None:
    direct, gate = room.slack.direct(ANN), room.new_gate()
    ts = await room.slack.human.post(direct, f"[[wait {gate}]]")
    await room.running(gate)
    word = await room.slack.human.post(direct, "stop")
    assert "Stopped by Ann" in await room.answered(direct, word)
    assert "Stopped by Ann" in await room.answered(direct, ts)
    room.open(gate)


# ── a bare mention ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_bare_mention_with_a_file_describes_it(room: Room) -> None:
    channel = room.new_channel()
    ts = await room.ask("", channel=channel, files=[("data.csv", CSV)])
    assert "You asked: Describe this data" in await room.answered(channel, ts)


async def test_a_bare_mention_answers_the_last_thing_said(room: Room) -> None:
    channel = room.new_channel()
    await room.slack.human.post(channel, "", user=BOB, files=[("may.csv", CSV)])
    root = await room.slack.human.post(channel, "What is the total of may.csv?", user=BOB)
    await room.ask("", channel=channel, thread=root)
    assert "You asked: What is the total of may.csv?" in await room.answered(channel, root)
    assert "original name: may.csv" in room.asked()[-1]


async def test_a_bare_mention_without_anything_is_help(room: Room) -> None:
    channel = room.new_channel()
    ts = await room.ask("", channel=channel)
    assert "Share a data file" in await room.answered(channel, ts)


# ── files without words ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_without_words_is_added_and_confirmed(room: Room) -> None:
    """Whatever else was said in the thread: only the file is taken note of."""
    channel = room.new_channel()
    ts = await room.ask("[[say one]]", channel=channel)
    await room.answered(channel, ts)
    aside = await room.slack.human.post(channel, "what a day, is it not?", thread=ts, user=KENJI)
    assert await room.keeps_quiet(channel, ts, aside)
    asked = len(room.asked())
    await room.slack.human.post(channel, "", thread=ts, files=[("more.csv", CSV), ("empty.csv", b"")])
    said = await room.answered(channel, ts, 2)
    assert "I have added more.csv." in said
    assert "*empty.csv* is empty" in said
    assert len(room.asked()) == asked
    await room.slack.human.post(channel, "total?", thread=ts)
    await room.answered(channel, ts, 3)
    assert "original name: more.csv" in room.asked()[-1]


async def test_a_file_in_a_direct_message_is_added_and_confirmed(room: Room) -> None:
    direct = room.slack.direct(KENJI)
    ts = await room.slack.human.post(direct, "", user=KENJI, files=[("売上.csv", CSV)])
    assert "売上.csv" in await room.answered(direct, ts)
    await room.slack.wait(lambda slack: slack.status(direct, ts) == "")


async def test_a_file_that_comes_during_a_run_joins_the_next_question(room: Room) -> None:
    channel, gate = room.new_channel(), room.new_gate()
    ts = await room.ask(f"[[wait {gate}]]", channel=channel)
    await room.running(gate)
    await room.acked(await room.slack.human.post(channel, "", thread=ts, files=[("late.csv", CSV)]))
    room.open(gate)
    said = await room.answered(channel, ts, 2)
    assert "late.csv came while I was working; it is part of the next question." in said
    await room.slack.human.post(channel, "and with that?", thread=ts)
    await room.answered(channel, ts, 3)
    assert "original name: late.csv" in room.asked()[-1]


async def test_under_a_file_card_only_mentions_are_answered(room: Room) -> None:
    channel = room.new_channel()
    ts = await room.slack.human.post(channel, "", files=[("data.csv", CSV)])
    await room.says(channel, ts, "mention me in this thread")
    assert await room.keeps_quiet(channel, ts, await room.slack.human.post(channel, "nice numbers?", thread=ts))
    await room.ask("[[say hello]]", channel=channel, thread=ts, user=BOB)
    assert "hello" in await room.answered(channel, ts)


# ── second thoughts ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_edit_that_adds_the_mention_asks_whenever_it_comes(room: Room) -> None:
    channel = room.new_channel()
    long_ago = f"{time.time() - HOUR:.6f}"
    ts = await room.slack.human.post(channel, "[[say better late]]", ts=long_ago)
    await room.slack.human.edit(channel, ts, f"{MENTION} [[say better late]]")
    assert "better late" in await room.answered(channel, ts)


async def test_the_same_again_while_it_is_open_gets_a_reaction(room: Room) -> None:
    channel, gate = room.new_channel(), room.new_gate()
    ts = await room.ask(f"[[wait {gate}]] [[say once]]", channel=channel)
    await room.running(gate)
    again = await room.ask(f"[[wait {gate}]] [[say once]]", channel=channel, thread=ts)
    await room.slack.wait(lambda slack: (slack.message(channel, again) or {}).get("reactions"))
    room.open(gate)
    assert len(await room.outcomes(channel, ts)) == 1


# ── places that close ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("closed", "why"), [("archived", "is archived"), ("kicked", "/invite")])
async def test_who_asked_is_told_when_the_place_is_closed_meanwhile(room: Room, closed: str, why: str) -> None:
    channel, gate = room.new_channel(), room.new_gate()
    await room.ask(f"[[wait {gate}]]", channel=channel, user=BOB)
    await room.running(gate)
    if closed == "archived":
        await room.slack.human.archive(channel)
    else:
        await room.slack.human.kick(channel)
    room.open(gate)
    direct = room.slack.direct(BOB)
    await room.slack.wait(lambda slack: any(why in words_of(message) for message in slack.messages(direct)), 30)


async def test_nothing_is_unfurled(room: Room) -> None:
    """This one, and every post of all that was said above."""
    await room.answer("[[say see https://example.com/report]]", channel=room.new_channel())
    posts = room.slack.called("chat.postMessage")
    assert posts
    assert {(c.args.get("unfurl_links"), c.args.get("unfurl_media")) for c in posts} == {(False, False)}
