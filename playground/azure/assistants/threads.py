"""``/threads`` and their messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from playground.azure.assistants.assistants import check_beta, check_few, code_files
from playground.azure.containers.files import Files
from playground.azure.containers.sandbox import Sandbox
from playground.azure.service import errors, ids
from playground.azure.service.ids import Store
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json, Route, check_members, check_metadata, json_body, page

MESSAGE = {"role", "content", "attachments", "metadata"}
THREAD = {"messages", "tool_resources", "metadata"}
LONGEST_CONTENT = 1_048_576
TERMINAL = {"completed", "failed", "incomplete", "cancelled", "expired"}


@dataclass
class Thread:
    """A thread: messages, runs with their steps, and the sandbox of its code interpreter.

    Attributes:
        file_ids: What the code interpreter gets, from attachments and ``tool_resources``.
        placed: What its sandbox has already got.
        made: Generated files: name below /mnt/data → file id.
    """

    id: str
    created_at: int
    sandbox: Sandbox
    metadata: dict[str, str] = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    steps: dict[str, list[Json]] = field(default_factory=dict)
    file_ids: list[str] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    made: dict[str, str] = field(default_factory=dict)

    def json(self) -> Json:
        return {
            "id": self.id,
            "object": "thread",
            "created_at": self.created_at,
            "metadata": self.metadata,
            "tool_resources": {"code_interpreter": {"file_ids": list(self.file_ids)}},
        }

    @property
    def active(self) -> Json | None:
        """The run that has not ended."""
        return next((run for run in self.runs if run["status"] not in TERMINAL), None)

    def attach(self, file_ids: list[str]) -> None:
        """Give the code interpreter more files.

        Raises:
            ApiError: 400 for more than 20.
        """
        wanted = list(dict.fromkeys([*self.file_ids, *file_ids]))
        check_few(wanted)
        self.file_ids = wanted


class Threads(Store[Thread]):
    """All threads, by id."""

    def __init__(self, settings: Settings, files: Files, make_sandbox: Callable[[str], Sandbox]) -> None:
        self.make_sandbox = make_sandbox
        self.refresh: Callable[[Thread], None] = lambda _thread: None
        self._settings = settings
        self._files = files
        super().__init__()

    def routes(self) -> list[Route]:
        one, messages = "/threads/{thread}", "/threads/{thread}/messages"
        return [
            ("POST", "/threads", self._create),
            ("GET", one, self._retrieve),
            ("POST", one, self._update),
            ("DELETE", one, self._delete),
            ("POST", messages, self._add_message),
            ("GET", messages, self._list_messages),
            ("GET", messages + "/{message}", self._retrieve_message),
            ("POST", messages + "/{message}", self._update_message),
            ("DELETE", messages + "/{message}", self._delete_message),
        ]

    def find(self, request: web.Request) -> Thread:
        """The thread of a request, its runs brought up to date.

        Raises:
            ApiError: 404, or 400 without the beta header.
        """
        check_beta(request)
        identifier = request.match_info["thread"]
        if identifier not in self._items:
            raise errors.not_found("thread", identifier)
        self.refresh(self._items[identifier])
        return self._items[identifier]

    def create(self, body: Json) -> Thread:
        """A new thread from a checked body."""
        identifier = ids.letter_id("thread_")
        thread = Thread(identifier, self._settings.now(), self.make_sandbox(identifier), check_metadata(body))
        thread.attach(code_files(body.get("tool_resources"), self._files))
        for index, message in enumerate(body.get("messages") or []):
            check_members(message, MESSAGE, ["role", "content"], f"messages[{index}]")
            self.add(thread, message)
        self._items[identifier] = thread
        return thread

    def add(self, thread: Thread, body: Json) -> Json:
        """Append a message with its attachments."""
        if body["role"] not in ("user", "assistant"):
            raise errors.invalid_value("role", "Supported values are: 'user' and 'assistant'.")
        content = _content(body["content"])
        attachments = [_attachment(given, index) for index, given in enumerate(body.get("attachments") or [])]
        most = self._settings.message_attachments
        if most is not None and len(attachments) > most:
            raise errors.too_many("attachments", len(attachments), most)
        for attachment in attachments:
            self._files.find(attachment["file_id"])
        thread.attach([given["file_id"] for given in attachments if {"type": "code_interpreter"} in given["tools"]])
        message = new_message(thread, body["role"], self._settings.now()) | {
            "content": content,
            "attachments": attachments,
            "metadata": check_metadata(body),
        }
        thread.messages.append(message)
        return message

    async def close(self) -> None:
        """End all sessions."""
        for thread in self._items.values():
            await thread.sandbox.close()

    async def _create(self, request: web.Request) -> web.Response:
        check_beta(request)
        return web.json_response(self.create(await json_body(request, THREAD, empty=True)).json())

    async def _retrieve(self, request: web.Request) -> web.Response:
        return web.json_response(self.find(request).json())

    async def _update(self, request: web.Request) -> web.Response:
        thread = self.find(request)
        body = await json_body(request, {"metadata", "tool_resources"})
        if "tool_resources" in body:
            thread.file_ids = code_files(body["tool_resources"], self._files)
        if "metadata" in body:
            thread.metadata = check_metadata(body)
        return web.json_response(thread.json())

    async def _delete(self, request: web.Request) -> web.Response:
        thread = self.find(request)
        del self._items[thread.id]
        await thread.sandbox.close()
        return web.json_response({"id": thread.id, "object": "thread.deleted", "deleted": True})

    async def _add_message(self, request: web.Request) -> web.Response:
        thread = self.find(request)
        body = await json_body(request, MESSAGE, ["role", "content"])
        if thread.active is not None:
            raise errors.messages_locked(thread.id, thread.active["id"])
        return web.json_response(self.add(thread, body))

    async def _list_messages(self, request: web.Request) -> web.Response:
        run = request.query.get("run_id")
        return page(request, [one for one in self.find(request).messages if run in (None, one["run_id"])])

    def _message(self, request: web.Request) -> tuple[Thread, Json]:
        thread = self.find(request)
        for message in thread.messages:
            if message["id"] == request.match_info["message"]:
                return thread, message
        raise errors.not_found("message", request.match_info["message"])

    async def _retrieve_message(self, request: web.Request) -> web.Response:
        return web.json_response(self._message(request)[1])

    async def _update_message(self, request: web.Request) -> web.Response:
        _, message = self._message(request)
        message["metadata"] = check_metadata(await json_body(request, {"metadata"}))
        return web.json_response(message)

    async def _delete_message(self, request: web.Request) -> web.Response:
        thread, message = self._message(request)
        thread.messages.remove(message)
        return web.json_response({"id": message["id"], "object": "thread.message.deleted", "deleted": True})


def new_message(thread: Thread, role: str, now: int) -> Json:
    """A completed, empty message."""
    return {
        "id": ids.letter_id("msg_"),
        "object": "thread.message",
        "created_at": now,
        "thread_id": thread.id,
        "status": "completed",
        "incomplete_details": None,
        "completed_at": now,
        "incomplete_at": None,
        "role": role,
        "content": [],
        "assistant_id": None,
        "run_id": None,
        "attachments": [],
        "metadata": {},
    }


def _attachment(given: Any, index: int) -> Json:
    check_members(given, {"file_id", "tools"}, ["file_id"], f"attachments[{index}]")
    return {"file_id": given["file_id"], "tools": list(given.get("tools") or [])}


def _content(given: Any) -> list[Json]:
    if isinstance(given, str):
        given = [{"type": "text", "text": given}]
    if not isinstance(given, list) or not given:
        raise errors.invalid_type("content", "a string or a list of parts")
    if sum(len(str(part.get("text", ""))) for part in given) > LONGEST_CONTENT:
        raise errors.too_long("content", LONGEST_CONTENT + 1, LONGEST_CONTENT)
    blocks: list[Json] = []
    for index, part in enumerate(given):
        kind = part.get("type")
        if kind == "text":
            if not isinstance(part.get("text"), str):
                raise errors.invalid_type(f"content[{index}].text", "a string")
            blocks.append({"type": "text", "text": {"value": part["text"], "annotations": []}})
        elif kind in ("image_file", "image_url"):
            blocks.append(part)
        else:
            raise errors.invalid_value(f"content[{index}].type", f"Invalid value: '{kind}'.")
    return blocks
