"""What one mapping of a file cannot know: that names are unique and that what is named exists."""

from collections.abc import Iterable, Iterator

from business.carrier.schema import Account, CarrierFile, Customer, Line
from business.carrier.yamlfile import Place

Problem = tuple[Place, str]


def find_problems(file: CarrierFile) -> tuple[Problem, ...]:
    """All of them, each with its place."""
    return tuple((*_plans(file), *_customers(file), *_lines(file), *_people(file), *_bindings(file)))


def _twice(found: Iterable[tuple[Place, object]], what: str) -> Iterator[Problem]:
    seen: set[object] = set()
    for place, key in found:
        if key in seen:
            yield place, f"{what} stands twice"
        seen.add(key)


def _plans(file: CarrierFile) -> Iterator[Problem]:
    yield from _twice(((("plans", at, "id"), plan.id) for at, plan in enumerate(file.plans)), "this id")
    for at, plan in enumerate(file.plans):
        keys = ((("plans", at, "allowances", n), (one.kind, one.scope)) for n, one in enumerate(plan.allowances))
        yield from _twice(keys, "an allowance of this kind and scope")


def _accounts(file: CarrierFile) -> Iterator[tuple[Place, Customer, Account]]:
    for at, customer in enumerate(file.customers):
        for n, account in enumerate(customer.accounts):
            yield ("customers", at, "accounts", n), customer, account


def _all_lines(file: CarrierFile) -> Iterator[tuple[Place, Account, Line]]:
    for place, _, account in _accounts(file):
        for n, line in enumerate(account.lines):
            yield (*place, "lines", n), account, line


def _customers(file: CarrierFile) -> Iterator[Problem]:
    yield from _twice(((("customers", at, "id"), one.id) for at, one in enumerate(file.customers)), "this id")
    yield from _twice((((*place, "id"), account.id) for place, _, account in _accounts(file)), "this id")
    for at, customer in enumerate(file.customers):
        lots = customer.points.lots if customer.points else ()
        yield from _twice(((("customers", at, "points", "lots", n, "id"), lot.id) for n, lot in enumerate(lots)), "this id")
    for place, _, account in _accounts(file):
        yield from _twice((((*place, "bills", n, "month"), bill.month) for n, bill in enumerate(account.bills)), "this month")
        numbers = {line.number for line in account.lines}
        for n, bill in enumerate(account.bills):
            for m, item in enumerate(bill.items):
                if item.line is not None and item.line not in numbers:
                    yield (*place, "bills", n, "items", m, "line"), "is no line of this account"


def _lines(file: CarrierFile) -> Iterator[Problem]:
    yield from _twice((((*place, "number"), line.number) for place, _, line in _all_lines(file)), "this number")
    numbers = {line.number for _, _, line in _all_lines(file)}
    plans = {plan.id for plan in file.plans}
    for place, _, line in _all_lines(file):
        if line.parent is not None and (line.parent not in numbers or line.parent == line.number):
            yield (*place, "parent"), "is no other line of this file"
        for n, one in enumerate(line.subscriptions):
            if one.plan not in plans:
                yield (*place, "subscriptions", n, "plan"), "is no plan of this file"


def _people(file: CarrierFile) -> Iterator[Problem]:
    yield from _twice(((("people", at, "openid"), one.openid) for at, one in enumerate(file.people)), "this openid")


def _bindings(file: CarrierFile) -> Iterator[Problem]:
    bindings = list(enumerate(file.bindings))
    yield from _twice(((("bindings", at), (one.openid, one.number)) for at, one in bindings), "this binding")
    yield from _twice(((("bindings", at, "default"), one.openid) for at, one in bindings if one.default), "a default of this openid")
    numbers = {line.number for _, _, line in _all_lines(file)}
    for at, one in bindings:
        if one.number not in numbers:
            yield ("bindings", at, "number"), "is no line of this file"
