"""What is left in the plan: data, minutes, messages."""

from datetime import datetime

from actions.asking import AskAction
from actions.dialogue import PersonAnswers
from actions.reply import Reply
from actions.turn import Ask, Turn
from business.carrier import wording
from business.carrier.model import Bucket, UsageKind
from business.carrier.ports import CarrierSource
from business.carrier.receipts import allowance_receipt
from business.identity.types import Access

BUCKETS_AT_MOST = 12


class QueryAllowance(AskAction[CarrierSource]):
    """Every bucket on a line of its own: used, left, total, validity; shared, carried over and unlimited said."""

    NAME = "action_query_allowance"
    intent = "query_allowance"
    topic = "traffic"

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        buckets = await self._source.allowances(access)
        line = self.line_name(access)
        if not buckets:
            reply.say("no_allowance", line=line, now=wording.moment(turn.now, turn.now))
            return
        shown = [self._bucket(bucket, turn.now) for bucket in buckets[:BUCKETS_AT_MOST]]
        as_of = min(bucket.as_of for bucket in buckets)
        if len(shown) == 1:
            reply.say("allowance", line=line, bucket=shown[0], as_of=wording.moment(as_of, turn.now))
        else:
            reply.say("allowances", line=line, buckets=self._phrases.join(shown, "line"), as_of=wording.moment(as_of, turn.now))
        reply.receipt(allowance_receipt(access, buckets, buckets[0].source, turn.now).to_dict())

    def _bucket(self, bucket: Bucket, now: datetime) -> str:
        part = self._phrases.part
        if bucket.total is None or bucket.left is None:
            amount = part("unlimited", used=self._amount(bucket.kind, bucket.used, up=True))
        elif bucket.over:
            amount = part("over", over=self._amount(bucket.kind, bucket.over, up=True), total=self._amount(bucket.kind, bucket.total))
        else:
            used = self._amount(bucket.kind, bucket.used, up=True)
            left, total = self._amount(bucket.kind, bucket.left), self._amount(bucket.kind, bucket.total)
            amount = part("left", used=used, left=left, total=total)
        notes = [
            amount,
            part("carried_over", amount=self._amount(bucket.kind, bucket.carried_over)) if bucket.carried_over else "",
            part("shared") if bucket.shared else "",
            part("until", day=wording.last_day(bucket.valid_to, now)),
        ]
        return part("bucket", name=bucket.name, notes=self._phrases.join(notes))

    def _amount(self, kind: UsageKind, amount: int, up: bool = False) -> str:
        """Calls in whole minutes: what is left rounds down, what is used (`up`) rounds up."""
        if kind is UsageKind.DATA:
            return wording.volume(amount)
        if kind is UsageKind.SMS:
            return self._phrases.part("messages", n=amount)
        return self._phrases.part("minutes", n=-(-amount // 60) if up else amount // 60)


class QueryUsageLog(PersonAnswers):
    """Where the data or the calls went: no source here keeps them."""

    NAME = "action_query_usage_log"
    intent = "query_usage_log"
    topic = "traffic"


class BuyDataPack(PersonAnswers):
    """Wants more data now."""

    NAME = "action_buy_data_pack"
    intent = "buy_data_pack"
    topic = "traffic"
