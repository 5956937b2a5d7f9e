"""The carrier's lines for identity, from our own tables."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from business.carrier.tables import billing_account, customer, line
from business.identity.types import HeldLine
from runtime.database import Database
from runtime.keys import Keyring

_GONE = ("ported_out", "closed", "retained")

_LINES = (
    select(
        line.c.line_id,
        line.c.msisdn_enc,
        line.c.msisdn_masked,
        line.c.status,
        customer.c.customer_id,
        customer.c.birth_year,
    )
    .join(
        billing_account,
        (billing_account.c.account == line.c.account) & (billing_account.c.billing_account_id == line.c.billing_account_id),
    )
    .join(
        customer,
        (customer.c.account == billing_account.c.account) & (customer.c.customer_id == billing_account.c.customer_id),
    )
    .where(line.c.account == bindparam("the_account"))
)
_BY_NUMBER = _LINES.where(line.c.msisdn_hmac == bindparam("the_hmac"))
_BY_IDS = _LINES.where(line.c.line_id.in_(bindparam("the_ids", expanding=True)))


class SqlLineDirectory:
    """Implements identity's LineDirectory."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    async def find(self, account: str, phone: str) -> HeldLine | None:
        values = {"the_account": account, "the_hmac": self._keyring.lookup_hash(phone)}

        def look(connection: Connection) -> Row[*tuple[Any, ...]] | None:
            return connection.execute(_BY_NUMBER, values).one_or_none()

        row = await self._db.read(look)
        held = self._held(row) if row is not None else None
        return held if held is not None and held.live else None

    async def look_up(self, account: str, line_ids: tuple[str, ...]) -> dict[str, HeldLine]:
        if not line_ids:
            return {}
        values = {"the_account": account, "the_ids": list(line_ids)}
        rows = await self._db.read(lambda connection: list(connection.execute(_BY_IDS, values)))
        return {row.line_id: self._held(row) for row in rows}

    def _held(self, row: Row[*tuple[Any, ...]]) -> HeldLine:
        return HeldLine(
            line_id=row.line_id,
            customer_id=row.customer_id,
            phone=self._keyring.decrypt(row.msisdn_enc),
            masked=row.msisdn_masked,
            birth_year=row.birth_year,
            live=row.status not in _GONE,
        )
