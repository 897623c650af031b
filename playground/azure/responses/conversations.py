"""``/conversations``: items that outlive responses, one run at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from playground.azure.responses.items import shown, stored_input
from playground.azure.service import errors, ids
from playground.azure.service.ids import Store
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json, Route, check_metadata, included, json_body, page

MOST_ITEMS = 20


@dataclass
class Conversation:
    """A conversation.

    Attributes:
        busy: The response that is being made; others are refused meanwhile.
        container: The container that ``auto`` made here last.
        broken: What every further request is refused with, because its items no longer fit together.
        poisoned: A dead container whose calls can no longer be replayed: every further response is refused.
    """

    id: str
    created_at: int
    metadata: dict[str, str] = field(default_factory=dict)
    items: list[Json] = field(default_factory=list)
    busy: str | None = None
    container: str | None = None
    poisoned: str | None = None
    broken: errors.ApiError | None = None

    def json(self) -> Json:
        return {
            "id": self.id,
            "object": "conversation",
            "created_at": self.created_at,
            "metadata": self.metadata,
        }

    def check_free(self) -> None:
        """Refuse while a response is being made, and for ever once it is broken."""
        if self.broken is not None:
            raise self.broken
        if self.busy is not None:
            raise errors.conversation_locked()


class Conversations(Store[Conversation]):
    """All conversations, by id."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def routes(self) -> list[Route]:
        one, items = "/conversations/{conversation}", "/conversations/{conversation}/items"
        return [
            ("POST", "/conversations", self._create),
            ("GET", one, self._retrieve),
            ("POST", one, self._update),
            ("DELETE", one, self._delete),
            ("POST", items, self._add),
            ("GET", items, self._list),
            ("GET", items + "/{item}", self._retrieve_item),
            ("DELETE", items + "/{item}", self._delete_item),
        ]

    def find(self, identifier: str) -> Conversation:
        """A conversation.

        Raises:
            ApiError: 404.
        """
        if identifier not in self._items:
            raise errors.no_conversation(identifier)
        return self._items[identifier]

    def _named(self, request: web.Request) -> Conversation:
        return self.find(request.match_info["conversation"])

    async def _create(self, request: web.Request) -> web.Response:
        body = await json_body(request, {"items", "metadata"}, empty=True)
        metadata = check_metadata(body)
        conversation = Conversation(
            ids.hex_id("conv_"), self._settings.now(), metadata, _few(stored_input(body.get("items") or []))
        )
        self._items[conversation.id] = conversation
        return web.json_response(conversation.json())

    async def _retrieve(self, request: web.Request) -> web.Response:
        return web.json_response(self._named(request).json())

    async def _update(self, request: web.Request) -> web.Response:
        conversation = self._named(request)
        body = await json_body(request, {"metadata"}, ["metadata"])
        conversation.metadata = check_metadata(body)
        return web.json_response(conversation.json())

    async def _delete(self, request: web.Request) -> web.Response:
        conversation = self._named(request)
        del self._items[conversation.id]
        return web.json_response({"id": conversation.id, "object": "conversation.deleted", "deleted": True})

    async def _add(self, request: web.Request) -> web.Response:
        conversation = self._named(request)
        body = await json_body(request, {"items"}, ["items"])
        conversation.check_free()
        added = _few(stored_input(body["items"]))
        conversation.items += added
        answer = {
            "object": "list",
            "data": added,
            "first_id": added[0]["id"] if added else None,
            "last_id": added[-1]["id"] if added else None,
            "has_more": False,
        }
        return web.json_response(answer)

    async def _list(self, request: web.Request) -> web.Response:
        include = included(request)
        return page(request, [shown(item, include) for item in self._named(request).items])

    def _item(self, request: web.Request) -> tuple[Conversation, Json]:
        conversation = self._named(request)
        wanted = request.match_info["item"]
        for item in conversation.items:
            if item["id"] == wanted:
                return conversation, item
        raise errors.not_found("item", wanted)

    async def _retrieve_item(self, request: web.Request) -> web.Response:
        _, item = self._item(request)
        return web.json_response(shown(item, included(request)))

    async def _delete_item(self, request: web.Request) -> web.Response:
        conversation, item = self._item(request)
        conversation.check_free()
        conversation.items.remove(item)
        return web.json_response(conversation.json())


def _few(items: list[Json]) -> list[Json]:
    if len(items) > MOST_ITEMS:
        raise errors.invalid_value("items", f"At most {MOST_ITEMS} items may be given at once.")
    return items
