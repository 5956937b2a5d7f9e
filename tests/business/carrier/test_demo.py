"""The demo's people: whatever day the demo is started, each has the story told of them."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from business.carrier.load import load_file, parse_file
from business.carrier.model import BillState
from runtime.clock import SHANGHAI, FakeClock
from tests.business.conftest import World

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo" / "carrier.yml"
EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "sandbox-data.md"


@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-31", "2027-01-01", "2028-02-29", "2027-03-31"])
def test_it_can_be_loaded_on_any_day(day: str) -> None:
    clock = FakeClock(datetime.fromisoformat(f"{day}T00:00:01").replace(tzinfo=SHANGHAI))
    assert len(parse_file(DEMO, clock).customers) >= 8


def test_its_people_are_invented() -> None:
    text = DEMO.read_text(encoding="utf-8")
    assert set(re.findall(r"(?<!\d)1\d{10}(?!\d)", text)) == set(re.findall(r"1790000\d{4}", text))
    assert all(one.startswith("oTEST_") for one in re.findall(r"openid: (\w+)", text))


async def test_every_subscriber_gets_every_answer(world: World) -> None:
    loaded = await load_file(world.db, world.keyring, "demo", DEMO, world.clock)
    file = parse_file(DEMO, world.clock)
    source, identity = world.carrier.source, world.carrier.identity
    seen: dict[str, set[object]] = {"states": set(), "arrears": set(), "kinds": set()}
    for number in (line.number for one in file.customers for account in one.accounts for line in account.lines):
        await identity.record_consent("demo", f"o{number}", "c")
        await identity.send_code("demo", f"o{number}", number, "s")
        await identity.check_code("demo", f"o{number}", number, world.sms.code_for(number), "k")
        access = await identity.access_figures("demo", f"o{number}", 2, "demo", "t")
        balance = await source.balance(access)
        seen["arrears"].add(balance.arrears_fen > 0)
        bills = [await source.bill(access, f"2026-{month:02d}") for month in range(6, 12)]
        assert bills[-1].state is BillState.RUNNING
        assert all(bill.items for bill in bills)
        seen["states"] |= {bill.state for bill in bills} | {"zero" for bill in bills if bill.total_fen == 0}
        buckets = await source.allowances(access)
        seen["kinds"] |= {"unlimited" for one in buckets if one.total is None} | {"shared" for one in buckets if one.shared}
        seen["kinds"] |= {"carried" for one in buckets if one.carried_over}
        await source.points(access)
    assert seen["arrears"] == {True, False}
    assert seen["states"] == {*BillState, "zero"}
    assert seen["kinds"] == {"unlimited", "shared", "carried"}
    assert [len(await identity.lines("demo", one.openid)) for one in loaded.people].count(0) >= 5
    assert len(await identity.lines("demo", "oTEST_fang")) == 2


async def test_the_example_of_the_document_loads(world: World, tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", EXAMPLE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    path = tmp_path / "example.yml"
    path.write_text(found[1], encoding="utf-8")
    loaded = await load_file(world.db, world.keyring, "demo", path, world.clock)
    assert (loaded.counts.lines, loaded.counts.bills, len(loaded.people)) == (1, 2, 1)
