"""What a file of subscribers may say. Format and an example: docs/sandbox-data.md.

Scalars come as the texts they are in the file; `now`, the moment of loading, is in the validation context.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from business.carrier.amounts import read_quantity
from business.carrier.fields import (
    UNLIMITED,
    Amount,
    End,
    Id,
    Label,
    Latitude,
    Longitude,
    Measure,
    Month,
    Openid,
    Phone,
    Scope,
    Start,
    Yuan,
    clear_name,
    now_of,
)
from business.carrier.model import UsageKind
from business.carrier.moments import month_bounds


class Part(BaseModel):
    """A mapping of the file: no key beside those named."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        """A key with nothing behind it is a key that is not there."""
        return {key: one for key, one in value.items() if one is not None} if isinstance(value, dict) else value


class Allowance(Part):
    """What a plan includes."""

    kind: UsageKind
    scope: Scope = "general"
    quantity: Amount
    carry_over_months: int = Field(0, ge=0, le=36)

    @property
    def amount(self) -> int | None:
        """None when unlimited."""
        return None if self.quantity == UNLIMITED else read_quantity(self.kind, self.quantity)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _ = self.amount
        return self


class Overage(Part):
    """What happens beyond the allowance."""

    rule: Literal["per_mb", "per_gb_pack", "throttle", "block"] = "per_gb_pack"
    price: Yuan | None = None
    unit: Amount | None = None
    throttle_bps: int | None = Field(None, ge=0)

    @property
    def unit_bytes(self) -> int | None:
        """How much `price` buys."""
        return None if self.unit is None else read_quantity(UsageKind.DATA, self.unit)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _ = self.unit_bytes
        return self


class Plan(Part):
    """A product of the catalogue."""

    id: Id
    name: Label
    kind: Literal["main", "addon", "family", "broadband", "roaming", "retain"] = "main"
    monthly_fee: Yuan
    term_months: int = Field(0, ge=0, le=120)
    auto_renew: bool = True
    overage: Overage = Field(default_factory=lambda: Overage(throttle_bps=None))
    allowances: tuple[Allowance, ...] = ()


class Money(Part):
    """A pot of the balance."""

    kind: Literal["cash", "gift", "earmarked"] = "cash"
    name: Annotated[str, Field(max_length=100), AfterValidator(clear_name)] = ""
    amount: Yuan
    frozen: Annotated[Yuan, Field(ge=0)] = 0
    expires: End | None = None
    as_of: Start | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.kind != "cash" and not self.name:
            raise ValueError("a gift or earmarked amount needs a name")
        return self


class Item(Part):
    """One charge, or a discount (negative)."""

    category: Literal[
        "plan_fee", "voice_overage", "data_overage", "sms", "vas", "roaming", "proxy_charge", "penalty", "discount"
    ]
    name: Label
    amount: Yuan
    quantity: Measure | None = None
    line: Phone | None = None


class BillPart(Part):
    """A month's bill. Its total is the sum of its items."""

    month: Month
    state: Literal["running", "issued", "partially_paid", "settled", "disputed"] = "settled"
    paid: Annotated[Yuan, Field(ge=0)] | None = None
    tax: Annotated[Yuan, Field(ge=0)] = 0
    issued: Start | None = None
    as_of: Start | None = None
    items: tuple[Item, ...] = ()

    @property
    def total_fen(self) -> int:
        """All items together."""
        return sum(item.amount for item in self.items)

    @property
    def paid_fen(self) -> int:
        """What is said to be paid; a settled bill is paid in full."""
        return self.paid if self.paid is not None else max(self.total_fen, 0) if self.state == "settled" else 0

    @model_validator(mode="after")
    def _adds_up(self, info: ValidationInfo) -> Self:
        if self.state == "partially_paid" and not 0 < self.paid_fen < self.total_fen:
            raise ValueError("partially_paid needs `paid` between nothing and the total")
        if self.state == "settled" and self.paid_fen < self.total_fen:
            raise ValueError("settled, yet `paid` is less than the total")
        if month_bounds(self.month)[0] > now_of(info):
            raise ValueError("a bill of a month that has not begun")
        return self


