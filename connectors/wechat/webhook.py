"""The callback: open, store, wait a little for a passive answer, acknowledge."""

from collections import Counter

from connectors.wechat.codec import render_text
from connectors.wechat.envelope import Envelope, Opened
from connectors.wechat.errors import Anomalous
from connectors.wechat.kinds import Ignored, to_inbound
from conversations.model import InboundMessage, Passive
from conversations.ports import InboxPort
from runtime.clock import Clock
from runtime.settings import AccountSettings

HOLD_S = 4.5
_NOTHING = "success"


class Webhook:
    """One account's callback. Sanic is not known here: (query, body) in, (status, text) out."""

    def __init__(self, account: AccountSettings, inbox: InboxPort, clock: Clock, counts: Counter[str]) -> None:
        self._account = account
        self._inbox = inbox
        self._clock = clock
        self._counts = counts
        self._envelope = Envelope(account, clock)
        self._asks = dict(account.asks)

    def verify(self, query: dict[str, str]) -> tuple[int, str]:
        """WeChat's GET when the address is set up: the echo as it came."""
        try:
            self._envelope.check_query(query)
        except Anomalous as anomaly:
            return self._refuse(anomaly)
        return 200, query.get("echostr", "")

    async def receive(self, query: dict[str, str], body: bytes) -> tuple[int, str]:
        """403 and nothing told for what WeChat would not send; "success" or a reply for all else."""
        began = self._clock.monotonic()
        try:
            opened = self._envelope.open(query, body)
            message = to_inbound(self._account.key, opened.fields, self._clock.now(), self._asks)
        except Anomalous as anomaly:
            return self._refuse(anomaly)
        if isinstance(message, Ignored):
            self._counts[f"ignored.{message.name}"] += 1
            return 200, _NOTHING
        return 200, await self._answer(opened, message, began)

    async def _answer(self, opened: Opened, message: InboundMessage, began: float) -> str:
        accepted = await self._inbox.accept(message)
        self._count(message, repeated=accepted.repeated)
        left = HOLD_S - (self._clock.monotonic() - began)
        outcome = await self._inbox.outcome(accepted.inbound_id, max(left, 0.0))
        if not isinstance(outcome, Passive):
            return _NOTHING
        sender = str(opened.fields.get("ToUserName") or self._account.ghid)
        created = int(self._clock.now().timestamp())
        return self._envelope.seal(render_text(message.address.openid, sender, created, outcome.text), opened.key)

    def _count(self, message: InboundMessage, *, repeated: bool) -> None:
        """Names of the code's own only: what a stranger writes makes no new series."""
        self._counts["repeated" if repeated else "accepted"] += 1
        if repeated or message.kind != "event":
            return
        self._counts[f"event.{message.name}"] += 1
        if "status" in message.extra:
            self._counts[f"job.{message.name}.{message.extra['status']}"] += 1
        for consent in message.extra.get("consents", ()):
            self._counts[f"consent.{consent['answer']}"] += 1

    def _refuse(self, anomaly: Anomalous) -> tuple[int, str]:
        self._counts[f"anomalous.{anomaly.code}"] += 1
        return 403, ""
