"""The callback: open, store, wait a little for a passive answer, acknowledge."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace

import structlog

from connectors.wechat.codec import render_text, render_transfer
from connectors.wechat.envelope import Envelope, Opened
from connectors.wechat.errors import Anomalous
from connectors.wechat.kinds import Ignored, to_inbound
from conversations.model import Accepted, Answer, InboundMessage, Passive, Transfer, Undecided
from conversations.native import SENT_AT
from conversations.ports import InboxPort
from runtime.clock import Clock
from runtime.errors import StorageFault
from runtime.settings import AccountSettings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long a callback may take, in seconds since it came."""

    hold_s: float = 4.5
    """WeChat cuts a callback off after 5 s."""
    cut_s: float = 10.0
    """One that is left without an answer is long cut off by then, also behind a proxy that does not say so."""
    retry_s: float = 0.25
    """Between two attempts at storing."""


PATIENCE = Patience()
LAST_DELIVERY = 3
_LAST_FROM_S = 9
# WeChat repeats about every 5 s, "three retries in total": practice has three deliveries in all, the words allow four
# (developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html). The third is answered.

_NOTHING = (200, "success")
# no answer that WeChat understands: it asks again
_ASK_AGAIN = (503, "")


class Webhook:
    """One account's callback. Sanic is not known here: (query, body) in, (status, text) out."""

    def __init__(
        self, account: AccountSettings, inbox: InboxPort, clock: Clock, counts: Counter[str], patience: Patience = PATIENCE
    ) -> None:
        self._account = account
        self._patience = patience
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
            return _NOTHING
        if message.kind == "event":
            message = replace(message, extra={**message.extra, SENT_AT: _created(opened)})
        # both moments are by WeChat's clock: ours may be off by as much as the window lets pass
        age_s = int(query["timestamp"]) - _created(opened)
        try:
            accepted = await self._store(message)
            self._count(message, repeated=accepted.repeated)
            outcome = await self._decide(accepted, began, final=self._is_final(accepted, age_s))
        except StorageFault as fault:
            return await self._hang_up(fault, began)
        return self._answer(opened, message, outcome)

    async def _store(self, message: InboundMessage) -> Accepted:
        """Tries for as long as WeChat waits. Raises StorageFault."""
        until = asyncio.get_running_loop().time() + self._patience.hold_s - self._patience.retry_s
        while True:
            try:
                return await self._inbox.accept(message)
            except StorageFault:
                if asyncio.get_running_loop().time() >= until:
                    raise
            self._counts["stored_later"] += 1
            await asyncio.sleep(self._patience.retry_s)
            # its place among the others is where it is stored
            message = replace(message, received_at=self._clock.now())

    async def _decide(self, accepted: Accepted, began: float, *, final: bool) -> Answer:
        most = self._patience.hold_s if final else self._patience.cut_s
        return await self._inbox.outcome(accepted.inbound_id, max(most - (self._clock.monotonic() - began), 0.0), final=final)

    async def _hang_up(self, fault: StorageFault, began: float) -> tuple[int, str]:
        """What is not stored is not acknowledged, nor what is not decided answered. A status that is no answer would show the subscriber
        an error at once; a callback that hangs is cut off and comes again."""
        self._counts["hung_up"] += 1
        _log.error("callback_hung_up", account=self._account.key, reason=str(fault))
        await asyncio.sleep(max(self._patience.cut_s - (self._clock.monotonic() - began), 0.0))
        return _ASK_AGAIN

    def _answer(self, opened: Opened, message: InboundMessage, outcome: Answer) -> tuple[int, str]:
        if isinstance(outcome, Undecided):
            self._counts["left_unanswered"] += 1
            return _ASK_AGAIN
        to, sender = message.address.openid, str(opened.fields.get("ToUserName") or self._account.ghid)
        created = int(self._clock.now().timestamp())
        if isinstance(outcome, Passive):
            return 200, self._envelope.seal(render_text(to, sender, created, outcome.text), opened.key)
        if isinstance(outcome, Transfer):
            agent = self._account.desk.kf_account(outcome.skill)
            return 200, self._envelope.seal(render_transfer(to, sender, created, agent), opened.key)
        return _NOTHING

    def _is_final(self, accepted: Accepted, age_s: int) -> bool:
        """Whether this delivery must be answered. Who may send messages answers each; who may not waits for WeChat's repeats, of which
        some may never have got as far as the count: so a message's age counts, too."""
        if self._account.kind == "service" or accepted.delivery >= LAST_DELIVERY:
            return True
        return age_s >= _LAST_FROM_S

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


def _created(opened: Opened) -> int:
    """When the message was made, by WeChat's clock: seconds since 1970. It was checked when the message was read."""
    return int(opened.fields["CreateTime"])
