from __future__ import annotations

import dataclasses

import pytest

from conversations.errors import (
    DownloadFailed,
    FileDeleted,
    FileElsewhere,
    FileEmpty,
    FileExternal,
    FileIsLoginPage,
    FileKindUnsupported,
    FileNotVisible,
    FileTooLarge,
    MissingScope,
)
from conversations.ports.workplace import SharedFile
from playground.slack.people.people import ANN, BOARD, GENERAL, KENJI, RANDOM, SALES
from playground.slack.server.server import LocalSlack
from playground.slack.state.options import SCOPES
from tests.workplace.conftest import FILE_LIMIT, Connect
from workplace import SlackWorkplace

CSV = b"region,sales\nEast,1\nWest,2\n"
LARGE = bytes(range(256)) * 8_000


async def shared(
    workplace: SlackWorkplace, slack: LocalSlack, name: str, data: bytes, channel: str = SALES
) -> SharedFile:
    ts = await slack.human.post(channel, "look", files=[(name, data)])
    message = await workplace.message(channel, ts)
    assert message
    return message.files[0]


async def fetched(workplace: SlackWorkplace, file: SharedFile, channel: str = SALES) -> bytes:
    async with workplace.open_file(channel, file) as chunks:
        return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("channel", [SALES, BOARD, "D0ANN00001"])
async def test_a_file_is_proven_to_be_from_its_channel_and_comes_byte_for_byte(
    slack: LocalSlack, workplace: SlackWorkplace, channel: str
) -> None:
    channel = slack.direct(ANN) if channel.startswith("D") else channel
    file = await workplace.resolve(channel, SharedFile((await shared(workplace, slack, "売上.csv", CSV, channel)).id))
    assert (file.name, file.size, file.user, file.kind) == ("売上.csv", len(CSV), ANN, "snippet")
    assert file.shared_at == slack.messages(channel)[-1]["ts"]
    assert await fetched(workplace, file, channel) == CSV


