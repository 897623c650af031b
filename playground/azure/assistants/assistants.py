"""``/assistants``."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from playground.azure.containers.files import Files
from playground.azure.responses.functions import check_count, check_nested
from playground.azure.service import errors, ids
from playground.azure.service.ids import Store
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json, Route, check_members, check_metadata, is_azure, json_body, page
from playground.words import names

MEMBERS = names(
    """
    model name description instructions tools tool_resources metadata temperature top_p response_format
    reasoning_effort
    """
)
LONGEST = {"name": 256, "description": 512, "instructions": 256_000}
MOST_FILES = 20
TOOLS = {"code_interpreter", "function", "file_search"}


def check_beta(request: web.Request) -> None:
    """Refuse a request without the header that all of Assistants v2 needs."""
    if request.headers.get("OpenAI-Beta") != "assistants=v2":
        raise errors.beta_header_missing()


def check_tools(tools: Any) -> list[Json]:
    """The tools of a body."""
    check_count(tools or [])
    for index, tool in enumerate(tools or []):
        if not isinstance(tool, dict) or tool.get("type") not in TOOLS:
            raise errors.invalid_value(f"tools[{index}].type", "Supported values are: 'code_interpreter'…")
        if tool["type"] == "function":
            check_nested(tool, f"tools[{index}]")
    return list(tools or [])


def code_files(resources: Any, files: Files) -> list[str]:
    """The ids of ``tool_resources.code_interpreter.file_ids``, checked.

    Raises:
        ApiError: 400 for more than 20 or an unknown one.
    """
    check_members(resources or {}, {"code_interpreter", "file_search"}, at="tool_resources")
    chosen = ((resources or {}).get("code_interpreter") or {}).get("file_ids") or []
    check_few(chosen)
    for identifier in chosen:
        files.find(identifier)
    return list(chosen)


def check_few(file_ids: list[str]) -> None:
    """Refuse more files than the code interpreter takes."""
    if len(file_ids) > MOST_FILES:
        raise errors.invalid(f"Too many files for code_interpreter: at most {MOST_FILES}, got {len(file_ids)}.")


class Assistants(Store[Json]):
    """All assistants, by id, as JSON."""

    def __init__(self, settings: Settings, files: Files) -> None:
        self._settings = settings
        self._files = files
        super().__init__()

    def routes(self) -> list[Route]:
        one = "/assistants/{assistant}"
        return [
            ("POST", "/assistants", self._create),
            ("GET", "/assistants", self._list),
            ("GET", one, self._retrieve),
            ("POST", one, self._update),
            ("DELETE", one, self._delete),
        ]

    def find(self, identifier: str) -> Json:
        """An assistant.

        Raises:
            ApiError: 404.
        """
        if identifier not in self._items:
            raise errors.not_found("assistant", identifier)
        return self._items[identifier]

    async def _create(self, request: web.Request) -> web.Response:
        check_beta(request)
        body = await json_body(request, MEMBERS, ["model"])
        if body["model"] != self._settings.deployment:
            raise errors.no_deployment(azure=is_azure(request), name=body["model"])
        assistant: Json = {
            "id": ids.letter_id("asst_"),
            "object": "assistant",
            "created_at": self._settings.now(),
            "model": body["model"],
        } | self._described(body)
        self._items[assistant["id"]] = assistant
        return web.json_response(assistant)

    def _described(self, body: Json) -> Json:
        for name, limit in LONGEST.items():
            if len(body.get(name) or "") > limit:
                raise errors.too_long(name, len(body[name]), limit)
        return {
            "name": body.get("name"),
            "description": body.get("description"),
            "instructions": body.get("instructions"),
            "tools": check_tools(body.get("tools")),
            "tool_resources": {"code_interpreter": {"file_ids": code_files(body.get("tool_resources"), self._files)}},
            "metadata": check_metadata(body),
            "temperature": body.get("temperature", 1.0),
            "top_p": body.get("top_p", 1.0),
            "response_format": body.get("response_format", "auto"),
        }

    async def _list(self, request: web.Request) -> web.Response:
        check_beta(request)
        return page(request, list(self._items.values()))

    async def _retrieve(self, request: web.Request) -> web.Response:
        check_beta(request)
        return web.json_response(self.find(request.match_info["assistant"]))

    async def _update(self, request: web.Request) -> web.Response:
        check_beta(request)
        assistant = self.find(request.match_info["assistant"])
        body = await json_body(request, MEMBERS)
        assistant.update({name: value for name, value in self._described(assistant | body).items() if name in body})
        return web.json_response(assistant)

    async def _delete(self, request: web.Request) -> web.Response:
        check_beta(request)
        assistant = self.find(request.match_info["assistant"])
        del self._items[assistant["id"]]
        return web.json_response({"id": assistant["id"], "object": "assistant.deleted", "deleted": True})
