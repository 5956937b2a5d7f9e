"""Loading: all or nothing, twice the same, and mistakes named by line and key."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, select

from business.carrier.errors import LoadRefused
from business.carrier.load import Counts, load_file, parse_file
from business.identity.tables import binding, consent
from runtime.database import metadata
from tests.business.carrier.conftest import HERE, Open
from tests.business.conftest import World

BOTH_DATABASES = True

Write = Callable[[str], Path]
ENCRYPTED = {"name_enc", "msisdn_enc"}

ONE = """
customers:
  - id: c1
    name: 甲
    accounts:
      - id: a1
        pay_mode: prepaid
        balances: [{amount: 1}]
        lines: [{number: 17900000001}, {number: 17900000002}]
        bills: [{month: month-1, items: [{category: plan_fee, name: 月费, amount: 8}]}]
people: [{openid: oTEST_1, name: 小甲, phone: 17900000001}]
bindings:
  - {openid: oTEST_1, number: 17900000001}
  - {openid: oTEST_1, number: 17900000002, default: true}
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str) -> Path:
        path = tmp_path / "file.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def _rows(table: Table) -> Callable[[Connection], list[tuple[object, ...]]]:
    columns = [column for column in table.c if column.name not in ENCRYPTED]
    return lambda connection: sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)


async def _everything(world: World) -> dict[str, list[tuple[object, ...]]]:
    ours = [table for name, table in metadata.tables.items() if name.startswith(("carrier_", "identity_"))]
    return {table.name: await world.db.read(_rows(table)) for table in ours}


async def test_loading_twice_is_loading_once(world: World) -> None:
    first = await load_file(world.db, world.keyring, "demo", HERE / "awkward.yml", world.clock)
    before = await _everything(world)
    assert await load_file(world.db, world.keyring, "demo", HERE / "awkward.yml", world.clock) == first
    assert await _everything(world) == before
    assert first.counts == Counts(customers=9, accounts=9, lines=9, plans=1, bills=9, buckets=10, points_lots=7, bindings=0, stores=0)
    assert len(before["carrier_usage_bucket"]) == 10


async def test_another_day_brings_another_months_bill_and_keeps_the_old(world: World, write: Write) -> None:
    path = write(ONE)
    await load_file(world.db, world.keyring, "demo", path, world.clock)
    world.clock.jump(10 * 86_400)
    await load_file(world.db, world.keyring, "demo", path, world.clock)
    rows = (await _everything(world))["carrier_bill"]
    assert {str(row[1]) for row in rows} == {"a1.2026-10", "a1.2026-11"}


async def test_what_left_the_file_leaves_the_line(world: World, write: Write) -> None:
    lines = "customers: [{id: c1, name: 甲, accounts: [{id: a1, pay_mode: prepaid, lines: [{number: 17900000001, usage: [%s]}]}]}]"
    bucket = "{kind: sms, name: 短信, total: 5}"
    await load_file(world.db, world.keyring, "demo", write(lines % f"{bucket}, {bucket}"), world.clock)
    await load_file(world.db, world.keyring, "demo", write(lines % bucket), world.clock)
    assert len((await _everything(world))["carrier_usage_bucket"]) == 1


async def test_bindings_come_with_consent_and_stay_as_their_subscriber_left_them(world: World, write: Write) -> None:
    identity, path = world.carrier.identity, write(ONE)
    loaded = await load_file(world.db, world.keyring, "demo", path, world.clock)
    assert [(one.openid, one.name, one.phone) for one in loaded.people] == [("oTEST_1", "小甲", "17900000001")]
    assert "17900000001" not in repr(loaded)
    assert await identity.has_consented("demo", "oTEST_1")
    lines = await identity.lines("demo", "oTEST_1")
    assert [line.masked for line in lines] == ["179****0002", "179****0001"]
    assert await identity.proof_level("demo", "oTEST_1") == 1
    await identity.set_default("demo", "oTEST_1", lines[1].line_id, "t1")
    await load_file(world.db, world.keyring, "demo", path, world.clock)
    assert [line.masked for line in await identity.lines("demo", "oTEST_1")] == ["179****0001", "179****0002"]
    await identity.unbind("demo", "oTEST_1", lines[1].line_id, "t2")
    await load_file(world.db, world.keyring, "demo", path, world.clock)
    assert len(await identity.lines("demo", "oTEST_1")) == 2


