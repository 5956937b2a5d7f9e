"""Menu keys and short codes, answered without the bot.

Provinces differ in their codes, so several mean the same. A menu's key is one of these codes, the intent's name or the key's own words,
which are also the words that answers tell people to send.
"""

import unicodedata
from pathlib import Path
from typing import Any, Protocol

import yaml

from business.carrier.answers import Answers
from business.carrier.errors import NoSuchBill, SourceFailed
from business.carrier.model import Bill
from business.carrier.ports import CarrierSource
from business.carrier.receipts import Receipt, allowance_receipt, balance_receipt, bill_receipt, points_receipt
from business.identity.errors import NotBound, ProofNeeded
from business.identity.ports import Identity
from business.identity.types import Access
from runtime.clock import Clock

_FILE = Path(__file__).with_name("texts") / "codes.yml"


def load_codes() -> dict[str, str]:
    """Code or word → query (balance, allowances, bill, points), from texts/codes.yml."""
    queries: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {code: query for query, codes in queries.items() for code in codes}


Answer = tuple[str, tuple[dict[str, Any], ...]]


class AddressLike(Protocol):
    """Whoever writes: an openid of an account."""

    @property
    def account(self) -> str:
        """The WeChat account's key."""

    @property
    def openid(self) -> str:
        """Its subscriber."""


class ShortCodes:
    """Answers of the shape conversations ask of a DirectAnswers."""

    def __init__(self, identity: Identity, source: CarrierSource, answers: Answers, clock: Clock) -> None:
        self._identity = identity
        self._source = source
        self._answers = answers
        self._clock = clock
        self._queries = load_codes()

    async def answer(self, address: AddressLike, text: str, turn_id: str) -> Answer | None:
        """(text, receipts); None for what is no short code, for who has no bound line, and when the source has nothing to show."""
        query = self._queries.get(unicodedata.normalize("NFKC", text).strip().strip("。.!！").upper())
        if query is None:
            return None
        try:
            access = await self._identity.access_figures(address.account, address.openid, 1, f"short_code:{query}", turn_id)
            said, receipt = await self._read(query, access)
        except (NotBound, ProofNeeded, SourceFailed, NoSuchBill):
            return None
        return said, (receipt.to_dict(),)

    async def _read(self, query: str, access: Access) -> tuple[str, Receipt]:
        now = self._clock.now()
        if query == "balance":
            balance = await self._source.balance(access)
            return self._answers.balance(access, balance, now), balance_receipt(access, balance)
        if query == "allowances":
            buckets = await self._source.allowances(access)
            return self._answers.allowances(access, buckets, now), allowance_receipt(access, buckets, "carrier", now)
        if query == "points":
            points = await self._source.points(access)
            return self._answers.points(access, points, now), points_receipt(access, points)
        bill = await self._newest_bill(access)
        return self._answers.bill(access, bill, now), bill_receipt(access, bill)

    async def _newest_bill(self, access: Access) -> Bill:
        now = self._clock.now()
        try:
            return await self._source.bill(access, f"{now:%Y-%m}")
        except NoSuchBill:
            year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
            return await self._source.bill(access, f"{year:04d}-{month:02d}")