class Bucket(Part):
    """An allowance in use."""

    kind: UsageKind
    scope: Scope = "general"
    name: Label
    total: Amount
    used: Amount = "0"
    carried_over: Amount = "0"
    shared: bool = False
    valid_from: Start | None = Field(None, alias="from")
    valid_to: End | None = Field(None, alias="to")
    as_of: Start | None = None

    def amount(self, text: str) -> int | None:
        """A field's amount in the bucket's unit; None when unlimited."""
        return None if text == UNLIMITED else read_quantity(self.kind, text)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        total, used, carried = self.amount(self.total), self.amount(self.used), self.amount(self.carried_over)
        if used is None or carried is None:
            raise ValueError("only `total` may be unlimited")
        if total is not None and carried > total:
            raise ValueError("`carried_over` is part of `total`, and cannot be more")
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError("`from` must be before `to`")
        return self


class Subscription(Part):
    """A line's plan."""

    plan: Id
    valid_from: Start = Field(alias="from")
    valid_to: End | None = Field(None, alias="to")
    contract_until: End | None = None
    state: Literal["pending", "active", "cancelling", "ended"] = "active"
    via: Id = "store"


class Line(Part):
    """A number."""

    number: Phone
    role: Literal["primary", "secondary", "broadband"] = "primary"
    parent: Phone | None = None
    status: Literal[
        "active", "suspended_user", "suspended_arrears_oneway", "suspended_arrears", "lost", "retained", "ported_out", "closed"
    ] = "active"
    status_since: Start | None = None
    activated: Start | None = None
    subscriptions: tuple[Subscription, ...] = ()
    usage: tuple[Bucket, ...] = ()


class Account(Part):
    """What pays for lines."""

    id: Id
    pay_mode: Literal["prepaid", "postpaid", "hybrid"]
    status: Literal["active", "arrears", "closed"] = "active"
    credit_limit: Annotated[Yuan, Field(ge=0)] = 0
    bill_cycle_day: int = Field(1, ge=1, le=28)
    balances: tuple[Money, ...] = ()
    bills: tuple[BillPart, ...] = ()
    lines: tuple[Line, ...] = ()


class Lot(Part):
    """Points earned together, which end together."""

    id: Id
    kind: Literal["earn_spend", "earn_tenure", "earn_promo"] = "earn_spend"
    earned: int = Field(ge=0, le=10**12)
    used: int = Field(0, ge=0, le=10**12)
    reversed: int = Field(0, ge=0, le=10**12)
    at: Start | None = None
    expires: End | None = None


class PointsPart(Part):
    """A customer's points account."""

    status: Literal["active", "frozen", "closed"] = "active"
    as_of: Start | None = None
    lots: tuple[Lot, ...] = ()


class Customer(Part):
    """Who has a contract."""

    id: Id
    name: str = Field(min_length=1, max_length=60)
    birth_year: int | None = Field(None, ge=1900, le=2100)
    star_level: int | None = Field(None, ge=0, le=7)
    province: Annotated[str, Field(max_length=8)] = "00"
    realname: Literal["verified", "pending", "expired", "rejected"] = "verified"
    since: Start | None = None
    points: PointsPart | None = None
    accounts: tuple[Account, ...] = ()


class Person(Part):
    """Who sits on the sandbox's phone page; the number is where codes arrive."""

    openid: Openid
    name: str = Field(min_length=1, max_length=40)
    phone: Phone


class BindingPart(Part):
    """A line that is bound from the start."""

    openid: Openid
    number: Phone
    default: bool = False
    since: Start | None = None


class StorePart(Part):
    """A shop. Degrees are GCJ-02, as Chinese maps and WeChat give them."""

    id: Id
    name: Label
    address: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(clear_name)]
    latitude: Latitude
    longitude: Longitude
    hours: Label


class CarrierFile(Part):
    """The whole file."""

    version: Literal["1"] = "1"
    plans: tuple[Plan, ...] = ()
    customers: tuple[Customer, ...] = ()
    people: tuple[Person, ...] = ()
    bindings: tuple[BindingPart, ...] = ()
    stores: tuple[StorePart, ...] = ()
