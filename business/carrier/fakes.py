"""A source of figures that answers what it was given."""

from dataclasses import replace

from business.carrier.errors import NoSuchBill, SourceFailed
from business.carrier.model import Balance, Bill, Bucket, Plan, Points
from business.identity.types import Access

SOURCE = "carrier.fake"
_Key = tuple[str, str]


class FakeCarrierSource:
    """Figures per (account, line_id). Nothing given: SourceFailed. `failing` makes every call raise it. `asked` is what was read."""

    def __init__(self) -> None:
        self.balances: dict[_Key, Balance] = {}
        self.bills: dict[tuple[str, str, str], Bill] = {}
        self.buckets: dict[_Key, tuple[Bucket, ...]] = {}
        self.points_of: dict[_Key, Points] = {}
        self.plans: dict[_Key, Plan] = {}
        self.failing: SourceFailed | None = None
        self.asked: list[tuple[str, Access]] = []

    async def balance(self, access: Access) -> Balance:
        self._ask("balance", access)
        found = self.balances.get((access.account, access.line.line_id))
        if found is None:
            raise SourceFailed(SOURCE, None, "unknown line")
        return found

    async def bill(self, access: Access, month: str) -> Bill:
        self._ask("bill", access)
        found = self.bills.get((access.account, access.line.line_id, month))
        if found is None:
            raise NoSuchBill(month)
        return found if access.level >= 2 else replace(found, items=())

    async def allowances(self, access: Access) -> tuple[Bucket, ...]:
        self._ask("allowances", access)
        return self.buckets.get((access.account, access.line.line_id), ())

    async def points(self, access: Access) -> Points:
        self._ask("points", access)
        found = self.points_of.get((access.account, access.line.line_id))
        if found is None:
            raise SourceFailed(SOURCE, None, "unknown line")
        return found

    async def plan(self, access: Access) -> Plan:
        self._ask("plan", access)
        found = self.plans.get((access.account, access.line.line_id))
        if found is None:
            raise SourceFailed(SOURCE, None, "unknown line")
        return found

    def _ask(self, query: str, access: Access) -> None:
        self.asked.append((query, access))
        if self.failing is not None:
            raise self.failing
