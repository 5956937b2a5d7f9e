"""Faults a script can order, so that every unhappy path of the product can be walked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.config import READINGS
from sandbox.errors import ScriptRefusal

_DROPS = (True, False, "after", "before")
_KEPT = 100
CALLBACK = "callback"
TOKEN_CALLS = "token-calls"  # noqa: S105  the name of a group of calls
_ILLS = ("errcode", "delay_ms", "drop", "repeat", "status", "garbage")


@dataclass
class Fault:
    """One order.

    Attributes:
        path: part of the path it holds for: `custom/send`, `menu/create`, `stable_token`, `sms/send`, or `callback`; empty: every call
            of the product's; `token-calls`: every call that needs an access token.
        openid: only for this subscriber; empty: for all.
        left: how often it still happens; -1 until cleared.
        errcode: answered instead of doing the call; None: the call is done. Like `status` and `garbage` an answer of the platform's: none
            for the callback, which the product answers.
        delay_ms: wait this long first.
        drop: "after": the call is done, then the connection is cut without an answer; "before": cut and nothing done.
        repeat: (callback) deliver this many times more and lose all answers but the last.
        status: answer this HTTP status with a page of a proxy instead of doing the call.
        garbage: answer 200 with something that is no JSON; the call is done.
    """

    path: str = ""
    openid: str = ""
    left: int = 1
    errcode: int | None = None
    delay_ms: int = 0
    drop: str = ""
    repeat: int = 0
    status: int = 0
    garbage: bool = False

    def holds_for(self, path: str, openid: str, *, with_token: bool) -> bool:
        if self.openid not in ("", openid):
            return False
        if path == CALLBACK or self.path == CALLBACK:
            return self.path == path
        return with_token if self.path == TOKEN_CALLS else self.path in path


NO_FAULT = Fault(left=0)


@dataclass
class PlatformSettings:
    """What of WeChat's rules can be played in two ways while the sandbox runs."""

    purse_reading: str
    deliveries: int


class Faults:
    """The orders in force, oldest first; one call takes at most one."""

    def __init__(self, settings: PlatformSettings) -> None:
        self.settings = settings
        self._orders: list[Fault] = []

    def take(self, path: str, openid: str = "", *, with_token: bool = False) -> Fault:
        """The fault for this call; NO_FAULT when there is none."""
        for fault in self._orders:
            if fault.holds_for(path, openid, with_token=with_token):
                if fault.left > 0:
                    fault.left -= 1
                    if fault.left == 0:
                        self._orders.remove(fault)
                return fault
        return NO_FAULT

    def order(self, data: Mapping[str, Any]) -> None:
        """Reads the body of POST /api/faults; nothing is changed when any of it is wrong.

        Raises:
            ScriptRefusal: with the sentence that says what is wrong.
        """
        reading = data.get("purse_reading", self.settings.purse_reading)
        if reading not in READINGS:
            raise ScriptRefusal("purse_reading must be separate or shared.")
        deliveries = _whole(data, "deliveries", self.settings.deliveries, 1, 10)
        fault = _fault(data)
        if data.get("clear"):
            self._orders.clear()
        self.settings.purse_reading, self.settings.deliveries = reading, deliveries
        if fault and len(self._orders) >= _KEPT:
            raise ScriptRefusal(f"More than {_KEPT} faults are waiting; clear some first.", code="too_many", status=409)
        if fault:
            self._orders.append(fault)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self.settings), "faults": [asdict(fault) for fault in self._orders]}


def _fault(data: Mapping[str, Any]) -> Fault | None:
    if data.get("token") == "refused":
        return Fault(path=TOKEN_CALLS, left=-1, errcode=40001)
    if not any(data.get(key) for key in _ILLS):
        return None
    drop, garbage = data.get("drop", False), data.get("garbage", False)
    if drop not in _DROPS:
        raise ScriptRefusal("drop must be true, before or after.")
    if not isinstance(garbage, bool):
        raise ScriptRefusal("garbage must be true or false.")
    status = _whole(data, "status", 0, 0, 599)
    if 0 < status < 400:
        raise ScriptRefusal("status must be an HTTP status from 400 to 599.")
    path, openid = data.get("path", ""), data.get("openid", "")
    if not isinstance(path, str) or not isinstance(openid, str):
        raise ScriptRefusal("path and openid must be texts.")
    if path == CALLBACK and any(data.get(key) for key in ("errcode", "status", "garbage")):
        raise ScriptRefusal("errcode, status and garbage are answers of the platform's; the product answers the callback.")
    repeat = _whole(data, "repeat", 0, 0, 20)
    return Fault(
        path=CALLBACK if repeat and not path else path,
        openid=openid,
        left=_whole(data, "count", 1, -1, 1_000_000) or -1,
        errcode=_whole(data, "errcode", 0, -1, 9_999_999) or None,
        delay_ms=_whole(data, "delay_ms", 0, 0, 600_000),
        drop="after" if drop is True else drop or "",
        repeat=repeat,
        status=status,
        garbage=garbage,
    )


def _whole(data: Mapping[str, Any], key: str, default: int, least: int, most: int) -> int:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ScriptRefusal(f"{key} must be a whole number from {least} to {most}.")
    return value
