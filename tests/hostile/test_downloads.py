"""H12, S10, S11: what comes instead of a file's bytes, and where the token goes on the way to them."""

from __future__ import annotations

import gzip
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web

from conversations.errors import FileEmpty, FileError, FileIsLoginPage, FileNotVisible
from conversations.ports.workplace import SharedFile
from playground.slack.server.downloads import LOGIN
from tests.hostile.hosts import hosts
from workplace.download import Downloads

pytestmark = pytest.mark.thorough

TOKEN = "xoxb-secret"
TABLE = b"<html>,amount\n" + b"<b>x</b>,1\n" * 20_000
SHORT = b"<!DOCTYPE HTML>\n1\n"
LOGIN_PAGE = (LOGIN + "<p>more</p>" * 20_000).encode()
FILE = SharedFile("F1", "a.csv", mimetype="text/csv", url="https://files.slack.com/files-pri/T1-F1/download/a.csv")
CSV = b"region,sales\nEast,1\n"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slack_api.patience.FIRST_WAIT", 0.01)


@dataclass
class Servers:
    """Answers by address; notes which host was asked, and whether it saw the token."""

    answers: dict[str, list[web.Response | tuple[bytes, Mapping[str, str]]]]
    seen: list[tuple[str, bool]] = field(default_factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        host = request.host.partition(":")[0]
        self.seen.append((host, TOKEN in str(request.headers)))
        ready = self.answers[host]
        answer = ready.pop(0) if len(ready) > 1 else ready[0]
        if isinstance(answer, web.Response):
            return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        body, headers = answer
        response = web.StreamResponse(headers=headers)
        response.content_length = int(headers["Content-Length"]) if "Content-Length" in headers else None
        await response.prepare(request)
        step = max(100, len(body) // 1000)
        for begin in range(0, len(body), step):
            await response.write(body[begin : begin + step])
        return response

    async def fetch(self, file: SharedFile = FILE, limit: int = 3_000_000) -> bytes:
        async with hosts(self) as found:
            downloads = Downloads(found.session, TOKEN, "https://slack.com/api/", limit)
            async with downloads.open(file) as chunks:
                return b"".join([chunk async for chunk in chunks])


def served(body: bytes, **headers: str) -> Servers:
    return Servers({"files.slack.com": [(body, {name.replace("_", "-"): value for name, value in headers.items()})]})


def moved(*locations: str) -> Servers:
    """Redirects from one host to the next, and the file at the last of them."""
    places = ["files.slack.com", *(location.split("/")[2] for location in locations)]
    answers: dict[str, list[web.Response | tuple[bytes, Mapping[str, str]]]] = {}
    for place, location in zip(places, locations, strict=False):
        answers.setdefault(place, []).append(web.Response(status=302, headers={"Location": location}))
    answers.setdefault(places[-1], []).append((CSV, {"Content-Type": "text/csv"}))
    return Servers(answers)


@pytest.mark.one_in(7)
@pytest.mark.parametrize("with_length", [True, False])
@pytest.mark.parametrize("type_", ["text/csv", "text/html; charset=utf-8", "text/plain", "binary/octet-stream", ""])
@pytest.mark.parametrize("body", [TABLE, SHORT, b"\xef\xbb\xbf \n" + TABLE, b"<html>" * 300_000])
async def test_h12_a_file_that_begins_like_a_page_is_a_file(body: bytes, type_: str, with_length: bool) -> None:
    headers = {"Content-Type": type_} if type_ else {}
    headers |= {"Content-Length": str(len(body))} if with_length else {}
    assert await served(body, **headers).fetch(replace(FILE, size=len(body))) == body


@pytest.mark.parametrize("type_", ["text/csv", "text/html"])
async def test_h12_of_a_file_of_unknown_size_type_and_disposition_tell(type_: str) -> None:
    attachment = served(TABLE, Content_Type=type_, Content_Disposition='attachment; filename="a.csv"')
    assert await attachment.fetch() == TABLE
    assert await served(TABLE, Content_Type="text/csv").fetch() == TABLE


@pytest.mark.one_in(7)
@pytest.mark.parametrize("with_length", [True, False])
@pytest.mark.parametrize(
    "type_", ["text/html", "text/html; charset=utf-8", "text/plain", "application/octet-stream", ""]
)
@pytest.mark.parametrize("size", [0, 5, 100_000, 10_000_000])
async def test_h12_a_login_page_is_never_a_file(type_: str, size: int, with_length: bool) -> None:
    headers = {"Content-Type": type_} if type_ else {}
    headers |= {"Content-Length": str(len(LOGIN_PAGE))} if with_length else {}
    with pytest.raises(FileIsLoginPage):
        await served(LOGIN_PAGE, **headers).fetch(replace(FILE, size=size), limit=20_000_000)


async def test_h12_a_packed_login_page_is_none_either() -> None:
    packed = gzip.compress(LOGIN_PAGE)
    page = served(packed, Content_Type="text/html", Content_Encoding="gzip", Content_Length=str(len(packed)))
    with pytest.raises(FileIsLoginPage):
        await page.fetch(replace(FILE, size=len(packed)))


async def test_h12_a_page_without_bytes_is_an_empty_file() -> None:
    with pytest.raises(FileEmpty):
        await served(b"", Content_Type="text/html").fetch()


OLD = replace(FILE, size=len(CSV), created=1)
NOT_YET: list[web.Response | tuple[bytes, Mapping[str, str]]] = [
    (LOGIN_PAGE, {"Content-Type": "text/html"}),
    web.Response(status=404),
    web.Response(status=403),
]


@pytest.mark.parametrize("answer", NOT_YET)
async def test_s10_what_is_said_of_a_file_in_its_first_moments_is_asked_again(
    answer: web.Response | tuple[bytes, Mapping[str, str]],
) -> None:
    fresh = replace(OLD, created=int(time.time()))
    servers = Servers({"files.slack.com": [answer, answer, (CSV, {"Content-Type": "text/csv"})]})
    assert await servers.fetch(fresh) == CSV
    shared_now = replace(OLD, shared_at=f"{time.time():.6f}")
    servers = Servers({"files.slack.com": [answer, (CSV, {"Content-Type": "text/csv"})]})
    assert await servers.fetch(shared_now) == CSV
    with pytest.raises(FileError):
        await Servers({"files.slack.com": [answer]}).fetch(fresh)


@pytest.mark.parametrize("answer", NOT_YET)
@pytest.mark.parametrize("old", [OLD, replace(OLD, shared_at="soon")])
async def test_s10_of_an_old_file_it_is_believed_at_once(
    answer: web.Response | tuple[bytes, Mapping[str, str]], old: SharedFile
) -> None:
    servers = Servers({"files.slack.com": [answer, (CSV, {"Content-Type": "text/csv"})]})
    with pytest.raises(FileError):
        await servers.fetch(old)
    assert len(servers.seen) == 1


@pytest.mark.parametrize(
    ("locations", "seen"),
    [
        (
            ["https://files-origin.slack.com/a", "https://acme.enterprise.slack.com/a"],
            [("files.slack.com", True), ("files-origin.slack.com", True), ("acme.enterprise.slack.com", True)],
        ),
        (
            ["https://cdn.example/a"],
            [("files.slack.com", True), ("cdn.example", False)],
        ),
        (
            ["https://cdn.example/a", "https://other.slack.com/a"],
            [("files.slack.com", True), ("cdn.example", False), ("other.slack.com", False)],
        ),
        (
            ["https://files.slack.com.evil.example/a"],
            [("files.slack.com", True), ("files.slack.com.evil.example", False)],
        ),
    ],
)
async def test_s11_redirects_are_followed_with_the_token_on_slacks_hosts_only(
    locations: list[str], seen: list[tuple[str, bool]]
) -> None:
    servers = moved(*locations)
    assert await servers.fetch() == CSV
    assert servers.seen == seen


@pytest.mark.parametrize(
    "location",
    [
        "http://files.slack.com/a",
        "http://127.0.0.1/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest",
        "https://user:word@files.slack.com/a",
        "https://word@cdn.example/a",
        "file:///etc/passwd",
        "https://evil.example\\@files.slack.com/a",
        "https://files.slack.com:99999999/a",
        "",
    ],
)
async def test_s11_what_a_redirect_may_not_do(location: str) -> None:
    servers = Servers({"files.slack.com": [web.Response(status=302, headers={"Location": location})]})
    with pytest.raises(FileNotVisible):
        await servers.fetch()
    assert servers.seen == [("files.slack.com", True)]


async def test_s11_circles_end() -> None:
    servers = Servers({"files.slack.com": [web.Response(status=302, headers={"Location": "/again"})]})
    with pytest.raises(FileIsLoginPage):
        await servers.fetch()
    assert 1 < len(servers.seen) < 10


@pytest.mark.parametrize("url", ["https://cdn.example/a", "http://files.slack.com/a", "https://127.0.0.1/a", "a", ""])
async def test_s11_the_first_address_is_slacks(url: str) -> None:
    servers = served(CSV, Content_Type="text/csv")
    with pytest.raises(FileNotVisible):
        await servers.fetch(replace(OLD, url=url))
    assert servers.seen == []
