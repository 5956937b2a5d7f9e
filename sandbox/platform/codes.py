"""QR codes with a scene: qrcode/create, and the picture showqrcode gives for a ticket.

developers.weixin.qq.com/doc/service/Account_Management/Generating_a_Parametric_QR_Code.html: QR_SCENE (a 32-bit number) and QR_STR_SCENE
live expire_seconds, 60 by default and 2,592,000 at most; QR_LIMIT_SCENE 1 to 100,000 and QR_LIMIT_STR_SCENE for ever; texts have 1 to 64
characters. Chosen: anything else is 40053. The picture tells the scene in words and is no code that a camera could read.
"""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from math import inf
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.errors import PlatformRefusal, ScriptRefusal
from sandbox.platform.calls import Answer, Asked, Blob, Call, table_of, text_of, whole_of

LIFE_S = 60
LIFE_MOST_S = 2_592_000
_NUMBERS = {"QR_SCENE": 2**32 - 1, "QR_LIMIT_SCENE": 100_000}
_TEXTS = ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE")
_TEXT_MOST = 64
_KEPT = 10_000
_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="430" height="430" viewBox="0 0 430 430"
 font-family="sans-serif" text-anchor="middle"><rect width="430" height="430" fill="#fff"/>
<path fill="none" stroke="#191919" stroke-width="14" d="M40 120V40h80M310 40h80v80M390 310v80h-80M120 390H40v-80"/>
<text x="215" y="190" font-size="24" fill="#8a8f96">{account}</text>
<text x="215" y="240" font-size="30" font-weight="bold" fill="#191919">{scene}</text></svg>"""


@dataclass(frozen=True)
class Code:
    """One code. `expires` is in seconds since 1970; infinite for the permanent ones."""

    ticket: str
    account: str
    account_name: str
    scene: str
    expires: float
    url: str


class Codes:
    """All codes of all accounts, the oldest forgotten."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._codes: OrderedDict[str, Code] = OrderedDict()

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/qrcode/create", self.create, daily=100_000),
            Call("/cgi-bin/showqrcode", self.show, "GET", token=False, verified=False, daily=None, body="none"),
        )

    def create(self, asked: Asked) -> Answer:
        action = asked.body.get("action_name")
        scene = _scene(action, table_of(table_of(asked.body.get("action_info"), 40053).get("scene"), 40053))
        life: float = inf
        answer: dict[str, Any] = {}
        if "LIMIT" not in str(action):
            life = whole_of(asked.body.get("expire_seconds", LIFE_S), 40053)
            if not 1 <= life <= LIFE_MOST_S:
                raise PlatformRefusal(40053)
            answer["expire_seconds"] = life
        ticket = "gQ" + secrets.token_urlsafe(66)
        url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(15)}"
        account = asked.account
        self._codes[ticket] = Code(ticket, account.key, account.name, scene, self._clock.seconds() + life, url)
        while len(self._codes) > _KEPT:
            self._codes.popitem(last=False)
        return {"ticket": ticket, **answer, "url": url}

    def show(self, asked: Asked) -> Answer:
        """The picture; raises PlatformRefusal 40053 for a ticket nobody has made (WeChat: HTTP 404)."""
        code = self._codes.get(asked.args.get("ticket", ""))
        if code is None:
            raise PlatformRefusal(40053)
        picture = _PICTURE.format(account=escape(code.account_name), scene=escape(code.scene))
        return Blob(picture.encode(), "image/svg+xml")

    def scanned(self, account: str, ticket: str) -> Code:
        """The code somebody holds the camera to; raises ScriptRefusal when it is none of the account's or has expired."""
        code = self._codes.get(ticket)
        if code is None or code.account != account:
            raise ScriptRefusal("The account has no code with this ticket.", code="unknown_ticket", status=404)
        if self._clock.seconds() >= code.expires:
            raise ScriptRefusal("The code has expired.", code="expired", status=409)
        return code

    def ticket_of(self, account: str, scene: str) -> str:
        """The ticket of the newest code with this scene; one made up when there is none."""
        mine = (code.ticket for code in reversed(self._codes.values()) if (code.account, code.scene) == (account, scene))
        return next(mine, f"sandbox-ticket-{scene}")

    def of(self, account: str) -> list[Code]:
        """The account's codes that can be scanned, the newest first."""
        now = self._clock.seconds()
        return [code for code in reversed(self._codes.values()) if code.account == account and now < code.expires]


def _scene(action: object, scene: Mapping[str, Any]) -> str:
    if action in _TEXTS:
        text = text_of(scene.get("scene_str"), 40053)
        if len(text) > _TEXT_MOST:
            raise PlatformRefusal(40053)
        return text
    most = _NUMBERS.get(action) if isinstance(action, str) else None
    number = whole_of(scene.get("scene_id"), 40053)
    if most is None or not 1 <= number <= most:
        raise PlatformRefusal(40053)
    return str(number)