async def test_two_accounts_load_the_same_file_and_stay_apart(world: World, write: Write) -> None:
    path = write(ONE)
    for account in ("demo", "other"):
        await load_file(world.db, world.keyring, account, path, world.clock)
    await load_file(world.db, world.keyring, "other", write(ONE.replace("amount: 1}", "amount: 2}")), world.clock)
    for account, fen in (("demo", 100), ("other", 200)):
        access = await world.carrier.identity.access_figures(account, "oTEST_1", 1, "p", "t")
        assert (await world.carrier.source.balance(access)).available_fen == fen
    everything = await _everything(world)
    assert len(everything[binding.name]) == 4
    assert len(everything[consent.name]) == 2


async def test_a_file_with_a_mistake_at_its_end_loads_nothing(world: World, write: Write) -> None:
    with pytest.raises(LoadRefused):
        await load_file(world.db, world.keyring, "demo", write(ONE + "  - {openid: oTEST_1, number: 17900000009}\n"), world.clock)
    assert not any((await _everything(world)).values())


async def test_reloading_changes_what_the_file_says(loaded: World, opened: Open, write: Write) -> None:
    changed = (HERE / "awkward.yml").read_text(encoding="utf-8").replace("{amount: -5.20}", "{amount: 94.80}")
    await load_file(loaded.db, loaded.keyring, "demo", write(changed), loaded.clock)
    balance = await loaded.carrier.source.balance(await opened("17900000003"))
    assert (balance.available_fen, balance.arrears_fen) == (9480, 0)


LINE = "customers: [{id: c, name: 甲, accounts: [{id: a, pay_mode: prepaid, %s}]}]"
MISTAKES = {
    "customers:\n  - id: c1\n    name: 甲\n    accounts:\n      - id: a1\n": "line 5: customers[0].accounts[0].pay_mode is missing",
    "customers:\n  - id: c1\n    nmae: 甲\n": "line 3: customers[0].nmae is no key of this mapping",
    "\n\nversion: 2\n": "line 3: version Input should be '1'",
    "plans: {}": "line 1: plans must be a list",
    "- a\n- b\n": "line 1: the file must be a mapping",
    "just words": "line 1: the file must be a mapping",
    "": "file.yml is empty",
    "# a comment": "file.yml is empty",
    "customers: [{id: c1, name: 甲},\n  {id: c1, name: 乙}]": "line 2: customers[1].id this id stands twice",
    "customers: []\ncustomers: []": "line 2: customers stands twice",
    "customers: [": "not valid YAML",
    "a: b: c": "line 1: not valid YAML",
    "? [a]\n: b": "line 1: a key must be a word",
    "a: &a [*a]": "line 1: too many aliases, or one that holds itself",
    "plans: [{id: p, name: 乙, monthly_fee: 59.999}]": "plans[0].monthly_fee must be yuan",
    "plans: [{id: p, name: 乙, monthly_fee: [1]}]": "plans[0].monthly_fee must be one value",
    "plans: [{id: p, name: 乙, monthly_fee: 1, allowances: [{kind: data, quantity: 3min}]}]": "allowances[0] must be an amount of data",
    "plans: [{id: 17900000001, name: 乙, monthly_fee: 1}]": "plans[0].id must not hold a phone number",
    "people: [{openid: oTEST_1, name: 甲, phone: 123}]": "people[0].phone must be an 11-digit mobile number",
    "bindings: [{openid: oTEST_1, number: 17900000001}]": "bindings[0].number is no line of this file",
    LINE % "lines: [{number: 17900000001, parent: 17900000001}]": "lines[0].parent is no other line",
    LINE % "lines: [{number: 17900000001}, {number: 17900000001}]": "lines[1].number this number stands twice",
    LINE % "lines: [{number: 17900000001, subscriptions: [{plan: p, from: today}]}]": "subscriptions[0].plan is no plan of this file",
    LINE % "lines: [{number: 17900000001, usage: [{kind: sms, name: 甲, total: 1, used: unlimited}]}]": "only `total` may be unlimited",
    LINE % "lines: [{number: 17900000001, usage: [{kind: sms, name: 甲, total: 1, carried_over: 2}]}]": "`carried_over` is part of `total`",
    LINE % "lines: [{number: 17900000001, usage: [{kind: sms, name: 甲, total: 1, from: today, to: today-1d}]}]": "`from` must be before",
    LINE % "balances: [{amount: 1, frozen: -1}]": "balances[0].frozen Input should be greater than or equal to 0",
    LINE % "balances: [{amount: 1, kind: gift}]": "a gift or earmarked amount needs a name",
    LINE % "bills: [{month: month}, {month: month-0}]": "bills[1].month this month stands twice",
    LINE % "bills: [{month: month+1}]": "a bill of a month that has not begun",
    LINE % "bills: [{month: month-1, state: partially_paid}]": "partially_paid needs `paid`",
    LINE % "bills: [{month: month-1, items: [{category: sms, name: 甲, amount: 1, line: 17900000001}]}]": "is no line of this account",
    LINE % "bills: [{month: 2026-10-01}]": "bills[0].month must be a month",
    LINE % "status: {}": "status Input should be 'active', 'arrears' or 'closed'",
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.items())
def test_mistakes_are_named(write: Write, text: str, told: str) -> None:
    with pytest.raises(LoadRefused) as refusal:
        parse_file(write(text))
    assert any(told in problem for problem in refusal.value.problems), refusal.value.problems


