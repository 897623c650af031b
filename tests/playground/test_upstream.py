"""The upstream model against a stub of a chat-completions endpoint, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import openai
import pytest
from aiohttp import web

from playground.azure.model import fences
from playground.azure.model.chat import LONGEST_OUTPUT
from playground.azure.model.upstream import ROUNDS, UpstreamModel, upstream_model
from playground.ports import Call, CodeCall, Execution, FunctionTool, MadeCall, ModelRequest, Past, Refusal

Json = dict[str, Any]


def text(*pieces: str) -> list[Json]:
    return [{"content": piece} for piece in pieces]


def call(*arguments: str, name: str = "python", index: int = 0) -> list[Json]:
    """A tool call in pieces, as endpoints stream it: id and name first, then the arguments."""
    first = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
    rest = [{"index": index, "function": {"arguments": piece}} for piece in arguments]
    return [{"tool_calls": [piece]} for piece in (first, *rest)]


class Stub:
    """An endpoint that streams what it is told to, reply after reply; the last one again and again."""

    def __init__(self) -> None:
        self.replies: list[Sequence[Json]] = []
        self.asked: list[Json] = []
        self.keys: list[str] = []
        self.url = ""
        self.refusal = ""
        """What a request with tools is refused with."""
        self._runner = web.AppRunner(self._app())

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        return app

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.keys.append(request.headers["Authorization"])
        if self.refusal and "tools" in self.asked[-1]:
            return web.json_response({"error": {"message": self.refusal}}, status=400)
        if not self.replies:
            return web.json_response({"error": {"message": "no model"}}, status=404)
        deltas = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        chunks: list[Json] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
        for chunk in (*chunks, {"choices": [], "usage": {}}):
            await answer.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await answer.write(b"data: [DONE]\n\n")
        return answer


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    endpoint = Stub()
    await endpoint.start()
    yield endpoint
    await endpoint.stop()


@pytest.fixture
async def model(stub: Stub) -> AsyncIterator[UpstreamModel]:
    opened = UpstreamModel(stub.url, "small", "secret")
    yield opened
    await opened.close()


class Notebook:
    """Notes the code that is run."""

    def __init__(self, *executions: Execution) -> None:
        self.ran: list[str] = []
        self._executions = list(executions)

    async def run(self, code: str) -> Execution:
        self.ran.append(code)
        return self._executions.pop(0) if self._executions else Execution("ok")


QUESTION = ModelRequest("Be brief.", ["Files: `/mnt/data/a.csv`", "How many rows?"])


async def answered(model: UpstreamModel, request: ModelRequest, notebook: Notebook) -> list[str]:
    return [delta async for delta in model.answer(request, notebook.run)]


async def test_text_is_passed_on_as_it_comes_from_a_model_that_is_known_to_call_tools(
    stub: Stub, model: UpstreamModel
) -> None:
    stub.replies = [text("Sev", "en."), call('{"code": "1"}'), text("Sev", "en ", "rows.")]
    assert await answered(model, QUESTION, Notebook()) == ["Seven."]
    assert await answered(model, QUESTION, Notebook()) == ["Sev", "en ", "rows."]
    asked = stub.asked[0]
    assert asked["model"] == "small"
    assert asked["stream"] is True
    assert [tool["function"]["name"] for tool in asked["tools"]] == ["python"]
    system, user = asked["messages"]
    assert system["content"].startswith("Be brief.\n\n")
    assert user == {"role": "user", "content": "Files: `/mnt/data/a.csv`\n\nHow many rows?"}
    assert set(stub.keys) == {"Bearer secret"}


async def test_code_is_run_and_its_output_read(stub: Stub, model: UpstreamModel) -> None:
    arguments = json.dumps({"code": "print(len(df))\nplt.show()"})
    stub.replies = [[*text("Let me see."), *call(arguments[:9], arguments[9:])], text("7 rows.")]
    notebook = Notebook(Execution("7\n", [b"png"]))
    assert await answered(model, QUESTION, notebook) == ["Let me see.", "7 rows."]
    assert notebook.ran == ["print(len(df))\nplt.show()"]
    said, output = stub.asked[1]["messages"][-2:]
    assert said["content"] == "Let me see."
    assert said["tool_calls"] == [
        {"id": "call_0", "type": "function", "function": {"name": "python", "arguments": arguments}}
    ]
    assert output["tool_call_id"] == "call_0"
    assert output["content"].startswith("7\n")
    assert "1 figures" in output["content"]


async def test_several_calls_of_one_reply_run_in_order(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [[*call('{"code":"a"}'), *call('{"code":"b"}', index=1)], text("done")]
    notebook = Notebook(Execution("A"), Execution(""))
    assert await answered(model, QUESTION, notebook) == ["done"]
    assert notebook.ran == ["a", "b"]
    assert [message["content"] for message in stub.asked[1]["messages"][-2:]] == ["A", "(no output)"]


@pytest.mark.parametrize(
    ("arguments", "ran"),
    [("print(1)", ["print(1)"]), ('{"code": "a\nb"}', ["a\nb"]), ('"print(2)"', ["print(2)"]), ('{"source": "x"}', [])],
)
async def test_arguments_of_small_models(stub: Stub, model: UpstreamModel, arguments: str, ran: list[str]) -> None:
    stub.replies = [call(arguments), text("done")]
    notebook = Notebook()
    assert await answered(model, QUESTION, notebook) == ["done"]
    assert notebook.ran == ran
    assert ('{"code"' in stub.asked[1]["messages"][-1]["content"]) is not bool(ran)


async def test_a_tool_that_does_not_exist_is_answered_and_not_run(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [call("{}", name="browser"), text("done")]
    notebook = Notebook()
    assert await answered(model, QUESTION, notebook) == ["done"]
    assert not notebook.ran
    assert "browser" in stub.asked[1]["messages"][-1]["content"]


async def test_without_the_code_interpreter_no_tool_is_offered(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [text("Hello.")]
    assert await answered(model, ModelRequest("", ["hi"], can_run_code=False), Notebook()) == ["Hello."]
    assert "tools" not in stub.asked[0]


async def test_earlier_turns_are_told_with_their_code(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [text("x")]
    history = [
        Past("user", "Rows?"),
        Past("code", call=CodeCall("len(df)", "7" * (LONGEST_OUTPUT + 500))),
        Past("assistant", "7."),
        Past("assistant", ""),
    ]
    await answered(model, ModelRequest("", ["Columns?"], history), Notebook())
    messages = stub.asked[0]["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert messages[2]["tool_calls"][0]["id"] == messages[3]["tool_call_id"]
    assert json.loads(messages[2]["tool_calls"][0]["function"]["arguments"]) == {"code": "len(df)"}
    assert "500 characters left out" in messages[3]["content"]


async def test_a_model_that_never_stops_running_code_has_to_answer(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [call('{"code":"loop"}')]
    notebook = Notebook()
    await answered(model, QUESTION, notebook)
    assert len(stub.asked) == ROUNDS + 1
    assert ["tools" in asked for asked in stub.asked] == [True] * ROUNDS + [False]
    assert len(notebook.ran) == ROUNDS


async def test_refusals_are_marked(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [[{"refusal": "I will not."}]]
    (delta,) = await answered(model, QUESTION, Notebook())
    assert isinstance(delta, Refusal)


async def test_an_endpoint_that_fails_is_an_error(model: UpstreamModel) -> None:
    with pytest.raises(openai.NotFoundError):
        await answered(model, QUESTION, Notebook())


async def test_the_environment_names_the_model(stub: Stub) -> None:
    assert upstream_model({}) is None
    with pytest.raises(ValueError, match="PLAYGROUND_MODEL_NAME"):
        upstream_model({"PLAYGROUND_MODEL_URL": stub.url})
    stub.replies = [text("yes")]
    named = upstream_model({"PLAYGROUND_MODEL_URL": stub.url, "PLAYGROUND_MODEL_NAME": "tiny"})
    assert named is not None
    assert not named.trusted
    assert await answered(named, QUESTION, Notebook()) == ["yes"]
    assert stub.asked[0]["model"] == "tiny"
    await named.close()


OPENS = FunctionTool("open_files", "Opens files.", {"type": "object"})


async def test_calls_of_functions_end_the_answer(stub: Stub, model: UpstreamModel) -> None:
    code = call('{"code": "1"}')
    stub.replies = [[*text("Let me see."), *code, *call('{"ids": ["F1"]}', name="open_files", index=1)]]
    notebook = Notebook()
    *said, made = await answered(model, replace(QUESTION, functions=[OPENS]), notebook)
    assert (said, made) == (["Let me see."], '{"ids": ["F1"]}')
    assert isinstance(made, Call)
    assert made.name == "open_files"
    assert notebook.ran == ["1"]
    assert [tool["function"]["name"] for tool in stub.asked[0]["tools"]] == ["python", "open_files"]


async def test_the_answer_goes_on_after_the_outputs(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [text("7 rows.")]
    since = [Past("assistant", "Let me see."), Past("function", made=MadeCall("call_1", "open_files", "{}", "opened"))]
    assert await answered(model, replace(QUESTION, functions=[OPENS], since=since), Notebook()) == ["7 rows."]
    _, user, said, asked, output = stub.asked[0]["messages"]
    assert (user["role"], said["content"]) == ("user", "Let me see.")
    assert asked["tool_calls"][0]["function"] == {"name": "open_files", "arguments": "{}"}
    assert output == {"role": "tool", "tool_call_id": "call_1", "content": "opened"}


CODE = "Let me compute:\n```python\nprint(len(df))\n```\nI expect 12."


@pytest.mark.parametrize(
    "refusal",
    [
        "registry.ollama.ai/library/gemma2:2b does not support tools",
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        "tools param requires --jinja flag",
    ],
)
async def test_an_endpoint_that_refuses_tools_has_its_fenced_python_run(
    stub: Stub, model: UpstreamModel, refusal: str
) -> None:
    stub.refusal = refusal
    stub.replies = [text(CODE), text("There are ", "7 rows.")]
    notebook = Notebook(Execution("7\n"))
    assert await answered(model, replace(QUESTION, functions=[OPENS]), notebook) == ["There are 7 rows."]
    assert notebook.ran == ["print(len(df))"]
    refused, first, second = stub.asked
    assert "tools" in refused
    assert "tools" not in first
    assert "```python" in first["messages"][0]["content"]
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "user"]
    assert second["messages"][-1]["content"].endswith("It printed:\n7")
    await answered(model, QUESTION, notebook)
    assert "tools" not in stub.asked[-1], "it is not tried again"


async def test_python_instead_of_a_call_is_noticed_and_run(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [text(CODE), text("7 rows.")]
    notebook = Notebook(Execution("7\n"))
    assert await answered(model, QUESTION, notebook) == ["7 rows."]
    assert notebook.ran == ["print(len(df))"]
    assert ["tools" in asked for asked in stub.asked] == [True, False]
    assert stub.asked[1]["messages"][2] == {"role": "assistant", "content": CODE}


async def test_who_calls_tools_may_show_python(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [call('{"code": "1"}'), text(CODE)]
    notebook = Notebook()
    assert await answered(model, QUESTION, notebook) == [CODE]
    assert notebook.ran == ["1"]


async def test_errors_of_fenced_python_go_back_and_rounds_are_bounded(stub: Stub, model: UpstreamModel) -> None:
    stub.replies = [text(CODE)]
    notebook = Notebook(Execution("Traceback: NameError", failed=True))
    assert await answered(model, QUESTION, notebook) == ["Let me compute:\n\nI expect 12."]
    assert len(notebook.ran) == fences.ROUNDS
    assert "NameError" in stub.asked[1]["messages"][-1]["content"]
    assert stub.asked[-1]["messages"][-1]["content"].endswith(fences.NO_MORE)


async def test_a_model_that_cannot_compute_is_said_to_have_computed_nothing(stub: Stub, model: UpstreamModel) -> None:
    stub.refusal = "no tools here"
    stub.replies = [text("About 40 rows.")]
    assert await answered(model, QUESTION, Notebook()) == ["About 40 rows.", fences.NOT_COMPUTED]
    talk = replace(QUESTION, can_run_code=False)
    assert await answered(model, talk, Notebook()) == ["About 40 rows."]
    since = replace(QUESTION, history=[Past("code", call=CodeCall("len(df)", "40"))])
    assert await answered(model, since, Notebook()) == ["About 40 rows."]
    assert [message["role"] for message in stub.asked[-1]["messages"]] == ["system", "assistant", "user", "user"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("```py\na\n```\nand\n```tool_code\nb\n```", "a\n\nb"),
        ("```python\nnever ends", "never ends"),
        ("```\nno language\n```", ""),
        ("```sql\nSELECT 1\n```", ""),
        ("no fence", ""),
    ],
)
def test_which_fences_are_python(said: str, code: str) -> None:
    assert fences.fenced_python(said) == code


async def test_other_errors_are_errors_still(stub: Stub, model: UpstreamModel) -> None:
    stub.refusal = "the context is too long"
    with pytest.raises(openai.BadRequestError):
        await answered(model, QUESTION, Notebook())
