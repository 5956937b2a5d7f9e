"""/api/openapi.json, made from the registry of calls and the models of their bodies: what it says is what is served."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from staff.api import COOKIE, CSRF_HEADER, Route
from staff.models import ErrorAnswer
from staff.sentences import Sentence

_PLACE = re.compile(r"<(\w+):\w+>")
_REF = "#/components/schemas/{model}"


def build_openapi(routes: tuple[Route, ...], sentences: Mapping[str, Sentence], version: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    models = {model for route in routes for model in (route.body, route.answer) if model is not None} | {ErrorAnswer}
    pairs = [(model, "validation") for model in sorted(models, key=lambda one: one.__name__)]
    _, schemas = models_json_schema(pairs, ref_template=_REF)  # type: ignore[arg-type]
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(open_path(route.path), {})[route.method.lower()] = _operation(route, sentences)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Weiting staff API", "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": f"Calls that change something carry the session's csrf in {CSRF_HEADER}.",
                },
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def open_path(path: str) -> str:
    """Sanic's <id:str> as OpenAPI's {id}."""
    return _PLACE.sub(r"{\1}", path).replace("path_id", "id")


def _operation(route: Route, sentences: Mapping[str, Sentence]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "parameters": [
            {"name": name, "in": "query", "required": required, "description": text, "schema": {"type": "string"}}
            for name, text, required in route.parameters
        ],
        "responses": {**_success(route), **_refusals(route, sentences)},
        "security": [] if route.open else [{"cookie": []}, {"token": []}],
    }
    if "path_id" in route.path:
        operation["parameters"].append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(route.body.__name__)}
    return operation


def _success(route: Route) -> dict[str, Any]:
    if route.stream:
        return {"200": {"description": "id: SEQ, data: {seq, kind, conversation_id}", "content": {"text/event-stream": {}}}}
    if route.file:
        return {"200": {"description": "The file, under its own type", "content": {"application/octet-stream": {}}}}
    if route.answer is None:
        return {"204": {"description": "Done"}}
    return {"200": {"description": "Done", "content": _json(route.answer.__name__)}}


def _refusals(route: Route, sentences: Mapping[str, Sentence]) -> dict[str, Any]:
    codes = list(route.refusals)
    if route.body is not None or route.parameters:
        codes.append("bad_request")
    if not route.open:
        codes.append("not_signed_in")
        codes += ["bad_csrf"] if route.method != "GET" else []
        codes += ["forbidden"] if route.roles else []
    by_status: dict[str, list[str]] = {}
    for code in codes:
        by_status.setdefault(str(sentences[code].status), []).append(code)
    return {
        status: {"description": ", ".join(named), "content": _json(ErrorAnswer.__name__)}
        for status, named in sorted(by_status.items())
    }


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}
