"""OpenAI's published specification as a judge of what was sent and answered.

It is too big for the repository (3 MB) and is looked for beside it, in ``../shared/specs``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from playground.azure.service.ledger import Entry

SPEC = Path(__file__).resolve().parents[3] / "shared/specs/openai-openapi/openapi.yaml"
URI = "urn:openai"
MOST_JUDGED = 200
"""Requests; one of /responses takes ten milliseconds."""
AZURE_QUERY = {"api-version"}
RECORDED_NULLS = {"Response": {"user"}, "OpenAIFile": {"status_details", "expires_at"}}
"""Members that the specification wants to be strings, while recordings of the real service have null."""

Json = dict[str, Any]


@pytest.fixture(scope="session")
def openapi() -> OpenApi:
    """The specification; without it the test is skipped."""
    found = specification()
    if found is None:
        pytest.skip(f"SKIPPED LOUDLY: OpenAI's specification does not lie at {SPEC}")
    return found


@cache
def specification() -> OpenApi | None:
    """The specification, read once; None where it does not lie."""
    return OpenApi(yaml.load(SPEC.read_bytes(), Loader=yaml.CSafeLoader)) if SPEC.exists() else None


def check_requests(entries: Sequence[Entry]) -> None:
    """Fail if a request is not by the specification; of very many, the first ones are judged. Silent without it."""
    judge = specification()
    problems = judge.of_requests(entries[:MOST_JUDGED]) if judge is not None else []
    assert not problems, "\n".join(problems)


class OpenApi:
    """Judges requests and answers. Its methods return problems in words; no problem is an empty list."""

    def __init__(self, specification: Json) -> None:
        self._paths: Json = specification["paths"]
        self._document = _as_json_schema(specification)
        self._registry = Registry().with_resource(URI, DRAFT202012.create_resource(self._document))
        self._validators: dict[str, Draft202012Validator] = {}

    def of_requests(self, entries: Iterable[Entry]) -> list[str]:
        """Problems of all requests of a ledger."""
        return [f"{entry.method} {entry.path}: {problem}" for entry in entries for problem in self.of_request(entry)]

    def of_request(self, entry: Entry) -> Iterator[str]:
        """Unknown path, query, form field or member; what is missing; what has another form."""
        path = self._path(entry)
        if path is None:
            yield "is not in the specification"
            return
        operation = self._paths[path][entry.method.lower()]
        parameters = [_deref(self._document, one) for one in operation.get("parameters", ())]
        queries = {one["name"].removesuffix("[]") for one in parameters if one["in"] == "query"}
        yield from _unknown("query", {name.removesuffix("[]") for name in entry.query} - AZURE_QUERY, queries)
        body = _deref(self._document, operation.get("requestBody") or {})
        yield from self._of_body(entry, body.get("content") or {})

    def of_value(self, schema: str, value: Json) -> list[str]:
        """Problems of a value by a named schema, for example ``Response``."""
        nulls = RECORDED_NULLS.get(schema, set())
        judged = {key: item for key, item in value.items() if item is not None or key not in nulls}
        return self._problems(f"#/components/schemas/{schema}", judged)

    def _of_body(self, entry: Entry, content: Mapping[str, Any]) -> Iterator[str]:
        kind = entry.headers.get("content-type", "").partition(";")[0]
        if kind not in content:
            if entry.body or (kind and content):
                yield f"the body is {kind or 'missing'}, known: {', '.join(content) or 'none'}"
            return
        if entry.body is None:
            return  # cut off by a fault before anybody read it
        schema, body = content[kind]["schema"], entry.body
        known = set(self._members(schema))
        if kind == "multipart/form-data":
            yield from _unknown("form", {name.partition("[")[0] for name in body}, known)
            required = _deref(self._document, schema).get("required", ())
            yield from (f"form lacks {name}" for name in required if name not in body)
            return
        yield from _unknown("body", set(body), known)
        yield from self._problems(schema["$ref"], body) if "$ref" in schema else ()

    def _path(self, entry: Entry) -> str | None:
        matching = [
            path for path in self._patterns if entry.method.lower() in self._paths[path] and self._fits(path, entry)
        ]
        return min(matching, key=lambda path: path.count("{"), default=None)

    def _fits(self, path: str, entry: Entry) -> bool:
        return self._patterns[path].fullmatch(entry.path) is not None

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {path: re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in self._paths if "?" not in path}

    def _members(self, schema: Json) -> Iterator[str]:
        """Names of all properties of an object that may be put together by ``allOf`` and ``anyOf``."""
        schema = _deref(self._document, schema)
        yield from schema.get("properties", {})
        for part in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
            yield from self._members(part)

    def _problems(self, pointer: str, value: Any) -> list[str]:
        if pointer not in self._validators:
            self._validators[pointer] = Draft202012Validator({"$ref": URI + pointer}, registry=self._registry)
        error = best_match(self._validators[pointer].iter_errors(value))
        return [f"{error.json_path}: {error.message[:300]}"] if error else []


def _unknown(where: str, names: Collection[str], known: Collection[str]) -> Iterator[str]:
    yield from (f"{where} has unknown {name}" for name in sorted(set(names) - set(known)))


def _deref(document: Json, value: Json) -> Json:
    while "$ref" in value:
        found: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def _as_json_schema(value: Any) -> Any:
    """The document with OpenAPI 3.0's leftovers put right: ``nullable``, and ``oneOf`` of overlapping shapes."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _as_json_schema(item) for key, item in value.items()}
    if isinstance(changed.get("oneOf"), list) and "anyOf" not in changed:
        changed["anyOf"] = changed.pop("oneOf")
    if changed.pop("nullable", None) is True:
        return {"anyOf": [changed, {"type": "null"}]}
    return changed
