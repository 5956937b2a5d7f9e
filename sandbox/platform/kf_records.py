"""What was said on WeChat's own desk: customservice/msgrecord/getmsglist, the only way in which an account learns of it.

Source: developers.weixin.qq.com/doc/service/api/customer/messagerecord/…. A span of at most 24 hours, at most 10,000 rows a call,
`msgid` rises from 1. The codes of what happened are from memory: 1001 a session begins, 1003 it is handed over, 1004 it is closed, 2002
the agent writes, 2003 the agent reads what the subscriber wrote. Chosen: a wrong span is 61451; 100,000 rows are kept.
"""

from collections import deque
from dataclasses import dataclass

from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import Answer, Asked, Call, whole_of

BEGUN, SWITCHED, CLOSED, SAID, HEARD = 1001, 1003, 1004, 2002, 2003
_SPAN_S = 86_400
_MOST = 10_000
_KEPT = 100_000


@dataclass(frozen=True)
class Record:
    """One row. `at` is in seconds since 1970."""

    n: int
    account: str
    openid: str
    code: int
    text: str
    at: float
    worker: str


class KfRecords:
    """The rows of all accounts, the oldest forgotten."""

    def __init__(self) -> None:
        self._rows: deque[Record] = deque(maxlen=_KEPT)
        self._last_n = 0

    def calls(self) -> tuple[Call, ...]:
        return (Call("/customservice/msgrecord/getmsglist", self.list_all),)

    def add(self, account: str, openid: str, code: int, text: str, at: float, worker: str) -> None:
        self._last_n += 1
        self._rows.append(Record(self._last_n, account, openid, code, text, at, worker))

    def list_all(self, asked: Asked) -> Answer:
        """A page of the span from `msgid` on; the answer's msgid is where the next page begins."""
        start, end, first, count = (whole_of(asked.body.get(name), 61451) for name in ("starttime", "endtime", "msgid", "number"))
        if not 0 <= end - start <= _SPAN_S or first < 1 or not 1 <= count <= _MOST:
            raise PlatformRefusal(61451)
        mine = [one for one in self._rows if one.account == asked.account.key and start <= one.at <= end and one.n >= first]
        page = mine[:count]
        rows = [{"openid": one.openid, "opercode": one.code, "text": one.text, "time": int(one.at), "worker": one.worker} for one in page]
        return {"recordlist": rows, "number": len(rows), "msgid": page[-1].n + 1 if page else first}
