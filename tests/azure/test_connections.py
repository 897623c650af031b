"""A22: what lies between us and Azure is told apart, and what does not pass by itself is said at once."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from azure_assistant import AssistantConfig, errors, open_assistant
from azure_assistant.assistant import Prompt
from azure_assistant.events import Failed
from azure_assistant.retries import RetryPolicy
from azure_assistant.transport.connection_errors import judge_connection

Serve = Callable[..., "asyncio.Future[int]"]
QUICK = RetryPolicy(first=0.01, longest=0.02)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that nobody knows, and its key."""
    folder = tmp_path_factory.mktemp("authority")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*made, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class Server:
    """Answers every request with the same bytes, and counts them."""

    def __init__(self, answer: bytes) -> None:
        self.asked = 0
        self.port = 0
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        writer.write(self._answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., object]]:
    opened: list[asyncio.Server] = []

    async def start(answer: bytes, tls: ssl.SSLContext | None = None) -> Server:
        server = Server(answer)
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
        server.port = listening.sockets[0].getsockname()[1]
        opened.append(listening)
        return server

    yield start
    for listening in opened:
        listening.close()
        await listening.wait_closed()


NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}"


async def failure(endpoint: str) -> errors.AssistantError:
    """How a question to this address fails."""
    assistant = open_assistant(AssistantConfig(endpoint, "k", deployment="d", conversations=False, retries=QUICK))
    thread = await assistant.create_thread({})
    try:
        last = [event async for event in assistant.run(thread, Prompt("x", compute=False))][-1]
    finally:
        await assistant.close()
    assert isinstance(last, Failed)
    return last.error


async def test_a22_an_unknown_authority_is_named_with_its_setting(
    serve: Callable[..., asyncio.Future[Server]], authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority)
    server = await serve(NOT_FOUND, tls)
    error = await failure(f"https://127.0.0.1:{server.port}/v1")
    assert type(error) is errors.CertificateUntrusted
    assert "(self-signed certificate). `SSL_CERT_FILE`" in str(error)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    assert type(await failure(f"https://127.0.0.1:{server.port}/v1")) is errors.EndpointWrong


async def test_a22_an_unknown_host_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    async def resolve(_loop: object, host: str, *_: object, **__: object) -> object:
        looked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolve)
    error = await failure("https://no-such-host.invalid/v1")
    assert type(error) is errors.HostUnknown
    assert "`AZURE_OPENAI_ENDPOINT`" in str(error)
    assert looked == ["no-such-host.invalid"]


async def test_a22_a_resolver_that_does_not_answer_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    async def resolve(_loop: object, host: str, *_: object, **__: object) -> object:
        looked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolve)
    assert type(await failure("https://r.openai.azure.com")) is errors.Unreachable
    assert len(looked) == 4


@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"403 Forbidden"])
async def test_a22_a_proxy_that_refuses_is_named_with_its_settings(
    serve: Callable[..., asyncio.Future[Server]], monkeypatch: pytest.MonkeyPatch, status: bytes
) -> None:
    proxy = await serve(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    error = await failure("https://r.openai.azure.com")
    assert type(error) is errors.ProxyRefuses
    assert "`HTTPS_PROXY` and `NO_PROXY`" in str(error)
    assert proxy.asked == 1


async def test_a22_no_proxy_is_heeded(
    serve: Callable[..., asyncio.Future[Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, azure = await serve(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n"), await serve(NOT_FOUND)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert type(await failure(f"http://127.0.0.1:{azure.port}/v1")) is errors.EndpointWrong
    assert (proxy.asked, azure.asked) == (0, 1)


async def test_a22_a_proxy_whose_host_is_unknown_is_no_typing_error_in_the_endpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolve)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    assert type(await failure("https://r.openai.azure.com")) is errors.ProxyRefuses


def test_what_is_our_own_word_stays_it() -> None:
    wrapped = OSError("outer")
    wrapped.__cause__ = errors.SignInFailed("x")
    assert type(judge_connection(wrapped)) is errors.SignInFailed