def test_a_mistake_never_repeats_a_private_value(write: Write) -> None:
    with pytest.raises(LoadRefused) as refusal:
        parse_file(write("customers: [{id: 张三17911112222, name: 张三丰, birth_year: 17911112222, star_level: 张三, points: 张三}]"))
    assert len(refusal.value.problems) == 4
    assert "17911112222" not in str(refusal.value)
    assert "张三" not in str(refusal.value)


def test_twenty_mistakes_at_once_are_enough(write: Write) -> None:
    with pytest.raises(LoadRefused) as refusal:
        parse_file(write("\n".join(f"wrong{at}: 1" for at in range(30))))
    assert len(refusal.value.problems) == 21
    assert refusal.value.problems[-1] == "and 10 more"


NO_FILES = (b"\xff\xfe\x00", b"name: \x00", b"a: \xed\xa0\x80", b"a: !!python/object:os.system x")
TOO_DEEP = (b"[" * 100_000, b"- " * 100_000, b"{a: " * 100_000, b"? " * 100_000)


@pytest.mark.parametrize("raw", NO_FILES + TOO_DEEP)
def test_files_that_are_no_file(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "bad.yml"
    path.write_bytes(raw)
    with pytest.raises(LoadRefused):
        parse_file(path)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yml", tmp_path):
        with pytest.raises(LoadRefused) as refusal:
            parse_file(path)
        assert "cannot be read" in refusal.value.problems[0]


def test_an_alias_tower_is_refused_before_it_fills_the_memory(write: Write) -> None:
    tower = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    tower += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    with pytest.raises(LoadRefused) as refusal:
        parse_file(write(tower))
    assert "too many aliases" in refusal.value.problems[0]


def test_values_that_yaml_would_bend_stay_as_written(write: Write) -> None:
    accounts = "[{id: 1_0, pay_mode: prepaid, balances: [{amount: 0.10}]}]"
    file = parse_file(write(f"customers: [{{id: 007, name: no, province: 08, accounts: {accounts}}}]"))
    customer = file.customers[0]
    assert (customer.id, customer.name, customer.province, customer.accounts[0].id) == ("007", "no", "08", "1_0")
    assert customer.accounts[0].balances[0].amount == 10


def test_aliases_serve(write: Write) -> None:
    first = "{id: a, name: 甲, monthly_fee: 1, allowances: &same [{kind: sms, quantity: 5}]}"
    file = parse_file(write(f"plans:\n  - {first}\n  - {{id: b, name: 乙, monthly_fee: 1, allowances: *same}}\n"))
    assert file.plans[0].allowances == file.plans[1].allowances
