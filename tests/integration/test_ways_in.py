"""Ways in beside writing: message shortcut, slash command, home tab, agent view; and what changes at Slack."""

from __future__ import annotations

import asyncio

import pytest

from playground.slack.server.server import LocalSlack
from tests.support.world import ANN, BOB, KENJI, Json, World, words_of

SHARED = pytest.mark.asyncio(loop_scope="module")
CSV = b"region,revenue\nNorth,1\nSouth,2\n"


def told(slack: LocalSlack, channel: str, user: str) -> list[str]:
    """What a person alone was told in a channel."""
    return [words_of(e["message"]) for e in slack.ephemerals if e["channel"] == channel and e["user"] == user]


def event_acked(slack: LocalSlack, kind: str) -> bool:
    """Whether the newest event of a kind is acked, so that what it says is on disk."""
    return [e.acked for e in slack.envelopes if e.payload.get("event", {}).get("type") == kind][-1]


def uploads(world: World) -> list[bytes]:
    """The data files that Azure holds, in the order they came."""
    return [file.data for file in world.azure.files.values() if b"region" in file.data]


# ── the message shortcut ────────────────────────────────────────────────────────────────────────────────────────────


@SHARED
async def test_analyse_this_describes_the_file_in_its_thread(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    ts = await world.slack.human.post(channel, "fresh from the till", files=[("sales.csv", CSV)], user=ANN)
    asked = await world.slack.human.shortcut("analyze_message", ts, user=BOB, channel=channel)
    assert asked.acked
    said = await world.says(channel, ts, "You asked: Describe this data")
    assert "Bob asks me to analyse this." in said
    await world.slack.human.post(channel, "total?", thread=ts, user=BOB)
    await world.says(channel, ts, "You asked: total?")


@SHARED
async def test_analyse_this_in_a_thread_answers_there(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    root = await world.slack.human.post(channel, "who has the numbers?")
    reply = await world.slack.human.post(channel, "here", files=[("sales.csv", CSV)], thread=root, user=BOB)
    await world.slack.human.shortcut("analyze_message", reply, user=KENJI, channel=channel)
    said = await world.says(channel, root, "You asked: このデータについて説明してください")
    assert "健二 さんから分析の依頼がありました。" in said


@SHARED
async def test_analyse_this_without_data_is_told_to_the_presser_only(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    ts = await world.slack.human.post(channel, "lunch?")
    await world.slack.human.shortcut("analyze_message", ts, user=BOB, channel=channel)
    [words] = await world.slack.wait(lambda slack: told(slack, channel, BOB))
    assert "no data file or table" in words
    assert world.slack.bot_messages(channel, ts) == []


@SHARED
async def test_analyse_this_where_the_bot_is_not_says_what_to_do(shared_world: World) -> None:
    world = shared_world
    ts = await world.slack.human.post("C0NOBOT0001", files=[("sales.csv", CSV)])
    await world.slack.human.shortcut("analyze_message", ts, user=ANN, channel="C0NOBOT0001")
    direct = world.slack.direct(ANN)

    def invited(slack: LocalSlack) -> bool:
        return any("/invite" in words_of(message) for message in slack.messages(direct))

    await world.slack.wait(invited, 30)


# ── the slash command ───────────────────────────────────────────────────────────────────────────────────────────────


@SHARED
async def test_the_slash_command_answers_for_the_person_only(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    posts = len(world.slack.messages(channel))

    async def slash(text: str, user: str = ANN) -> str:
        before = len(told(world.slack, channel, user))
        used = await world.slack.human.slash("/analyst", text, user=user, channel=channel)
        assert used.acked
        return (await world.slack.wait(lambda slack: told(slack, channel, user)[before:], 20))[0]

    assert "/analyst files" in await slash("")
    assert "データファイルの一覧" in await slash("help", KENJI)
    assert "no data file" in await slash("files")
    assert "Answers under way here: 0. Waiting: 0. File cards: `on`." in await slash("status")
    assert "keep quiet" in await slash("card off")
    assert "File cards: `off`." in await slash("status", BOB)
    assert "only add a reaction" in await slash("Card Reaction")
    assert "say what is in it" in await slash("card on")
    assert "File cards: `on`." in await slash("card sideways")
    assert "Set aside, or suspected to end my process: –" in await slash("drop")
    assert "管理者か" in await slash("drop", KENJI), "who is no admin"
    assert f"<@{ANN}> has paused me here (<!date^" in await slash("pause")
    assert "has paused me here" in (await slash("status")).splitlines()[1]
    assert "I take questions here." in await slash("resume")
    assert "管理者か" in await slash("pause", KENJI)
    assert len(world.slack.messages(channel)) == posts


@SHARED
async def test_files_lists_what_was_shared_here_and_nothing_from_elsewhere(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    await world.slack.human.post(world.new_channel(), files=[("secret.csv", CSV)])
    await world.slack.human.post(channel, files=[("north <1>.csv", CSV), ("team.png", b"\x89PNG")])
    await world.slack.human.slash("/analyst", "files", channel=channel)
    [words] = await world.slack.wait(lambda slack: told(slack, channel, ANN))
    assert "*north &lt;1&gt;.csv*" in words
    assert "secret" not in words
    assert "png" not in words


@SHARED
async def test_people_outside_of_a_channel_learn_nothing_of_it(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    await world.slack.human.post(channel, files=[("secret.csv", CSV)])
    await world.slack.human.kick(channel, KENJI)
    for text in ("files", "status", "card off", "pause"):
        await world.slack.human.slash("/analyst", text, user=KENJI, channel=channel)
    words = await world.slack.wait(lambda slack: [w for w in [told(slack, channel, KENJI)] if len(w) == 4])
    assert all("メンバーの方だけ" in word for word in words[0])
    await world.slack.human.slash("/analyst", "status", channel=channel)
    [status] = await world.slack.wait(lambda slack: told(slack, channel, ANN))
    assert "`on`" in status


# ── home tab, agent view ────────────────────────────────────────────────────────────────────────────────────────────


@SHARED
async def test_the_home_tab_lists_ones_own_conversations_with_links(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    world.slack.add_user("U0NEWCOMER", "nova")
    world.slack.channels[channel].members.append("U0NEWCOMER")

    def home(slack: LocalSlack) -> str:
        view = slack.workspace.views.get(slack.workspace.homes.get("U0NEWCOMER", ""))
        return words_of(view.body) if view else ""

    await world.slack.human.open_home("U0NEWCOMER")
    said = await world.slack.wait(home)
    assert "I analyse data files" in said
    assert "None yet" in said

    ts = await world.ask("who <@U0BOB00001> | sold most & least?", channel=channel, user="U0NEWCOMER")
    await world.outcomes(channel, ts)
    other = await world.ask("a question of somebody else", channel=channel, user=BOB)
    await world.outcomes(channel, other)
    await world.slack.human.open_home("U0NEWCOMER")
    said = await world.slack.wait(lambda slack: home(slack) if "sold most" in home(slack) else "")
    assert f"archives/{channel}/p{ts.replace('.', '')}|who @Bob ¦ sold most &amp; least?>" in said
    assert "somebody else" not in said


@SHARED
async def test_the_agent_view_offers_prompts_and_names_its_threads(shared_world: World) -> None:
    world = shared_world
    direct = await world.slack.human.open_dm(KENJI)
    prompts = await world.slack.wait(lambda slack: slack.workspace.prompts.get(direct, {}).get("prompts"))
    assert prompts
    assert prompts[0] == {"title": "データの説明", "message": "私が共有した最新のファイルについて説明して"}
    ts = await world.slack.human.post(direct, "地域ごとの 売上 & 利益は?", user=KENJI)
    await world.outcomes(direct, ts)
    assert world.slack.workspace.titles[direct, ts] == "地域ごとの 売上 & 利益は?"
    await world.slack.human.post(direct, "続き", user=KENJI, thread=ts)
    await world.outcomes(direct, ts, 2)
    assert world.slack.workspace.titles[direct, ts] == "地域ごとの 売上 & 利益は?"


# ── what changes at Slack ───────────────────────────────────────────────────────────────────────────────────────────


def file_id(world: World, name: str) -> str:
    return next(key for key, file in world.slack.files.items() if file.name == name)


@SHARED
async def test_a_changed_file_is_uploaded_again_at_the_next_question(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    await world.slack.human.post(channel, files=[("changing.csv", CSV)])
    ts = await world.ask("total of changing.csv?", channel=channel)  # the file is not in the question's thread
    await world.outcomes(channel, ts)
    assert uploads(world)[-1] == CSV
    await world.slack.human.post(channel, "and again?", thread=ts)
    await world.says(channel, ts, "You asked: and again?")
    count = len(uploads(world))
    new = b"region,revenue\nNorth,100\nSouth,200\nEast,300\n"
    await world.slack.human.change_file(file_id(world, "changing.csv"), new)
    await world.slack.human.post(channel, "and now?", thread=ts)
    await world.says(channel, ts, "You asked: and now?")
    assert uploads(world)[-1] == new
    assert uploads(world).count(CSV) <= count - 1, "the old copy is gone from Azure"
    uploaded = uploads(world)
    await world.slack.human.post(channel, "once more?", thread=ts)
    await world.says(channel, ts, "You asked: once more?")
    assert uploads(world) == uploaded


@SHARED
async def test_a_deleted_file_goes_from_azure_and_from_the_conversation(shared_world: World) -> None:
    world, channel = shared_world, shared_world.new_channel()
    secret = b"region,secret\nNorth,1\n"
    ts = await world.ask("total?", channel=channel, files=[("deleted.csv", secret)])
    await world.outcomes(channel, ts)
    assert secret in uploads(world)
    await world.slack.human.delete_file(file_id(world, "deleted.csv"))
    await world.slack.wait(lambda slack: event_acked(slack, "file_deleted"))
    await world.slack.human.post(channel, "what do you have?", thread=ts)
    said = await world.says(channel, ts, "You asked: what do you have?")
    assert "deleted.csv" not in said.partition("You asked: what do you have?")[2]
    assert secret not in uploads(world)
    removed = [r.path for r in world.azure.requests if r.method == "DELETE" and r.status == 200]
    assert any(path.startswith("/containers/") for path in removed), "the sandbox's copy goes too"
    last = [r for r in world.azure.requests if r.path.endswith("/responses") and r.method == "POST"][-1]
    assert "deleted.csv" not in str(last.body)


@SHARED
async def test_a_channel_with_a_new_id_keeps_its_conversations(shared_world: World) -> None:
    world, old = shared_world, shared_world.new_channel()
    ts = await world.ask("remember me", channel=old)
    await world.outcomes(old, ts)
    new = f"{old}X"
    channel = world.slack.channels.pop(old)
    channel.id = new
    world.slack.channels[new] = channel
    for record in channel.records.values():
        record.channel = new
        world.slack.workspace.places[record.ts] = new
    moved: Json = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
    world.slack._core.events.emit(moved)
    await world.slack.wait(lambda slack: event_acked(slack, "channel_id_changed"))
    await world.slack.human.post(new, "and without a mention?", thread=ts)
    await world.says(new, ts, "You asked: and without a mention?")


async def test_a_removed_app_ends_with_one_sentence(world: World) -> None:
    await world.slack.human.uninstall()
    assert await asyncio.wait_for(world.bots[-1].wait(), 40) == 1
    assert "The app was removed from the workspace; install it again" in world.log
    assert "Traceback" not in world.log
