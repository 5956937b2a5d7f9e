"""What the sandbox remembers of the product's doings: its calls, its deliveries, its short messages. All in rings."""

import re
from collections import Counter, OrderedDict, deque
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.errors import ScriptRefusal

_CALLS_KEPT = 2000
_SMS_KEPT = 2000
_KEYS_KEPT = 5000
TOKEN_PATHS = ("/cgi-bin/stable_token", "/cgi-bin/token")
_CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


@dataclass(frozen=True)
class ApiCall:
    """One call of the product: `body` and `query` have neither token nor secret; `size` is in bytes as sent.

    `errcode` None: no answer was given.
    """

    n: int
    path: str
    account: str | None
    openid: str | None
    at: str
    errcode: int | None
    size: int
    body: Any
    ms: float
    fault: str | None = None
    query: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """One POST to the callback. `outcome`: ack, passive, malformed, unanswered, lost (the answer was thrown away by order)."""

    n: int
    account: str
    openid: str
    msg_id: int | None
    attempt: int
    at: str
    ms: float
    outcome: str
    detail: str | None = None


@dataclass(frozen=True)
class Sms:
    """One short message; `code` is the one-time code found in it, if any."""

    n: int
    phone: str
    text: str
    at: str
    key: str
    code: str | None


@dataclass
class Journal:
    """The two logs a developer reads."""

    calls: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=_CALLS_KEPT))
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=_CALLS_KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    tokens: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_CALLS_KEPT))
    _calls_n: int = 0
    _deliveries_n: int = 0

    def add_call(self, **fields: Any) -> None:
        self._calls_n += 1
        call = ApiCall(n=self._calls_n, **fields)
        self.calls.append(call)
        self.counts[call.path] += 1
        if call.path in TOKEN_PATHS:
            forced = isinstance(call.body, dict) and call.body.get("force_refresh") is True
            kept = {name: getattr(call, name) for name in ("n", "path", "account", "at", "errcode")}
            self.tokens.append({**kept, "forced": forced})

    def add_delivery(self, **fields: Any) -> None:
        self._deliveries_n += 1
        self.deliveries.append(Delivery(n=self._deliveries_n, **fields))

    def calls_after(self, n: int, openid: str = "", path: str = "") -> list[dict[str, Any]]:
        return [asdict(call) for call in self.calls if call.n > n and openid in ("", call.openid) and path in call.path]

    def deliveries_after(self, n: int, openid: str = "") -> list[dict[str, Any]]:
        return [asdict(one) for one in self.deliveries if one.n > n and openid in ("", one.openid)]


class SmsBox:
    """The short messages that were sent, and the keys that make sending idempotent."""

    def __init__(self) -> None:
        self._sent: deque[Sms] = deque(maxlen=_SMS_KEPT)
        self._by_key: OrderedDict[str, Sms] = OrderedDict()
        self._last_n = 0

    def send(self, phone: str, text: str, key: str, at: str) -> tuple[Sms, bool]:
        """The message and whether it had been sent before under the same key.

        Raises:
            ScriptRefusal: 409 when the key was used for another message.
        """
        before = self._by_key.get(key)
        if before:
            if (before.phone, before.text) != (phone, text):
                raise ScriptRefusal("This key was used for another message.", code="key_reused", status=409)
            return before, True
        self._last_n += 1
        found = _CODE.search(text)
        sms = Sms(self._last_n, phone, text, at, key, found.group() if found else None)
        self._sent.append(sms)
        self._by_key[key] = sms
        while len(self._by_key) > _KEYS_KEPT:
            self._by_key.popitem(last=False)
        return sms, False

    def to(self, phone: str, after: int = 0) -> list[Sms]:
        return [sms for sms in self._sent if sms.phone == phone and sms.n > after]

    def after(self, n: int) -> list[Sms]:
        return [sms for sms in self._sent if sms.n > n]
