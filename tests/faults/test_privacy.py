"""Promises 5 and 6: data of one channel is never readable from another; nothing secret is ever logged."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from replies.views.modals import FORGET
from tests.faults.bench import Bench
from tests.faults.test_housekeeping import everything
from tests.support.world import ANN, BOB, KENJI, words_of

SECRET = "Zebrafink-4711"
CSV = [("secret-plan.csv", f"city,plan\nOsaka,{SECRET}\n".encode())]


async def test_promise_5_files_stay_where_they_were_shared(bench: Bench) -> None:
    """Named, asked for, pressed for or linked elsewhere: a file of one channel reaches no other conversation."""
    home = bench.channel
    ts = await bench.ask("[[code 1]] [[say done]]", files=CSV, user=ANN)
    await bench.outcomes(home, ts)
    file_id = next(iter(bench.slack.message(home, ts)["files"]))["id"]  # type: ignore[index]
    uploads = bench.azure.requests.of("POST", "/files")
    containers = set(bench.azure.containers)
    seen = len(bench.model.requests)

    elsewhere = bench.new_channel()
    direct = bench.slack.direct(ANN)
    asked = [
        (elsewhere, await bench.ask("[[files]] what is in secret-plan.csv?", channel=elsewhere, user=ANN)),
        (elsewhere, await bench.ask(f"[[files]] open file {file_id} of <#{home}>", channel=elsewhere, user=BOB)),
        (direct, await bench.slack.human.post(direct, "[[files]] describe secret-plan.csv", user=ANN)),
    ]
    for channel, question in asked:
        await bench.outcomes(channel, question)
        assert "secret-plan" not in answer_only(bench, channel, question)
    assert len(bench.azure.requests.of("POST", "/files")) == len(uploads), "nothing was uploaded"
    for request in bench.model.requests[seen:]:
        told = "\n".join([request.instructions, *request.user_parts[:-1], *(past.text for past in request.history)])
        assert "secret-plan" not in told
        assert SECRET not in told
    for container in set(bench.azure.containers) - containers:
        assert not [name for name in map(str, bench.azure.containers[container].files.values()) if "secret" in name]


async def test_promise_5_a_forged_file_is_refused(bench: Bench) -> None:
    """An event that names a file of another channel: Slack is asked, and the file is not opened."""
    home = bench.new_channel()
    place = bench.slack.channels[home]
    hidden = await bench.slack.human.post(home, "for us only", files=CSV, user=KENJI)
    await bench.live(home, hidden)  # the card, for which the file is read
    place.members.remove(ANN)
    file_id = bench.slack.message(home, hidden)["files"][0]["id"]  # type: ignore[index]
    uploads = len(bench.azure.requests.of("POST", "/files"))
    downloads = len(bench.slack.called("download"))
    ts = await bench.slack.human.post(bench.channel, "@analyst [[files]] look", user=ANN)
    for envelope in bench.deliveries(ts):
        envelope.event["files"] = [{"id": file_id, "name": "secret-plan.csv", "mode": "hosted", "size": 30}]
    await bench.outcomes(bench.channel, ts)
    assert len(bench.azure.requests.of("POST", "/files")) == uploads
    assert len(bench.slack.called("download")) == downloads
    assert SECRET not in "\n".join(map(words_of, bench.slack.bot_messages(bench.channel, ts)))


async def test_promise_6_nothing_secret_is_logged(fresh: Bench) -> None:
    """At LOG_LEVEL=DEBUG, through success and trouble: no token, no key, no cell, no question, no answer."""
    fresh.settings = {"LOG_LEVEL": "DEBUG", "DRAIN_SECONDS": "0.5"}
    bot = await fresh.start_bot()
    question = f"Is {SECRET} in Osaka? [[code 1]] [[say Yes: {SECRET}]] [[chart {SECRET}.png]]"
    ts = await fresh.ask(question, files=CSV)
    await fresh.outcomes(fresh.channel, ts, files=1)
    faults = fresh.slack.faults
    for method in ("chat.postMessage", "files.completeUploadExternal", "conversations.replies", "files.info"):
        faults.http_error(method, 503)
    faults.download_login()
    fresh.azure.faults.add("server_error", path="/responses", method="POST")
    fresh.azure.faults.add("silent_eof", after=4)
    ts = await fresh.ask(question + " again", files=CSV, user=KENJI)
    await fresh.outcomes(fresh.channel, ts)
    fresh.slack.faults.refuse_upgrades(1)
    fresh.slack.faults.kill_sockets()
    await fresh.settled_log("Failed to connect")
    fresh.azure.faults.add("unauthorized", path="/responses", method="POST")
    ts = await fresh.ask(question + " and again")
    await fresh.outcomes(fresh.channel, ts)
    gate = fresh.gate()
    await fresh.ask(f"{SECRET} [[wait {gate}]]")
    await fresh.running(gate)
    await fresh.terminate(bot)
    log = fresh.log
    assert "DEBUG" in log or "INFO" in log
    assert not list(secrets_in(fresh, log))


async def test_what_a_person_has_asked_is_forgotten_although_the_bot_is_killed(bench: Bench) -> None:
    """In two channels, one of them shared with a colleague; down to the engine's tables, and at Azure."""
    slack, person = bench.slack, bench.new_person(bench.channel)
    other = bench.new_channel()
    slack.channels[other].members.append(person)
    alone = await bench.ask(f"{SECRET} [[code 1]] [[say {SECRET}]]", files=CSV, user=person)
    await bench.outcomes(bench.channel, alone)
    shared = await bench.ask(f"[[say {SECRET}]]", channel=other, user=person)
    await bench.outcomes(other, shared)
    await bench.ask("[[say Bob's own]]", channel=other, thread=shared, user=BOB)
    await bench.outcomes(other, shared, 2)
    records = [f"('{turn}', 'SUCCESS'" for turn in (bench.turn(alone), bench.turn(shared, other))]
    before = await asyncio.to_thread(everything, bench.database_url)
    assert all(record in before for record in records)
    await slack.human.slash("/analyst", "forget mine", user=person, channel=other)
    view = await slack.wait(lambda s: next((k for k, v in s.workspace.views.items() if v.user == person), ""))
    body = slack.workspace.views[view].body
    assert body["callback_id"] == FORGET
    assert "Conversations: 2. Questions: 2." in words_of(body)
    hanging = bench.azure.faults.add("hang", path="/conversations/*", method="DELETE", times=None)
    await slack.human.submit_view(view, user=person)
    await bench.azure.wait(lambda _: hanging.hits, 30)
    await bench.kill_all()
    bench.azure.faults.clear()
    await bench.start_bot()
    await slack.wait(lambda s: any("I have forgotten" in words_of(m) for m in s.messages(s.direct(person))), 30)
    left = await asyncio.to_thread(everything, bench.database_url)
    assert SECRET not in left
    assert "Bob's own" in left
    assert not any(record in left for record in records), "the engine's"
    await bench.ask("[[history]] [[say and now]]", channel=other, thread=shared, user=BOB)
    await bench.outcomes(other, shared, 3)
    assert SECRET not in str(bench.model.requests[-1])


def secrets_in(bench: Bench, log: str) -> Iterator[str]:
    words = (bench.slack.bot_token, bench.slack.app_token, bench.azure.api_key, SECRET, "city,plan")
    for line in log.splitlines():
        if re.search(r"ticket=\w", line):
            yield line
        yield from (f"{word}: {line[:300]}" for word in words if word in line)


def answer_only(bench: Bench, channel: str, ts: str) -> str:
    """What the bot says, without the asker's own words that it repeats."""
    found = bench.slack.bot_messages(channel, ts)
    return "\n".join(map(words_of, found)).replace("I know no file called *secret-plan.csv* here.", "")
