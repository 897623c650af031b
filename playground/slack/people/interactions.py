"""Buttons, modals, commands and shortcuts: what Slack sends when people use them, and what it does with the answer."""

from __future__ import annotations

from typing import Any, Literal

from playground.slack.api import views
from playground.slack.api.chat import as_bot, show_ephemeral
from playground.slack.people.acting import Acting
from playground.slack.people.people import ANN
from playground.slack.people.response_urls import new_response_url
from playground.slack.people.typing_text import to_mentions
from playground.slack.state.blocks import walk
from playground.slack.state.entities import View
from playground.slack.state.ledger import Envelope
from playground.slack.state.messages import add, render
from playground.slack.state.options import Json


class Interactions(Acting):
    """What people press, submit and command. Each act waits for the app's acknowledgement, or its lack."""

    async def press(
        self,
        message_ts: str,
        action_id: str,
        *,
        user: str = ANN,
        channel: str | None = None,
        block_id: str | None = None,
        value: str | None = None,
        selected: Any = None,
        view_id: str | None = None,
        values: Json | None = None,
    ) -> Envelope:
        """Use a button (or select) of a message, of a modal or of the home tab.

        Args:
            message_ts: the message; "" together with ``view_id``.
            action_id: which element.
            user: who presses.
            channel: the message's channel, when its ts alone does not tell.
            block_id: which of several elements with the same action id.
            value: for feedback buttons: ``value`` of the pressed one; for others: instead of the button's own.
            selected: the option of a select, a list of options, or named (``{"selected_date": "2026-11-23"}``).
            view_id: the modal or home tab.
            values: what the surface's other fields hold, as in ``state.values``.
        """
        payload = self._interaction("block_actions", user) | {"state": {"values": values or {}}}
        if view_id is not None:
            view = self._workspace.views[view_id]
            blocks = view.body.get("blocks", [])
            payload |= {"container": {"type": "view", "view_id": view_id}, "view": view.body}
        else:
            record = self._any_record(message_ts, channel)
            blocks = record["blocks"]
            payload |= self._of_message(record, user)
        payload["actions"] = [self._action(blocks, action_id, block_id, user, value, selected)]
        return await self._ask("interactive", payload)

    async def submit_view(self, view_id: str, values: Json | None = None, *, user: str = ANN) -> Envelope:
        """Submit a modal; ``values`` as in ``view.state.values``, or plain texts: ``{block: {action: "text"}}``."""
        view = self._workspace.views[view_id]
        view.body["state"] = {"values": _state(view, values or {})}
        payload = self._interaction("view_submission", user) | {"view": view.body, "response_urls": []}
        envelope = await self._ask("interactive", payload, accepts_response=True)
        if envelope.acked and view_id in self._workspace.views:
            self._after_submission(view, envelope.response)
        return envelope

    async def close_view(self, view_id: str, *, user: str = ANN) -> None:
        """Close a modal; the app hears of it only if it asked to."""
        view = self._workspace.views[view_id]
        views.close(self._workspace, view)
        if view.body.get("notify_on_close"):
            await self._ask("interactive", self._interaction("view_closed", user) | {"view": view.body})

    async def slash(self, command: str, text: str = "", *, user: str = ANN, channel: str) -> Envelope:
        """Use a slash command."""
        place = self._workspace.channel(channel)
        payload: Json = {
            "token": "verification-token",
            "team_id": self._workspace.team_id,
            "team_domain": self._workspace.team["domain"],
            "channel_id": channel,
            "channel_name": place.name or "directmessage",
            "user_id": user,
            "user_name": self._workspace.users[user]["name"],
            "command": command,
            "text": to_mentions(self._workspace, text),
            "api_app_id": self._workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": new_response_url(self._workspace, channel, user, None),
            "trigger_id": views.new_trigger(self._workspace, user),
        }
        if self._workspace.options.authorizations == "organization":
            payload |= {"enterprise_id": self._workspace.enterprise_id, "is_enterprise_install": "true"}
        envelope = await self._ask("slash_commands", payload, accepts_response=True)
        if envelope.response.get("text") or envelope.response.get("blocks"):
            self._say(channel, user, envelope.response)
        return envelope

    async def shortcut(
        self, callback_id: str, message_ts: str = "", *, user: str = ANN, channel: str | None = None
    ) -> Envelope:
        """Use a message shortcut; without a message, a global one."""
        if not message_ts:
            return await self._ask("interactive", self._interaction("shortcut", user) | {"callback_id": callback_id})
        record = self._workspace.find(message_ts, channel)
        shown = render(self._workspace, record)
        payload = self._interaction("message_action", user) | {
            "callback_id": callback_id,
            "channel": self._channel(record.channel),
            "message_ts": record.ts,
            "message": shown,
            "response_url": new_response_url(self._workspace, record.channel, user, record.ts),
        }
        return await self._ask("interactive", payload)

    async def _ask(
        self, kind: Literal["interactive", "slash_commands"], payload: Json, *, accepts_response: bool = False
    ) -> Envelope:
        return await self._core.outbox.ask(Envelope(kind, payload, accepts_response, self._workspace.clock.now()))

    def _interaction(self, kind: str, user: str) -> Json:
        person = self._workspace.users[user]
        team = {"id": self._workspace.team_id, "domain": self._workspace.team["domain"]}
        organization = self._workspace.options.authorizations == "organization"
        return {
            "type": kind,
            "user": {"id": user, "username": person["name"], "name": person["name"], "team_id": person["team_id"]},
            "api_app_id": self._workspace.app_id,
            "token": "verification-token",
            "trigger_id": views.new_trigger(self._workspace, user),
            "team": team,
            "enterprise": {"id": self._workspace.enterprise_id, "name": "Playground"} if organization else None,
            "is_enterprise_install": organization,
            "action_ts": self._workspace.clock.ts(),
        }

    def _channel(self, channel: str) -> Json:
        return {"id": channel, "name": self._workspace.channels[channel].name or "directmessage"}

    def _any_record(self, ts: str, channel: str | None) -> Json:
        for shown in self._workspace.ephemerals:
            if shown["message"]["ts"] == ts:
                return {"blocks": [], **shown["message"], "channel": shown["channel"], "is_ephemeral": True}
        record = self._workspace.find(ts, channel)
        return {"blocks": [], **render(self._workspace, record, metadata=True), "channel": record.channel}

    def _of_message(self, message: Json, user: str) -> Json:
        channel = message["channel"]
        container = {"type": "message", "message_ts": message["ts"], "channel_id": channel}
        container["is_ephemeral"] = bool(message.get("is_ephemeral"))
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        shown = {key: value for key, value in message.items() if key not in {"channel", "is_ephemeral"}}
        original = None if message.get("is_ephemeral") else message["ts"]
        url = new_response_url(self._workspace, channel, user, original)
        found: Json = {"container": container, "channel": self._channel(channel), "response_url": url}
        return found | ({} if message.get("is_ephemeral") else {"message": shown})

    def _action(
        self, blocks: list[Json], action_id: str, block_id: str | None, user: str, value: str | None, selected: Any
    ) -> Json:
        block, element = _find(blocks, action_id, block_id)
        allowed = element.get("visible_to_user_ids")
        if allowed and user not in allowed:
            raise ValueError(f"{user} does not see {action_id}")
        kind = str(element["type"])
        action: Json = {"type": kind, "action_id": action_id, "block_id": block.get("block_id", "")}
        action["action_ts"] = self._workspace.clock.ts()
        if "text" in element:
            action["text"] = element["text"]
        pressed = value if value is not None else element.get("value")
        if kind == "feedback_buttons" and pressed is None:
            pressed = element["positive_button"]["value"]
        if pressed is not None:
            action["value"] = pressed
        return action | _selection(selected)

    def _after_submission(self, view: View, response: Json) -> None:
        act = response.get("response_action")
        if act == "errors":
            frame = {"type": "view_updated", "user": view.user, "view": view.body, "errors": response.get("errors", {})}
            self._workspace.changes.publish(frame)
        elif act == "update":
            views.replace(self._workspace, view, response.get("view"))
        elif act == "push":
            views.show(self._workspace, view.user, response.get("view"), parent=str(view.body["id"]))
        else:
            views.close(self._workspace, view, whole_stack=act == "clear")

    def _say(self, channel: str, user: str, response: Json) -> None:
        said = {key: response[key] for key in ("text", "blocks") if key in response}
        message = as_bot(self._workspace) | {"text": ""} | said
        if response.get("response_type") == "in_channel":
            add(self._workspace, self._workspace.channels[channel], message)
        else:
            show_ephemeral(self._workspace, channel, user, message)


def _find(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    for block in blocks:
        if block_id and block.get("block_id") != block_id:
            continue
        for element in walk(block):
            if element.get("action_id") == action_id and "type" in element:
                return block, element
    raise LookupError(f"there is no {action_id} here")


def _selection(selected: Any) -> Json:
    if selected is None:
        return {}
    if isinstance(selected, dict) and all(key.startswith("selected_") for key in selected):
        return selected
    return {"selected_options" if isinstance(selected, list) else "selected_option": selected}


def _state(view: View, values: Json) -> Json:
    elements = {e["action_id"]: e for e in walk(view.body.get("blocks", [])) if "action_id" in e}
    state: Json = {}
    for block, actions in values.items():
        state[block] = {}
        for action, value in actions.items():
            kind = elements.get(action, {}).get("type", "plain_text_input")
            plain = {"type": kind, "value": value} if isinstance(value, str) else value
            if isinstance(value, str) and kind in {"static_select", "radio_buttons"}:
                plain = {"type": kind, "selected_option": _option(elements[action], value)}
            state[block][action] = plain
    return state


def _option(element: Json, value: str) -> Json | None:
    return next((option for option in element.get("options", []) if option.get("value") == value), None)
