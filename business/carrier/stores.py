"""Shops: which are near a place, and which are called something. Public: nothing has to be proved."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row, bindparam, func, or_, select

from business.carrier import tables
from runtime.database import Database

SOURCE = "carrier.sql"
_EARTH_M = 6_371_000.0
_M_PER_DEGREE = 111_195.0
# ever wider looks, in degrees of latitude: about 11, 55, 220 km
_LOOKS = (0.1, 0.5, 2.0)
_S = tables.store.c
_NEAR = select(tables.store).where(
    _S.account == bindparam("b_account"),
    _S.latitude.between(bindparam("b_south"), bindparam("b_north")),
    _S.longitude.between(bindparam("b_west"), bindparam("b_east")),
)
_NAMED = (
    select(tables.store)
    .where(
        _S.account == bindparam("b_account"),
        or_(_S.name.contains(bindparam("b_words"), autoescape=False), _S.address.contains(bindparam("b_words"), autoescape=False)),
    )
    .order_by(_S.name, _S.store_id)
    .limit(bindparam("b_limit"))
)
_COUNT = select(func.count()).select_from(tables.store).where(_S.account == bindparam("b_account"))


@dataclass(frozen=True)
class Shop:
    """Where something can be done in person. `metres`: as the crow flies, None when nobody said from where."""

    store_id: str
    name: str
    address: str
    hours: str
    as_of: datetime
    metres: int | None = None


class StoreDirectory(Protocol):
    """The carrier's shops. Raises nothing for an account that has none."""

    async def near(self, account: str, latitude: float, longitude: float, limit: int = 3) -> tuple[Shop, ...]:
        """The nearest first; empty when none is within some 220 km."""

    async def named(self, account: str, words: str, limit: int = 3) -> tuple[Shop, ...]:
        """Those with the words in their name or address."""

    async def count(self, account: str) -> int:
        """How many there are."""


class SqlStores:
    """`StoreDirectory` over our own table."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def near(self, account: str, latitude: float, longitude: float, limit: int = 3) -> tuple[Shop, ...]:
        return await self._db.read(lambda connection: _near(connection, account, (latitude, longitude), limit))

    async def named(self, account: str, words: str, limit: int = 3) -> tuple[Shop, ...]:
        # what LIKE would take for a pattern is none here
        plain = "".join(letter for letter in words if letter not in "%_\\").strip()
        if not plain:
            return ()
        params = {"b_account": account, "b_words": plain, "b_limit": limit}
        rows = await self._db.read(lambda connection: connection.execute(_NAMED, params).all())
        return tuple(_shop(row, None) for row in rows)

    async def count(self, account: str) -> int:
        return await self._db.read(lambda connection: int(connection.execute(_COUNT, {"b_account": account}).scalar_one()))


class FakeStores:
    """`StoreDirectory` that answers `shops`, each with its place."""

    def __init__(self, shops: Sequence[tuple[Shop, float, float]] = ()) -> None:
        self.shops = list(shops)

    async def near(self, account: str, latitude: float, longitude: float, limit: int = 3) -> tuple[Shop, ...]:
        here = (latitude, longitude)
        measured = [replace(shop, metres=round(metres_between(here, (north, east)))) for shop, north, east in self.shops]
        return tuple(sorted((one for one in measured if (one.metres or 0) < 220_000), key=lambda one: one.metres or 0))[:limit]

    async def named(self, account: str, words: str, limit: int = 3) -> tuple[Shop, ...]:
        return tuple(shop for shop, _, _ in self.shops if words in shop.name or words in shop.address)[:limit]

    async def count(self, account: str) -> int:
        return len(self.shops)


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two (latitude, longitude)."""
    north, other_north = math.radians(one[0]), math.radians(other[0])
    half = math.sin((other_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def _near(connection: Connection, account: str, place: tuple[float, float], limit: int) -> tuple[Shop, ...]:
    found: list[Shop] = []
    for degrees in _LOOKS:
        wide = degrees / max(math.cos(math.radians(place[0])), 0.01)
        box = {"b_south": place[0] - degrees, "b_north": place[0] + degrees, "b_west": place[1] - wide, "b_east": place[1] + wide}
        rows = connection.execute(_NEAR, box | {"b_account": account}).all()
        found = sorted((_shop(row, place) for row in rows), key=lambda shop: (shop.metres or 0, shop.store_id))
        # beyond the circle that fits the box, a nearer one may lie outside it
        inside = [shop for shop in found if (shop.metres or 0) <= degrees * _M_PER_DEGREE]
        if len(inside) >= limit:
            return tuple(inside[:limit])
    return tuple(found[:limit])


def _shop(row: Row[Any], place: tuple[float, float] | None) -> Shop:
    metres = None if place is None else round(metres_between(place, (row.latitude, row.longitude)))
    return Shop(row.store_id, row.name, row.address, row.hours, row.as_of, metres)
