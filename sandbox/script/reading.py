"""Reads what a script sends: JSON objects, forms with a file, and numbers in the query. A wrong one is refused with a sentence."""

import math
from typing import Any

from sanic import Request

from sandbox.errors import ScriptRefusal

WAIT_MOST_S = 60.0
# Fields of a form that are numbers or truths in JSON.
_NUMBERS = frozenset({"latitude", "longitude", "scale", "seconds", "count", "msg_id", "precision"})
_TRUTHS = frozenset({"wait", "alone"})


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of the body; raises ScriptRefusal."""
    try:
        body = request.json
    except Exception as error:  # Sanic wraps every parser's error in its own BadRequest
        raise ScriptRefusal("The body must be JSON.") from error
    if not isinstance(body, dict):
        raise ScriptRefusal("The body must be a JSON object.")
    return body


def body_and_file(request: Request) -> tuple[dict[str, Any], bytes | None]:
    """The same from JSON, or from a form (multipart/form-data) with the file in `media`; raises ScriptRefusal."""
    if not str(request.headers.get("content-type", "")).startswith("multipart/form-data"):
        return body_of(request), None
    body: dict[str, Any] = {name: _plain(name, value) for name, value in form_of(request).items()}
    return body, request.files["media"][0].body if request.files and "media" in request.files else None


def form_of(request: Request) -> dict[str, str]:
    """The first value of every field of a form."""
    form = request.form
    return {name: str(form[name][0]) for name in form} if form else {}


def whole_arg(request: Request, name: str) -> int:
    """A whole number of the query, 0 when it is missing; raises ScriptRefusal."""
    value = request.args.get(name, "0")
    if not value.isdecimal() or len(value) > 18:
        raise ScriptRefusal(f"{name} must be a whole number, 0 or more.")
    return int(value)


def wait_arg(request: Request) -> float:
    """wait_s of the query, at most a minute; raises ScriptRefusal."""
    try:
        seconds = float(request.args.get("wait_s", "0"))
    except ValueError as error:
        raise ScriptRefusal("wait_s must be a number of seconds.") from error
    if not math.isfinite(seconds) or seconds < 0:
        raise ScriptRefusal("wait_s must be a number of seconds, 0 or more.")
    return min(seconds, WAIT_MOST_S)


def text_in(body: dict[str, Any], name: str, default: str | None = None) -> str:
    """A text of the body; raises ScriptRefusal when it is missing without a default, or no text."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise ScriptRefusal(f"{name} must be given as a text.")
    return value


def _plain(name: str, value: str) -> Any:
    if name in _TRUTHS:
        return value.lower() in ("1", "true", "on", "yes")
    if name in _NUMBERS:
        try:
            number = float(value)
        except ValueError as error:
            raise ScriptRefusal(f"{name} must be a number.") from error
        return int(number) if number.is_integer() else number
    return value
