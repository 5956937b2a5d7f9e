"""HTTP under wechatpy: every request has an end in time and size, goes nowhere else, and its address stands in no log.

WeChat wants the token in the address, so that whoever logs addresses logs tokens.
"""

import logging
import re
import time
from dataclasses import dataclass
from typing import Any

import requests

_TOKEN = re.compile(r"(access_token=)[^&\s'\"]+")
_PIECE = 65_536


@dataclass(frozen=True)
class WireSettings:
    """Bounds of one request: seconds to connect, seconds in all, and the largest answer in bytes."""

    connect_s: float = 3.0
    total_s: float = 10.0
    upload_total_s: float = 120.0
    largest: int = 16 * 1024 * 1024


class Wire(requests.Session):
    """A session of `requests` for one call at a time. Raises requests' own errors; whoever holds it must not let them out."""

    def __init__(self, settings: WireSettings) -> None:
        super().__init__()
        self._settings = settings
        # as the rest of the product goes out: no proxy or .netrc of the environment, so that WeChat sees one address
        self.trust_env = False
        logging.getLogger("urllib3.connectionpool").addFilter(_hide_token)

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As requests', with our bounds. A redirect is not followed: the address holds the token."""
        total = self._settings.upload_total_s if kwargs.get("files") else self._settings.total_s
        kwargs |= {"timeout": (self._settings.connect_s, total), "stream": True, "allow_redirects": False}
        until = time.monotonic() + total
        with super().request(method, url, *args, **kwargs) as response:
            response._content = self._read(response, until)  # noqa: SLF001 (requests has no other way to bound what it reads)
        return response

    def _read(self, response: requests.Response, until: float) -> bytes:
        body = bytearray()
        while piece := response.raw.read1(_PIECE, decode_content=True):
            body += piece
            if len(body) > self._settings.largest:
                raise requests.exceptions.ContentDecodingError("the answer is too large")
            if time.monotonic() > until:
                raise requests.exceptions.ReadTimeout("the answer did not end")
        return bytes(body)


def _hide_token(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_TOKEN.sub(r"\1…", one) if isinstance(one, str) else one for one in record.args)
    return True
