"""assistant.threads.* and agents.sessions.*: status line, titles, suggested prompts."""

from __future__ import annotations

from playground.slack.api.args import Args
from playground.slack.api.method import Method
from playground.slack.delivery.core import Core
from playground.slack.state import messages, status
from playground.slack.state.entities import Channel
from playground.slack.state.errors import Refused
from playground.slack.state.options import Json

_SESSIONS = {"active", "processing", "suspended", "closed"}


def set_status(core: Core, args: Args) -> Json:
    """Show "analyst is …" in a thread."""
    channel = _channel(core, args)
    thread = _thread(channel, args.text("thread_ts"))
    loading = args.optional("loading_messages") or []
    if isinstance(loading, str):
        loading = loading.split(",")
    if not isinstance(loading, list) or len(loading) > 10:
        raise Refused("invalid_arguments", ["no more than 10 items allowed [json-pointer:/loading_messages]"])
    if args.optional("status") is None:
        raise Refused("invalid_arguments", ["missing required field: status"])
    status.show(core.workspace, channel.id, thread, args.text("status"), loading)
    return {"ok": True}


def set_title(core: Core, args: Args) -> Json:
    """Name a thread with the assistant."""
    channel = _channel(core, args)
    _entitle(core, channel, _thread(channel, args.text("thread_ts")), args.need("title"))
    return {"ok": True}


def set_prompts(core: Core, args: Args) -> Json:
    """Offer what to ask. For agents, a thread makes it silently do nothing."""
    channel = _channel(core, args)
    prompts = args.optional("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise Refused("invalid_arguments", ["must have 1 to 4 items [json-pointer:/prompts]"])
    for index, prompt in enumerate(prompts):
        if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
            raise Refused("invalid_arguments", [f"needs title and message [json-pointer:/prompts/{index}]"])
    thread = args.text("thread_ts")
    if thread:
        _thread(channel, thread)
        if core.workspace.options.agent:
            return {"ok": True}
    shown: Json = {"title": args.text("title"), "prompts": prompts}
    core.workspace.prompts[channel.id] = shown
    core.workspace.changes.publish({"type": "prompts", "channel": channel.id, **shown}, channel.id)
    return {"ok": True}


def set_session(core: Core, args: Args) -> Json:
    """Set the state of an agent's session."""
    workspace = core.workspace
    if not workspace.options.agent:
        raise Refused("not_agent_app")
    channel = _channel(core, args)
    state = args.need("status")
    if state not in _SESSIONS:
        raise Refused("invalid_arguments", ["must be a valid status [json-pointer:/status]"])
    thread = _thread(channel, args.text("thread_ts")) if args.text("thread_ts") else ""
    if args.text("title"):
        _entitle(core, channel, thread, args.text("title"))
    workspace.titles.setdefault((channel.id, thread), "")
    before = workspace.statuses.get((channel.id, thread))
    if state == "processing":
        text = before.text if before else ""
        status.show(workspace, channel.id, thread, text, before.loading_messages if before else (), state)
    else:
        status.clear(workspace, channel.id, thread)
    title = workspace.titles[channel.id, thread]
    answer: Json = {"ok": True, "status": state, "agent_status": state, "title": title}
    if "agent_session_stopped" not in workspace.subscriptions:
        answer["response_metadata"] = {"warnings": ["missing_agent_session_stopped_event_subscription"]}
    return answer


def rename_session(core: Core, args: Args) -> Json:
    """Rename an agent's session."""
    if not core.workspace.options.agent:
        raise Refused("not_agent_app")
    channel = _channel(core, args)
    thread = args.text("thread_ts")
    if (channel.id, thread) not in core.workspace.titles:
        raise Refused("not_authorized")
    _entitle(core, channel, thread, args.need("title"))
    return {"ok": True, "title": args.text("title")}


def _channel(core: Core, args: Args) -> Channel:
    channel = core.workspace.channel(args.text("channel_id"))
    if core.workspace.bot_user not in channel.members:
        raise Refused("channel_not_found")
    return channel


def _thread(channel: Channel, thread_ts: str) -> str:
    if not messages.TS.fullmatch(thread_ts) or thread_ts not in channel.records:
        raise Refused("invalid_thread_ts")
    return channel.records[thread_ts].thread


def _entitle(core: Core, channel: Channel, thread: str, title: str) -> None:
    core.workspace.titles[channel.id, thread] = title
    frame: Json = {"type": "title", "channel": channel.id, "thread_ts": thread, "title": title}
    core.workspace.changes.publish(frame, channel.id, (channel.id, thread))


METHODS = {
    "assistant.threads.setStatus": Method(set_status, ("chat:write", "assistant:write"), 600),
    "assistant.threads.setTitle": Method(set_title, ("assistant:write",), 100),
    "assistant.threads.setSuggestedPrompts": Method(set_prompts, ("assistant:write",), 100),
    "agents.sessions.setStatus": Method(set_session, ("chat:write",), 50),
    "agents.sessions.rename": Method(rename_session, ("chat:write",), 50),
}
