"""What a call of the product is to the modules that answer it, and how its body is read."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.config import Account
from sandbox.errors import PlatformRefusal

# An escape counts only behind an even number of backslashes; \\u4e2d in JSON is a backslash and four letters.
_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u([0-9a-fA-F]{4})")
OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}


@dataclass(frozen=True)
class Upload:
    """The file of a multipart body, in its field `media`."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Blob:
    """An answer that is a file and not JSON."""

    content: bytes
    content_type: str
    name: str = ""


@dataclass(frozen=True)
class Asked:
    """One call, its envelope taken off.

    Attributes:
        args: the query.
        body: the JSON object of the body, or the fields of a form.
        base: this sandbox's own address, for links in answers.
        ip: where the call came from.
        speaker: whose token it was; None for the calls that need none.
    """

    args: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    upload: Upload | None = None
    base: str = ""
    ip: str = ""
    speaker: Account | None = None

    @property
    def account(self) -> Account:
        """The account that calls; raises PlatformRefusal 41001."""
        if self.speaker is None:
            raise PlatformRefusal(41001)
        return self.speaker

    def text(self, name: str, errcode: int) -> str:
        """A text of the body that must be there and not empty; raises PlatformRefusal with the code."""
        return text_of(self.body.get(name), errcode)


Answer = dict[str, Any] | Blob


@dataclass(frozen=True)
class Call:
    """One call of WeChat's interface.

    Attributes:
        method: GET, POST, or ANY where WeChat takes both.
        token: an access token is needed.
        verified: accounts of kind subscription are refused with 48001.
        daily: how often a day an account may call it (the page API_Call_Limits); None: not counted.
        body: json, form (multipart with a file) or none.
    """

    path: str
    handle: Callable[[Asked], Answer]
    method: str = "POST"
    token: bool = True
    verified: bool = True
    daily: int | None = 1_000_000
    body: str = "json"


def read_body(raw: bytes) -> dict[str, Any]:
    """The JSON of a call; raises PlatformRefusal 44002, 40033, 47001.

    WeChat stores the bytes as they are, so a character outside ASCII must be sent as UTF-8 and not as an escape.
    """
    if not raw.strip():
        raise PlatformRefusal(44002)
    if any(int(code, 16) > 0x7F for code in _ESCAPE.findall(raw)):
        raise PlatformRefusal(40033)
    try:
        data = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PlatformRefusal(47001) from error
    if not isinstance(data, dict):
        raise PlatformRefusal(47001)
    return data


def peek_body(raw: bytes) -> dict[str, Any]:
    """The JSON object in the body, or nothing: for the journal, which must not refuse."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def text_of(value: object, errcode: int) -> str:
    """A text that is not empty; raises PlatformRefusal with the code."""
    if not isinstance(value, str) or not value:
        raise PlatformRefusal(errcode)
    return value


def whole_of(value: object, errcode: int) -> int:
    """A whole number, also written as a text, as WeChat takes it; raises PlatformRefusal with the code."""
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PlatformRefusal(errcode)
    return value


def table_of(value: object, errcode: int = 47001) -> Mapping[str, Any]:
    """A JSON object; raises PlatformRefusal with the code."""
    if not isinstance(value, dict):
        raise PlatformRefusal(errcode)
    return value


def list_of(value: object, errcode: int = 47001) -> list[Any]:
    """A JSON list; raises PlatformRefusal with the code."""
    if not isinstance(value, list):
        raise PlatformRefusal(errcode)
    return value
