"""The catalogue of faults: what each is, at which stage it acts, and the answer that it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal, TypeAlias

from playground.azure.service import errors

Stage: TypeAlias = Literal["request", "connection", "body", "processed", "state", "run", "stream"]
Options: TypeAlias = Mapping[str, Any]
Body: TypeAlias = Any


@dataclass(frozen=True)
class Kind:
    """What a fault of some name is: when it acts, on what by default, and the answer that it gives.

    ``build`` makes the answer, knowing whether the mount has Azure's habits and the options; ``refuse``, of the stage
    ``body``, knowing the parsed body and the options: None where that body is fine.
    """

    stage: Stage
    paths: Sequence[str] = ("*",)
    method: str | None = None
    build: Callable[[bool, Options], errors.ApiError] | None = None
    refuse: Callable[[Body, Options], errors.ApiError | None] | None = None


RUNS = ("/responses", "/threads/*/runs", "/threads/runs", "/threads/*/runs/*/submit_tool_outputs")
CONTENT = ("*/content",)


def _custom(_azure: bool, options: Options) -> errors.ApiError:
    status, headers = int(options.get("status", 500)), options.get("headers")
    if "text" in options:
        return errors.ApiError(status, str(options["text"]), headers)
    default = {"error": {"message": options.get("message", "fault"), "code": options.get("code")}}
    return errors.ApiError(status, options.get("body", default), headers)


def _retired(azure: bool, options: Options) -> errors.ApiError:
    if options.get("status") == 410:
        return errors.gateway_error(410, "410", "The Assistants API has been retired.")
    return errors.no_such_path(azure=azure, method="POST", path="/v1/assistants")


def _unsupported(azure: bool, options: Options) -> errors.ApiError:
    if options.get("status") == 405:
        return errors.gateway_error(405, "405", "Method Not Allowed")
    return errors.no_such_path(azure=azure, method="POST", path="/v1/conversations")


def _refuse_parameter(body: Body, options: Options) -> errors.ApiError | None:
    name = str(options["parameter"])
    # ``expires_after`` is ``expires_after[anchor]`` in a form.
    if not isinstance(body, dict) or not any(key == name or key.startswith(f"{name}[") for key in body):
        return None
    return errors.refused_parameter(name, options.get("spelling", "unsupported"))


def _refuse_extension(body: Body, options: Options) -> errors.ApiError | None:
    file = body.get("file") if isinstance(body, dict) else None
    extension = PurePath(file["filename"]).suffix.lstrip(".") if isinstance(file, dict) else None
    return errors.invalid_extension(str(extension)) if extension in options["extensions"] else None


KINDS: dict[str, Kind] = {
    # Answers instead of the real one; nothing happens on the server.
    "http": Kind("request", build=_custom),
    "rate_limit": Kind("request", build=lambda a, o: errors.rate_limited(azure=a, retry_after=o.get("retry_after", 1))),
    "quota": Kind("request", RUNS, "POST", lambda _a, _o: errors.quota_exceeded()),
    "gateway_quota": Kind("request", build=lambda _a, o: errors.gateway_quota(o.get("retry_after", 8430))),
    "sign_in_page": Kind("request", build=lambda _a, o: errors.ApiError(o.get("status", 200), errors.SIGN_IN)),
    "server_error": Kind("request", build=lambda _a, o: errors.server_error(o.get("status", 500))),
    "timeout": Kind("request", build=lambda _a, o: errors.timeout(o.get("status", 408))),
    "unauthorized": Kind("request", build=lambda a, o: errors.unauthorized(azure=a, flat=o.get("flat", False))),
    "no_deployment": Kind("request", RUNS, "POST", lambda a, _o: errors.no_deployment(azure=a, name="gone")),
    "content_filter_input": Kind("request", RUNS, "POST", lambda _a, _o: errors.content_filtered()),
    "context_too_long": Kind("request", ("/responses",), "POST", lambda _a, _o: errors.context_too_long()),
    "conversation_locked": Kind("request", ("/responses",), "POST", lambda _a, _o: errors.conversation_locked()),
    "conversations_unsupported": Kind("request", ("/conversations", "/conversations/*"), None, _unsupported),
    "assistants_retired": Kind("request", ("/assistants", "/assistants/*", "/threads", "/threads/*"), None, _retired),
    "download_missing": Kind("request", CONTENT, "GET", lambda _a, _o: errors.no_container_file()),
    "download_error": Kind("request", CONTENT, "GET", lambda _a, o: errors.server_error(o.get("status", 500))),
    # Refusals that depend on what the parsed body says.
    "parameter_refused": Kind("body", ("*",), "POST", refuse=_refuse_parameter),
    "extension_refused": Kind("body", ("/files",), "POST", refuse=_refuse_extension),
    # The connection, not the answer.
    "latency": Kind("connection"),
    "hang": Kind("connection"),
    "drop_request": Kind("connection"),
    "drop_answer": Kind("processed"),
    "kill_request": Kind("processed"),
    "alter_answer": Kind("processed"),
    # The state of the server.
    "container_expired": Kind("state", ("/responses",), "POST"),
    "container_poisoned": Kind("state", ("/responses",), "POST"),
    "conversation_broken": Kind("state", ("/responses",), "POST", lambda _a, o: errors.broken_conversation(o)),
    # The run itself, whoever listens.
    "hold": Kind("run", RUNS, "POST"),
    "run_failed": Kind("run", RUNS, "POST"),
    "run_incomplete": Kind("run", RUNS, "POST"),
    "run_expired": Kind("run", RUNS, "POST"),
    "run_requires_action": Kind("run", RUNS, "POST"),
    "content_filter_output": Kind("run", RUNS, "POST"),
    "stream_error_nested": Kind("run", RUNS, "POST"),
    "stream_error_flat": Kind("run", RUNS, "POST"),
    "stream_error_azure": Kind("run", RUNS, "POST"),
    "stream_error_last": Kind("run", RUNS, "POST"),
    "cancel_on_drop": Kind("run", RUNS, "POST"),
    "orphan_user_item": Kind("run", RUNS, "POST"),
    "dangling_link": Kind("run", RUNS, "POST"),
    "no_citation": Kind("run", RUNS, "POST"),
    "background_drops_outputs": Kind("run", RUNS, "POST"),
    # What the listener gets; the run goes on.
    "silent_eof": Kind("stream", RUNS, "POST"),
    "drop_socket": Kind("stream", RUNS, "POST"),
    "half_event": Kind("stream", RUNS, "POST"),
    "keepalive": Kind("stream", RUNS, "POST"),
    "comment": Kind("stream", RUNS, "POST"),
    "bad_json": Kind("stream", RUNS, "POST"),
    "extra_event": Kind("stream", RUNS, "POST"),
    "repeat_event": Kind("stream", RUNS, "POST"),
    "alter_event": Kind("stream", RUNS, "POST"),
    "not_streamed": Kind("stream", RUNS, "POST"),
    "kill": Kind("stream", RUNS, "POST"),
}


def catalogue() -> dict[str, Stage]:
    """All names, with the stage at which they act."""
    return {name: kind.stage for name, kind in KINDS.items()}