async def test_a_file_of_another_channel_is_refused(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await shared(workplace, slack, "board.csv", CSV, BOARD)
    with pytest.raises(FileElsewhere):
        await workplace.resolve(SALES, file)
    with pytest.raises(FileElsewhere):
        await workplace.resolve(SALES, SharedFile(file.id, shared_at="1700000000.000100"))
    with pytest.raises(FileElsewhere):
        await fetched(workplace, SharedFile(file.id, "board.csv"))


async def test_a_file_shared_in_two_channels_is_at_home_in_both(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await shared(workplace, slack, "a.csv", CSV, BOARD)
    ts = await slack.human.share_file(SALES, file.id)
    assert (await workplace.resolve(BOARD, file)).shared_at == file.shared_at
    assert (await workplace.resolve(SALES, file)).shared_at == ts


@pytest.mark.parametrize("in_thread", [False, True])
async def test_while_slack_does_not_know_the_shares_the_message_is_the_proof(connect: Connect, in_thread: bool) -> None:
    async with LocalSlack(human_share_lag=3600.0) as slack:
        workplace = connect(slack)
        root = await slack.human.post(SALES, "hello") if in_thread else None
        ts = await slack.human.post(SALES, files=[("a.csv", CSV)], thread=root)
        message = await workplace.message(SALES, ts, root or "")
        assert message
        assert (await workplace.resolve(SALES, message.files[0])).id == message.files[0].id
        with pytest.raises(FileElsewhere):
            await workplace.resolve(GENERAL, message.files[0])
        with pytest.raises(FileElsewhere):
            await workplace.resolve(SALES, SharedFile(message.files[0].id))


async def test_a_changed_file_has_another_version(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await workplace.resolve(SALES, await shared(workplace, slack, "a.csv", CSV))
    await slack.human.change_file(file.id, CSV + b"North,3\n")
    changed = await workplace.resolve(SALES, file)
    assert changed.version != file.version
    assert (await workplace.resolve(SALES, file)).version == changed.version


async def test_what_cannot_be_used_is_refused_by_its_reason(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    too_large = await shared(workplace, slack, "big.csv", b"1" * (FILE_LIMIT + 1))
    with pytest.raises(FileTooLarge) as caught:
        await workplace.resolve(SALES, too_large)
    assert "*big.csv* is too large for me (2.9 MB)" in str(caught.value)
    empty = await shared(workplace, slack, "empty.csv", b"")
    with pytest.raises(FileEmpty):
        await workplace.resolve(SALES, empty)
    program = await shared(workplace, slack, "setup.exe", b"MZ")
    with pytest.raises(FileKindUnsupported):
        await workplace.resolve(SALES, program)
    ts = await slack.human.share_external(SALES, "plan", "https://docs.google.com/spreadsheets/d/1")
    message = await workplace.message(SALES, ts)
    assert message
    with pytest.raises(FileExternal):
        await workplace.resolve(SALES, message.files[0])


async def test_a_deleted_file_is_said_to_be_deleted(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await workplace.resolve(SALES, await shared(workplace, slack, "a.csv", CSV))
    await slack.human.delete_file(file.id)
    with pytest.raises(FileDeleted):
        await workplace.resolve(SALES, file)
    with pytest.raises(FileDeleted):
        await fetched(workplace, file)
    with pytest.raises(FileDeleted):
        await workplace.resolve(SALES, SharedFile("F1", kind="tombstone"))


async def test_what_the_bot_may_not_see_is_not_visible(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    await slack.human.post(RANDOM, files=[("secret.csv", CSV)])
    (hidden,) = [file for file in slack.workspace.files.values() if file.name == "secret.csv"]
    with pytest.raises(FileNotVisible):
        await workplace.resolve(SALES, SharedFile(hidden.id))
    with pytest.raises(FileNotVisible):
        await workplace.resolve(SALES, SharedFile("F1", kind="hidden_by_limit"))


async def test_a_connect_stub_is_resolved(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    await slack.human.post(SALES, files=[("a.csv", CSV)], connect=True)
    (stored,) = slack.workspace.files.values()
    stub = SharedFile(stored.id, kind="file_access")
    file = await workplace.resolve(SALES, stub)
    assert file.name == "a.csv"
    assert await fetched(workplace, stub) == CSV


async def test_a_missing_scope_is_named(connect: Connect) -> None:
    async with LocalSlack(scopes=tuple(scope for scope in SCOPES if scope != "files:read")) as slack:
        await slack.human.post(SALES, files=[("a.csv", CSV)])
        (stored,) = slack.workspace.files.values()
        with pytest.raises(MissingScope) as caught:
            await connect(slack).resolve(SALES, SharedFile(stored.id))
        assert caught.value.fields["needed"] == "files:read"


async def test_s10_slack_does_not_know_a_file_yet(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await shared(workplace, slack, "a.csv", CSV)
    slack.faults.slack_error("files.info", "file_not_found", times=2)
    assert (await workplace.resolve(SALES, file)).size == len(CSV)
    slack.faults.slack_error("files.info", "file_not_found", times=20)
    with pytest.raises(FileNotVisible):
        await workplace.resolve(SALES, file)
    slack.faults.clear()
    slack.faults.slack_error("files.info", "file_not_found")
    with pytest.raises(FileNotVisible):
        await workplace.resolve(SALES, dataclasses.replace(file, created=1, shared_at="1.0"))


async def test_login_pages_never_pass_as_files(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await workplace.resolve(SALES, await shared(workplace, slack, "a.csv", CSV))
    slack.faults.download_login()
    assert await fetched(workplace, file) == CSV
    slack.faults.download_login(times=20)
    with pytest.raises(FileIsLoginPage):
        await fetched(workplace, file)
    slack.faults.clear()
    slack.workspace.revoked = True  # the download is redirected to the login page
    with pytest.raises(FileIsLoginPage):
        await fetched(workplace, file)


async def test_an_html_file_is_a_file(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    page = b"<!DOCTYPE html><html><table></table></html>"
    assert await fetched(workplace, await shared(workplace, slack, "table.html", page)) == page


@pytest.mark.parametrize("after", [0, 100, 300_000, 600_000])
async def test_a_broken_download_goes_on_where_it_stopped(
    slack: LocalSlack, workplace: SlackWorkplace, after: int
) -> None:
    file = await workplace.resolve(SALES, await shared(workplace, slack, "large.bin.csv", LARGE))
    slack.faults.download_cut(after)
    slack.faults.http_error("download", 503)
    assert await fetched(workplace, file) == LARGE
    assert len([call for call in slack.calls if call.method == "download"]) == 3


async def test_a_download_that_keeps_breaking_fails(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await workplace.resolve(SALES, await shared(workplace, slack, "large.bin.csv", LARGE))
    slack.faults.download_cut(300_000, times=3)
    with pytest.raises(DownloadFailed):
        await fetched(workplace, file)


async def test_a_file_that_changes_while_it_is_fetched_again_is_not_mixed(
    slack: LocalSlack, workplace: SlackWorkplace
) -> None:
    file = await workplace.resolve(SALES, await shared(workplace, slack, "large.bin.csv", LARGE))
    slack.faults.download_cut(600_000)
    got = bytearray()

    async def fetch() -> None:
        async with workplace.open_file(SALES, file) as chunks:
            async for chunk in chunks:
                if not got:
                    await slack.human.change_file(file.id, LARGE[::-1])
                got.extend(chunk)

    with pytest.raises(DownloadFailed):
        await fetch()
    assert LARGE.startswith(bytes(got))


@pytest.mark.thorough
async def test_rate_limits_are_waited_for(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await shared(workplace, slack, "a.csv", CSV)
    slack.faults.rate_limit("files.info", retry_after=0)
    slack.faults.rate_limit("download", times=20, retry_after=0)
    assert await fetched(workplace, await workplace.resolve(SALES, file)) == CSV


async def test_fewer_or_more_bytes_than_slack_said_is_a_failure(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    file = await workplace.resolve(SALES, await shared(workplace, slack, "a.csv", CSV))
    with pytest.raises(DownloadFailed):
        await fetched(workplace, dataclasses.replace(file, size=len(CSV) + 1))
    file = await workplace.resolve(SALES, await shared(workplace, slack, "b.csv", CSV))
    await slack.human.change_file(file.id, b"1" * (FILE_LIMIT + 1))
    with pytest.raises(FileTooLarge):
        await fetched(workplace, file)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.slack.com/a",
        "https://files.slack.com.evil.example/a",
        "https://evil.example/slack.com",
        "ftp://x",
        "",
    ],
)
async def test_the_token_goes_to_slack_only(workplace: SlackWorkplace, url: str) -> None:
    with pytest.raises(FileNotVisible):
        await fetched(workplace, SharedFile("F1", "a.csv", url=url or "about:blank"))


async def test_of_files_of_the_same_second_the_later_one_is_the_newest(
    slack: LocalSlack, workplace: SlackWorkplace
) -> None:
    for name in ("first.csv", "second.csv", "third.csv"):
        await shared(workplace, slack, name, CSV)
    for file in slack.workspace.files.values():
        file.created = int(slack.workspace.clock.now())
    assert [file.name for file in await workplace.recent_files(SALES)] == ["third.csv", "second.csv", "first.csv"]


async def test_recent_files_are_data_of_people_newest_first(slack: LocalSlack, workplace: SlackWorkplace) -> None:
    for name in ("old.csv", "chart.png", "notes.pdf", "new.xlsx", "empty.csv"):
        await slack.human.post(SALES, files=[(name, b"" if name == "empty.csv" else CSV)], user=KENJI)
    await slack.human.post(GENERAL, files=[("elsewhere.csv", CSV)])
    (old,) = [file for file in slack.workspace.files.values() if file.name == "old.csv"]
    old.created -= 60
    recent = await workplace.recent_files(SALES)
    assert [file.name for file in recent] == ["new.xlsx", "old.csv"]
    assert all(file.shared_at and file.user == KENJI for file in recent)
    old.created -= 8 * 24 * 3600
    assert [file.name for file in await workplace.recent_files(SALES)] == ["new.xlsx"]
