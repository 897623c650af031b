"""``/responses``: the requests around runs. The run itself is in ``response_run.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web

from playground.azure.containers.containers import Containers
from playground.azure.containers.files import Files
from playground.azure.responses.conversations import Conversation, Conversations
from playground.azure.responses.items import shown, stored_input
from playground.azure.responses.request_checks import MEMBERS, check
from playground.azure.responses.response_plan import PATH, Planner, State, StoredResponse, explicit_container
from playground.azure.responses.response_run import ResponseRun
from playground.azure.service import errors
from playground.azure.service.changes import Changes
from playground.azure.service.events import stream
from playground.azure.service.faults import Fault, Faults
from playground.azure.service.ids import Store
from playground.azure.service.settings import Settings
from playground.azure.service.wire import Json, Route, included, is_azure, json_body, page
from playground.ports import Model


class Responses(Store[StoredResponse]):
    """All responses, by id."""

    def __init__(
        self,
        settings: Settings,
        model: Model,
        faults: Faults,
        files: Files,
        containers: Containers,
        conversations: Conversations,
        changes: Changes,
    ) -> None:
        self._settings = settings
        self._model = model
        self._faults = faults
        self._planner = Planner(settings, faults, files, containers)
        self._containers = containers
        self._conversations = conversations
        self._changes = changes
        super().__init__()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """Number of runs that have not ended."""
        return len(self._tasks)

    def routes(self) -> list[Route]:
        one = "/responses/{response}"
        return [
            ("POST", PATH, self._create),
            ("GET", one, self._retrieve),
            ("DELETE", one, self._delete),
            ("POST", one + "/cancel", self._cancel),
            ("GET", one + "/input_items", self._input_items),
        ]

    async def close(self) -> None:
        """Cancel what still runs."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await json_body(request, MEMBERS, ["model"])
        check(body, self._settings)
        if body["model"] != self._settings.deployment:
            raise errors.no_deployment(azure=is_azure(request), name=body["model"])
        given = stored_input(body.get("input") if body.get("input") is not None else [])
        state = self._state(body)
        await self._break(body, state)
        conversation = state.conversation
        if conversation is not None:
            conversation.check_free()
            # Held from here on: what follows may have to wait for a container.
            conversation.busy = "starting"
        try:
            stored = await self._prepare(request, body, given, state)
        except BaseException:
            if conversation is not None:
                conversation.busy = None
            raise
        self._start(stored, conversation)
        return await self._answer(request, stored, body)

    def _state(self, body: Json) -> State:
        named = body.get("conversation")
        if named is not None:
            conversation = self._conversations.find(named if isinstance(named, str) else named["id"])
            if conversation.poisoned is not None:
                raise errors.container_poisoned(conversation.poisoned)
            return State(conversation.items, conversation)
        identifier = body.get("previous_response_id")
        if identifier is None:
            return State()
        previous = self._items.get(identifier)
        if previous is None:
            raise errors.no_previous_response(identifier)
        return State(previous.history(), None, previous)

    async def _break(self, body: Json, state: State) -> None:
        """Apply the faults that change the state of the server."""
        for fault in self._faults.take("state", "POST", PATH, body):
            named = explicit_container(body)
            if fault.name == "container_expired" and named is not None and named in self._containers:
                await self._containers[named].expire()
            if fault.name == "conversation_broken" and state.conversation is not None:
                state.conversation.broken = fault.error(azure=True)
            if fault.name == "container_poisoned":
                dead = named or "cntr_gone"
                if state.conversation is not None:
                    state.conversation.poisoned = dead
                raise errors.container_poisoned(dead)

    async def _prepare(self, request: web.Request, body: Json, given: list[Json], state: State) -> StoredResponse:
        container, notes = await self._planner.container(body, state)
        stored = body.get("store") is not False
        plan = self._planner.plan(body, given, state, container, notes)
        plan.response |= {"content_filters": None} if is_azure(request) else {}
        explicit = explicit_container(body)
        return StoredResponse(
            ResponseRun(plan, self._settings),
            given,
            state.previous,
            container.id if container is not None and explicit is None else None,
            stored,
            bool(body.get("stream")),
        )

    def _start(self, stored: StoredResponse, conversation: Conversation | None) -> None:
        identifier = stored.json["id"]
        if conversation is not None:
            conversation.busy = identifier
        if stored.stored:
            self._items[identifier] = stored
        stored.task = asyncio.create_task(self._run(stored, conversation))
        self._tasks.add(stored.task)
        stored.task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changes.notify()

    async def _run(self, stored: StoredResponse, conversation: Conversation | None) -> None:
        run = stored.run
        await run.execute(self._model, lambda: self._settle(stored, conversation))
        if run.plan.container is not None:
            run.plan.container.touch()
        stored.forget_events()

    def _settle(self, stored: StoredResponse, conversation: Conversation | None) -> None:
        """Append what was said, and let the next one in: before the listener sees the last event."""
        if conversation is None:
            return
        status = stored.json["status"]
        if status in ("completed", "incomplete"):
            conversation.items += [*stored.input, *stored.json["output"]]
        elif stored.run.plan.has("orphan_user_item"):
            conversation.items += stored.input
        conversation.busy = None

    async def _answer(self, request: web.Request, stored: StoredResponse, body: Json) -> web.StreamResponse:
        run = stored.run
        foreground = not stored.json["background"]
        if not stored.streamed:
            if not foreground:
                return web.json_response(run.snapshot())
            try:
                await run.done.wait()
            except asyncio.CancelledError:
                self._dropped(stored)
                raise
            return web.json_response(run.snapshot())
        faults: Sequence[Fault] = self._faults.take("stream", "POST", PATH, body)
        if any(fault.name == "not_streamed" for fault in faults):
            await run.done.wait()
            return web.json_response(run.snapshot())
        stored.heard = True
        try:
            return await stream(request, run.log.follow(), faults)
        finally:
            stored.heard = False
            stored.forget_events()
            if foreground and not run.done.is_set():
                self._dropped(stored)

    def _dropped(self, stored: StoredResponse) -> None:
        if self._settings.on_drop == "cancel" or stored.run.plan.has("cancel_on_drop"):
            assert stored.task is not None
            stored.task.cancel()

    def _find(self, request: web.Request) -> StoredResponse:
        identifier = request.match_info["response"]
        if identifier not in self._items:
            raise errors.no_response(identifier)
        return self._items[identifier]

    async def _retrieve(self, request: web.Request) -> web.StreamResponse:
        stored = self._find(request)
        if request.query.get("stream") != "true":
            return web.json_response(stored.run.snapshot(included(request)))
        if not (stored.streamed and stored.json["background"]):
            raise errors.invalid_value("stream", "Only background responses made with 'stream' can be streamed again.")
        start = int(request.query.get("starting_after", "-1")) + 1
        return await stream(request, stored.run.log.follow(start), [])

    async def _delete(self, request: web.Request) -> web.Response:
        stored = self._find(request)
        identifier = stored.json["id"]
        del self._items[identifier]
        return web.json_response({"id": identifier, "object": "response", "deleted": True})

    async def _cancel(self, request: web.Request) -> web.Response:
        stored = self._find(request)
        if not stored.json["background"]:
            raise errors.invalid("Cannot cancel a synchronous response.")
        if stored.task is not None and not stored.run.done.is_set():
            stored.task.cancel()
            await stored.run.done.wait()
        return web.json_response(stored.run.snapshot())

    async def _input_items(self, request: web.Request) -> web.Response:
        include = included(request)
        return page(request, [shown(item, include) for item in self._find(request).input])
