"""Raw interaction payloads → what somebody pressed, and where. Pure: nothing is asked of Slack, nothing is believed.

https://docs.slack.dev/interactivity/handling-user-interaction#payloads
"""

from __future__ import annotations

from conversations.ports.incoming import Press
from conversations.ports.windows import Modal
from untrusted.payload import Json, identifier, items, mapping, string, timestamp


def button(body: Json, team: str) -> Press:
    """The first button of a payload ``block_actions``: ``name`` is the action's id, ``value`` the button's.

    ``team``: of the installation; over Slack Connect the payload's may be the other side's.
    """
    container, message = mapping(body.get("container")), mapping(body.get("message"))
    places = container.get("thread_ts"), message.get("thread_ts"), container.get("message_ts"), message.get("ts")
    action = next(iter(items(body.get("actions"))), mapping(None))
    return Press(
        name=string(action.get("action_id")),
        team=team,
        user=_user(body),
        value=string(action.get("value")),
        at=timestamp(action.get("action_ts")),
        channel=_one_of(container.get("channel_id"), mapping(body.get("channel")).get("id")),
        thread=next(filter(None, map(timestamp, places)), ""),
        in_modal=bool(mapping(body.get("view"))),
        reply=string(body.get("response_url")),
    )


def sent_modal(body: Json, team: str) -> Press:
    """A payload ``view_submission``: ``name`` is the view's callback id, ``value`` its metadata, ``at`` its own id."""
    view = mapping(body.get("view"))
    name, value = string(view.get("callback_id")), string(view.get("private_metadata"))
    return Press(name, team, _user(body), value=value, at=identifier(view.get("id")), in_modal=True)


def shortcut(body: Json, team: str) -> Press:
    """A payload ``message_action``: ``name`` is the callback id, ``value`` the message's ts."""
    message = mapping(body.get("message"))
    ts = timestamp(body.get("message_ts")) or timestamp(message.get("ts"))
    return Press(
        name=string(body.get("callback_id")),
        team=team,
        user=_user(body),
        value=ts,
        at=timestamp(body.get("action_ts")),
        channel=identifier(mapping(body.get("channel")).get("id")),
        thread=timestamp(message.get("thread_ts")) or ts,
        is_direct=identifier(mapping(body.get("channel")).get("id")).startswith("D"),
        reply=string(body.get("response_url")),
    )


def command(body: Json, team: str) -> Press:
    """The payload of a slash command: ``name`` is the command, ``value`` what stands after it. It has no time."""
    return Press(
        name=string(body.get("command")),
        team=team,
        user=identifier(body.get("user_id")),
        value=string(body.get("text")),
        channel=identifier(body.get("channel_id")),
        reply=string(body.get("response_url")),
    )


def modal(body: Json) -> Modal:
    """Where a modal can be shown in answer to a press."""
    return Modal(string(body.get("trigger_id")), string(mapping(body.get("view")).get("id")))


def written(body: Json, field: str) -> str:
    """The text of an input in a submitted modal; the input's block and action have the same id."""
    state = mapping(mapping(mapping(body.get("view")).get("state")).get("values"))
    return string(mapping(mapping(state.get(field)).get(field)).get("value")).strip()


def _user(body: Json) -> str:
    return identifier(mapping(body.get("user")).get("id"))


def _one_of(*found: object) -> str:
    """The channel that all sources agree on; "" when they disagree or name none."""
    named = {name for name in map(identifier, found) if name}
    return named.pop() if len(named) == 1 else ""
