"""What a source of a carrier's figures must answer. sql.py reads our own tables; other back ends come beside it."""

from typing import Protocol

from business.carrier.model import Balance, Bill, Bucket, Plan, Points
from business.identity.types import Access


class CarrierSource(Protocol):
    """Reads figures of `access.line`. Every method raises SourceFailed(source, since) rather than guess."""

    async def balance(self, access: Access) -> Balance:
        """What is on the account."""

    async def bill(self, access: Access, month: str) -> Bill:
        """The bill of "YYYY-MM", items in the carrier's order and only for an access of level 2. Raises NoSuchBill(month)."""

    async def allowances(self, access: Access) -> tuple[Bucket, ...]:
        """Buckets valid now: data, voice, SMS, each by end of validity. Empty when the plan has none."""

    async def points(self, access: Access) -> Points:
        """Points that are good now and what ends next."""

    async def plan(self, access: Access) -> Plan:
        """Plans and services of the line, good now or ordered for later."""
