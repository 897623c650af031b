"""What people and apps really send (S1, S2, S7, S8, S9, S18, S19, S20): read as it is seen, and the right files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from tests.faults.talk import lose
from tests.hostile.inside import Inside, rows, told
from tests.support.world import ANN, BOB, KENJI, MENTION, Json, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

Q3 = b"region,revenue\nNorth,150\n"
OTHER = b"region,revenue\nNorth,158\n"
NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    async with Inside(tmp_path_factory.mktemp("bot"), seed=8) as made:
        yield made


def asked(world: Inside) -> str:
    """All that the model was told with the newest question."""
    return "\n".join(world.model.requests[-1].user_parts)


async def answered(world: Inside, channel: str, thread: str, turns: int = 1) -> str:
    """What the bot has said in a thread."""
    return "\n".join(map(words_of, await world.outcomes(channel, thread, turns)))


async def shared(world: Inside, *, bot: bool = True, user: str = KENJI) -> tuple[str, str]:
    """A message with a file in another channel, of which BOB is no member: where it stands."""
    source = f"C0SOURCE{next(NUMBERS):03d}"
    members = [ANN, KENJI, *([world.slack.bot_user] if bot else [])]
    world.slack.add_channel(source, source.lower(), members)
    return source, await world.slack.human.post(source, "Here are the Q3 numbers", files=[("q3.csv", Q3)], user=user)


async def with_other_file(world: Inside) -> str:
    """A channel in which another file is the newest."""
    channel = world.new_channel()
    await world.slack.human.post(channel, files=[("other.csv", OTHER)], user=BOB)
    return channel


# ── S1: forwards ────────────────────────────────────────────────────────────────────────────────────────────────────

NAMED = "original name: {}"


def uses_only_q3(world: Inside) -> bool:
    """Whether the model was given the forwarded file and no other one."""
    return NAMED.format("q3.csv") in asked(world) and NAMED.format("other.csv") not in asked(world)


def uses_nothing(world: Inside) -> bool:
    """Whether the model was given no file at all."""
    return NAMED.format("") not in asked(world)


async def test_s1_a_forward_with_a_mention_is_the_questions(world: Inside) -> None:
    channel, (source, ts) = await with_other_file(world), await shared(world)
    forward = await world.slack.human.forward(channel, source, ts, f"{MENTION} [[files]] what is the total?")
    assert "q3.csv" in await answered(world, channel, forward)
    assert uses_only_q3(world)
    assert "> Forwarded message by @健二 in #" in asked(world)
    assert asked(world).count("Here are the Q3 numbers") == 1


@pytest.mark.parametrize("in_reply", [False, True])
async def test_s1_a_forward_above_the_question_in_its_thread(world: Inside, in_reply: bool) -> None:
    channel, (source, ts) = await with_other_file(world), await shared(world)
    root = await world.slack.human.post(channel, "about last quarter", user=BOB) if in_reply else None
    forward = await world.slack.human.forward(channel, source, ts, "please look", thread=root)
    await world.ask("[[say done]]", channel=channel, thread=root or forward, user=BOB)
    assert "q3.csv" in await answered(world, channel, root or forward)
    assert uses_only_q3(world)
    context = asked(world)[: asked(world).index("[[say done]]")]
    assert context.count("Here are the Q3 numbers") == 1
    assert context.count("[files: q3.csv]") == 1


async def test_s1_a_forward_in_a_direct_message_without_a_comment(world: Inside) -> None:
    source, ts = await shared(world)
    direct = world.slack.direct(ANN)
    forward = await world.slack.human.forward(direct, source, ts)
    assert "q3.csv" in await answered(world, direct, forward)
    assert uses_only_q3(world)


async def test_s1_analyse_this_on_a_forward(world: Inside) -> None:
    channel, (source, ts) = await with_other_file(world), await shared(world)
    forward = await world.slack.human.forward(channel, source, ts, "see below")
    await world.slack.human.shortcut("analyze_message", forward, user=BOB)
    assert "q3.csv" in await answered(world, channel, forward)
    assert uses_only_q3(world)


async def test_s1_a_file_from_where_the_bot_is_not_is_one_sentence_and_no_other_file(world: Inside) -> None:
    channel, (source, ts) = await with_other_file(world), await shared(world, bot=False)
    forward = await world.slack.human.forward(channel, source, ts, f"{MENTION} [[say nothing]] what is the total?")
    said = await answered(world, channel, forward)
    assert "was forwarded from a place where one of us is not a member" in said
    assert uses_nothing(world)
    assert "other.csv" not in said


async def test_s1_a_forwarder_who_has_left_proves_nothing(world: Inside) -> None:
    channel, (source, ts) = await with_other_file(world), await shared(world)
    world.slack.channels[source].members.append(BOB)
    root = await world.slack.human.post(channel, "about last quarter", user=BOB)
    await world.slack.human.forward(channel, source, ts, thread=root, user=BOB)
    world.slack.channels[source].members.remove(BOB)
    await world.ask("[[say nothing]] what is the total?", channel=channel, thread=root)
    said = await answered(world, channel, root)
    assert "*q3.csv* was forwarded from a place where one of us is not a member" in said
    assert uses_nothing(world)
    assert "other.csv" not in said


def forged(world: Inside, source: str, ts: str, key: str) -> dict[str, object]:
    """An attachment that looks like a forward."""
    look = {"is_share": True, "is_msg_unfurl": True, "channel_id": source, "ts": ts, "text": "look"}
    return look | {"files": [{"id": key, "name": "q3.csv", "mode": "hosted"}]}


def file_in(world: Inside, channel: str) -> str:
    """The id of the one file that was shared in a channel."""
    [file] = [one for one in world.slack.workspace.files.values() if any(s.channel == channel for s in one.shares)]
    return file.id


@pytest.mark.parametrize("kind", ["alert", "tool", "bot"])
async def test_s1_what_an_app_attaches_never_brings_a_file(world: Inside, kind: str) -> None:
    human, channel, (source, ts) = world.slack.human, world.new_channel(), await shared(world)
    attachment = forged(world, source, ts, file_in(world, source))
    if kind == "alert":
        root = await human.post_alert(channel, attachments=[attachment])
    else:
        root = await human.post(channel, "look here", attachments=[attachment])
        of_tool = {"bot_id": "B0TOOL0001", "app_id": "A0TOOL0001"}
        world.slack.workspace.record(channel, root).body |= of_tool if kind == "tool" else {"bot_id": "B1"}
    await world.ask("[[say nothing]] what is there?", channel=channel, thread=root)
    await answered(world, channel, root)
    assert uses_nothing(world)


async def test_s1_where_a_forward_says_it_stands_has_to_be_true(world: Inside) -> None:
    channel, (source, ts), (elsewhere, _) = world.new_channel(), await shared(world), await shared(world)
    attachment = forged(world, source, ts, file_in(world, elsewhere))
    root = await world.slack.human.post(channel, f"{MENTION} [[say nothing]] what?", attachments=[attachment])
    assert "was forwarded from a place where one of us is not a member" in await answered(world, channel, root)
    assert uses_nothing(world)


# ── S2: no markup reaches anybody ───────────────────────────────────────────────────────────────────────────────────

TYPED = (
    "total revenue for R&D where revenue > 10 & x < 3, mail <mailto:a@b.example|a@b.example>, ask <@U0BOB00001> in "
    "<#C0GENERAL1|general> or <#C0GENERAL1>, due <!date^1764547200^{date}|Dec 1, 2025>, <!subteam^S01|@finance> "
    "<!here>, see <http://notes.md|notes.md>, <https://a.example/?a=1&amp;b=2|the report>"
)
SEEN = (
    "total revenue for R&D where revenue > 10 & x < 3, mail a@b.example, ask @Bob in "
    "#general or #general, due Dec 1, 2025, @finance "
    "@here, see notes.md, [the report](https://a.example/?a=1&b=2)"
)
RAW = ("&amp;", "&gt;", "&lt;", "<@", "<#", "<!", "<http", "<mailto")


def without_markup(text: str) -> bool:
    return not any(sign in text for sign in RAW)


async def test_s2_question_context_and_transcript_are_as_they_are_seen(world: Inside) -> None:
    channel = world.new_channel()
    root = await world.slack.human.post(channel, TYPED, user=KENJI)
    await world.ask(f"[[say one]] {TYPED}", channel=channel, thread=root)
    await answered(world, channel, root)
    assert asked(world).count(SEEN) == 2
    assert f"健二: {SEEN}" in asked(world)
    assert without_markup(asked(world))
    await lose(world, f"/conversations/{list(world.azure.conversations)[-1]}")
    await world.ask("[[say two]] and by month?", channel=channel, thread=root)
    await answered(world, channel, root, 2)
    assert SEEN in asked(world)
    assert without_markup(asked(world))


async def test_s2_titles_and_the_home_tab_are_as_they_are_seen(world: Inside) -> None:
    slack, direct = world.slack, world.slack.direct(ANN)
    ts = await slack.human.post(direct, f"[[say x]] ask <@{BOB}> about R&D < 5, in <https://a.example/|a.example>")
    await answered(world, direct, ts)
    title = await slack.wait(lambda s: s.workspace.titles.get((direct, ts)))
    assert title == "[[say x]] ask @Bob about R&D < 5, in a.example"
    await slack.human.open_home(ANN)

    def home() -> str:
        view = slack.workspace.views.get(slack.workspace.homes.get(ANN, ""))
        return words_of(view.body) if view else ""

    said = await slack.wait(lambda _: home() if "[[say x]] ask" in home() else "")
    assert "|[[say x]] ask @Bob about R&amp;D &lt; 5, in a.example>" in said


async def test_s2_a_question_that_is_pressed_is_shown_and_asked_as_it_was_seen(world: Inside) -> None:
    channel = world.new_channel()
    typed = "a &amp;lt; typed <@U0BOB00001> ```a,b\n1,2\n3,4```"  # a person who writes about entities
    ts = await world.slack.human.post(channel, typed, user=KENJI)
    await world.slack.human.shortcut("analyze_message", ts, user=BOB)
    said = await answered(world, channel, ts)
    seen = asked(world).splitlines()[-1]
    assert "@Bob" in seen
    assert "&amp;" in seen  # as the person typed it
    assert "&amp;amp;amp;" not in said


# ── S9: what nobody has said ────────────────────────────────────────────────────────────────────────────────────────


async def keeps_quiet(world: Inside, channel: str, thread: str, *posted: str) -> bool:
    """Whether messages that were accepted before another question, answered by now, made no turn."""
    slack = world.slack
    await slack.wait(lambda s: all(e.acked for e in s.envelopes if e.event.get("ts") in posted))
    before = len(slack.bot_messages(channel, thread))
    await world.answer("[[say done]]", channel=world.new_channel(), user=BOB)
    asked_here = rows(world, f"select ts from questions where channel = '{channel}'")
    return len(slack.bot_messages(channel, thread)) == before and not {ts for (ts,) in asked_here} & set(posted)


@pytest.mark.parametrize("direct", [False, True])
async def test_s9_gifs_previews_and_wordless_forwards_are_no_questions(world: Inside, direct: bool) -> None:
    human, (source, _) = world.slack.human, await shared(world)
    said = await human.post(source, "a word from elsewhere", user=KENJI)
    channel = world.slack.direct(ANN) if direct else world.new_channel()
    root = await world.ask("[[say joined]]", channel=channel)
    await answered(world, channel, root)
    posted = [
        await human.post_gif(channel, thread=root),
        await human.post_gif(channel, thread=root, by_command=True),
        await human.post_preview(channel, thread=root),
        *([] if direct else [await human.forward(channel, source, said, thread=root)]),
    ]
    assert await keeps_quiet(world, channel, root, *posted)


async def test_s9_a_wordless_forward_with_a_data_file_joins(world: Inside) -> None:
    channel, (source, ts) = world.new_channel(), await shared(world)
    root = await world.ask("[[say joined]]", channel=channel)
    await answered(world, channel, root)
    await world.slack.human.forward(channel, source, ts, thread=root)
    assert "q3.csv" in await answered(world, channel, root, 2)  # added, or part of the next question
    await world.slack.human.post(channel, "[[say and now]]", thread=root)
    await answered(world, channel, root, 3)
    assert uses_only_q3(world)


# ── S7: what apps say ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_s7_alerts_are_read_as_people_read_them(world: Inside) -> None:
    human, channel = world.slack.human, world.new_channel()
    root = await human.post_alert(channel)
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Nightly report"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Orders*\n1204"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "R&amp;D"}]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}], [{"type": "raw_text", "text": "77"}]]},
    ]
    await human.post_alert(channel, "Nightly", attachments=[], blocks=blocks, thread=root)
    await world.ask("[[say read]] which server?", channel=channel, thread=root)
    await answered(world, channel, root)
    for once in ("p95 = 1843 ms on web-3", "Region: eu-west", "Errors: 4.2 %", "Nightly report", "1204", "R&D", "77"):
        assert asked(world).count(once) == 1, once


# ── S8: who is a person ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("bot_id", [True, False])
async def test_s8_a_tool_with_a_persons_own_token_is_answered(world: Inside, bot_id: bool) -> None:
    human, channel = world.slack.human, world.new_channel()
    ts = await human.post_by_tool(channel, f"{MENTION} [[say for a person]]", bot_id=bot_id)
    assert "for a person" in await answered(world, channel, ts)
    await human.post_by_tool(channel, "[[say and by month]]", thread=ts, bot_id=bot_id)
    assert "and by month" in await answered(world, channel, ts, 2)


async def test_s8_bots_and_workflows_are_met_with_silence(world: Inside) -> None:
    human, channel = world.slack.human, world.new_channel()
    bot = world.slack.outsiders.add_bot("U0REPORTER", "reporter", [channel])
    root = await world.ask("[[say joined]]", channel=channel)
    await answered(world, channel, root)
    before = len(world.slack.called("chat.postMessage"))
    for thread in (None, root):
        await human.post_as_bot(channel, f"{MENTION} [[say loop]]", user=bot, thread=thread)
        await human.post_by_workflow(channel, f"{MENTION} [[say loop]]", thread=thread)
    await world.until(lambda: len(rows(world, f"select 1 from questions where user = '{bot}' and state = 'done'")) == 2)
    await world.answer("[[say done]]", channel=world.new_channel())
    posts = list(world.slack.called("chat.postMessage"))[before:]
    assert [call for call in posts if call.args["channel"] == channel] == []
    assert "loop" not in "".join(map(words_of, world.slack.bot_messages(channel, root)))


async def chosen(world: Inside, channel: str, text: str) -> str:
    """What a person is told who uses the slash command."""
    before = len(told(world, ANN))
    await world.slack.human.slash("/analyst", text, user=ANN, channel=channel)
    [said] = await world.slack.wait(lambda _: told(world, ANN)[before:])
    return said


@pytest.mark.parametrize("kind", ["workflow", "bot"])
async def test_s8_an_app_that_a_channel_has_chosen_is_answered_when_it_begins_a_thread(
    world: Inside, kind: str
) -> None:
    slack, channel = world.slack, world.new_channel()
    bot = slack.outsiders.add_bot(f"U0ALERTS{next(NUMBERS):02d}", "R&D alerts", [channel])

    async def post(text: str, thread: str | None = None) -> str:
        if kind == "bot":
            return await slack.human.post_as_bot(channel, text, user=bot, thread=thread)
        return await slack.human.post_by_workflow(channel, text, name="R&D alerts", thread=thread)

    early = await post(f"{MENTION} [[say too early]]")
    assert "I answer no other app here" in await chosen(world, channel, "bots")
    wrong = await chosen(world, channel, "bots add r&amp;d")
    assert "No single app is called r&amp;d." in wrong
    assert "R&amp;D alerts (" in wrong
    assert "R&amp;D alerts (" in await chosen(world, channel, "bots add r&amp;d ALERTS")
    silent = await post("nobody is mentioned")
    ts = await post(f"{MENTION} [[say for an app]]")
    assert "for an app" in await answered(world, channel, ts)
    loop = await post(f"{MENTION} [[say loop]]", thread=ts)
    elsewhere = world.new_channel()
    other = await slack.human.post_by_workflow(elsewhere, f"{MENTION} [[say loop]]", name="R&D alerts")
    await world.ask("[[say and for a person]]", channel=channel, thread=ts)
    assert "loop" not in await answered(world, channel, ts, 2)
    assert "I answer no other app here" in await chosen(world, channel, "bots remove R&amp;D alerts")
    late = await post(f"{MENTION} [[say too late]]")
    await world.answer("[[say done]]", channel=channel, user=BOB)
    for quiet, place in ((early, channel), (silent, channel), (late, channel), (other, elsewhere)):
        assert slack.bot_messages(place, quiet) == []
    assert rows(world, f"select outcome from questions where ts = '{loop}' and outcome != 'refused'") == []


async def test_s8_an_app_that_is_mentioned_can_be_chosen_before_it_has_written(world: Inside) -> None:
    channel = world.new_channel()
    bot = world.slack.outsiders.add_bot("U0MENTIONED", "reporter", [channel])
    assert "reporter (U0MENTIONED)" in await chosen(world, channel, f"bots add <@{bot}|reporter>")
    assert "No single app" in await chosen(world, channel, f"bots add <@{KENJI}|kenji>")
    assert "No single app" in await chosen(world, channel, "bots remove workflow")


# ── S20: who has not asked yet ──────────────────────────────────────────────────────────────────────────────────────


def whispered(world: Inside, thread: str, user: str) -> list[str]:
    """What only one person was shown in a thread."""
    shown = [one for one in world.slack.ephemerals if (one.get("thread_ts"), one["user"]) == (thread, user)]
    return [words_of(one["message"]) for one in shown]


async def test_s20_a_colleague_is_told_once_in_a_thread_to_mention_the_bot(world: Inside) -> None:
    human, slack, channel = world.slack.human, world.slack, world.new_channel()
    root = await world.ask("[[say joined]]", channel=channel)
    await answered(world, channel, root)
    thanked = await human.post(channel, "thanks!", thread=root, user=KENJI)
    other = await human.post(channel, f"<@{BOB}> did you see?", thread=root, user=KENJI)
    assert await keeps_quiet(world, channel, root, thanked, other)
    assert whispered(world, root, KENJI) == []
    posted = [await human.post(channel, "and by month?", thread=root, user=user) for user in (KENJI, KENJI, BOB)]
    await slack.wait(lambda _: whispered(world, root, KENJI) and whispered(world, root, BOB))
    posted.append(await human.post(channel, "hello, and by month?", thread=root, user=KENJI))
    assert await keeps_quiet(world, channel, root, *posted)
    assert whispered(world, root, KENJI) == ["ここで質問するには、私をメンションしてください。"]
    assert whispered(world, root, BOB) == ["Mention me to ask here."]
    await world.ask("[[say now I am in]]", channel=channel, thread=root, user=BOB)
    await answered(world, channel, root, 2)
    await human.post(channel, "[[say no mention]]", thread=root, user=BOB)
    assert "no mention" in await answered(world, channel, root, 3)


async def test_s20_nobody_is_told_where_the_bot_does_not_talk(world: Inside) -> None:
    human, channel = world.slack.human, world.new_channel()
    root = await human.post(channel, files=[("data.csv", Q3)])
    posted = await human.post(channel, "and by month?", thread=root, user=BOB)
    muted = await world.ask("[[say joined]]", channel=channel)
    await answered(world, channel, muted)
    await world.ask("mute", channel=channel, thread=muted)
    await answered(world, channel, muted, 2)
    quiet = await human.post(channel, "and by month?", thread=muted, user=BOB)
    assert await keeps_quiet(world, channel, muted, posted, quiet)
    assert whispered(world, root, BOB) == whispered(world, muted, BOB) == []


# ── S18, S19: files that are none ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["canvas", "list", "hidden", "external"])
async def test_s18_a_file_that_cannot_be_used_is_complained_of_once_in_a_thread(world: Inside, kind: str) -> None:
    human, channel = world.slack.human, world.new_channel()
    if kind == "hidden":
        root = await human.post(channel, files=[("plan.csv", Q3)])
        await human.hide_file(file_in(world, channel))
    elif kind == "external":
        root = await human.share_external(channel, "plan.csv", "https://docs.example/plan")
    else:
        root = await human.share_document(channel, "plan", mode=kind)

    async def complaint(question: str, turns: int) -> bool:
        await world.ask(question, channel=channel, thread=root)
        await answered(world, channel, root, turns)
        newest = world.slack.bot_messages(channel, root)[-1]
        return ":warning:" in words_of(newest)

    assert await complaint("[[say one]] and the total?", 1)
    assert not await complaint("[[say two]] and by month?", 2)
    assert not await complaint("[[say three]] and by region?", 3)
    if kind == "external":
        assert await complaint("[[say four]] and in plan.csv?", 4)


@pytest.mark.parametrize("way", ["message", "thread", "forward"])
async def test_s19_the_attachments_of_an_email_are_files(world: Inside, way: str) -> None:
    human, channel = world.slack.human, await with_other_file(world)
    attached = [("q3.csv", Q3), ("q4.csv", OTHER + b"South,1\n")]
    if way == "message":
        root = await human.share_email(channel, "Numbers", attached=attached, text=f"{MENTION} [[say total]]")
    elif way == "thread":
        root = await human.share_email(channel, "Numbers", attached=attached)
        await world.ask("[[say total]]", channel=channel, thread=root)
    else:
        source, _ = await shared(world)
        ts = await human.share_email(source, "Numbers", attached=attached)
        root = await human.forward(channel, source, ts, f"{MENTION} [[say total]]")
    said = await answered(world, channel, root)
    assert ":warning:" not in said
    assert NAMED.format("q3.csv") in asked(world)
    assert NAMED.format("q4.csv") in asked(world)
    assert NAMED.format("other.csv") not in asked(world)
    sizes = {size for (size,) in rows(world, f"select size from conversation_files where conversation like '%{root}'")}
    assert sizes == {len(data) for _, data in attached}


async def test_s19_an_email_without_attachments_is_said_to_be_one(world: Inside) -> None:
    channel = world.new_channel()
    root = await world.slack.human.share_email(channel, "Numbers", text=f"{MENTION} [[say total]]")
    assert "*Numbers* is an email, of which I read neither text nor attachments." in await answered(
        world, channel, root
    )


# ── S12, S14: through the whole bot ─────────────────────────────────────────────────────────────────────────────────


async def test_s12_the_message_event_shows_that_a_chart_is_shared(world: Inside) -> None:
    channel, asked_before = world.new_channel(), len(world.slack.called("files.info"))
    ts = await world.ask("[[chart a.png]]", channel=channel)
    await world.outcomes(channel, ts, files=1)
    await world.until(lambda: rows(world, f"select 1 from questions where ts = '{ts}' and state = 'done'"))
    assert len(world.slack.called("files.info")) == asked_before
    assert len(world.slack.called("files.completeUploadExternal")) == 1


async def test_s14_an_answer_that_no_place_takes_reaches_its_asker(world: Inside) -> None:
    channel = world.new_channel()
    before = len(told(world, BOB))
    world.slack.faults.slack_error(
        "chat.postMessage", "an_error_of_tomorrow", times=99, where=lambda args: args["channel"] == channel
    )
    world.slack.faults.slack_error("chat.startStream", "an_error_of_tomorrow", times=99)
    ts = await world.ask("[[say it is 12]]", channel=channel, user=BOB)
    await world.until(lambda: rows(world, f"select 1 from questions where ts = '{ts}' and state = 'done'"))
    world.slack.faults.clear()
    assert len(told(world, BOB)) == before + 1
    assert "Slack refused my answer (an_error_of_tomorrow)." in told(world, BOB)[-1]
    assert f"The outcome of turn {world.slack.team}:{channel}:{ts} could not be shown" in world.log
