"""Messages that wait at the same moment are stored together, each as if it had come alone."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conversations.fakes import FakeStore
from conversations.intake import Arrival, Intake, store_arrivals
from conversations.model import Address, InboundMessage
from conversations.notices import load_texts
from conversations.records import Records, Store
from conversations.rows import Conversation, Inbound
from conversations.settings import ConversationSettings
from runtime.errors import StorageFault
from tests.conversations.rows import NOW, OTHER, WHO

TEXTS, SETTINGS = load_texts(), ConversationSettings()


def arrival(key: str, who: Address = WHO, text: str = "查话费", **changes: Any) -> Arrival:
    message = InboundMessage(who, key, "text", text, NOW, refill="message")
    return Arrival(replace(message, **changes), text, 1000.0, passive=True)


def who(number: int) -> Address:
    return Address("demo", f"o-{number}")


async def read(store: Store, address: Address) -> tuple[Conversation, list[Inbound]]:
    def work(records: Records) -> tuple[Conversation, list[Inbound]]:
        found = records.conversations_at([address])[address]
        keys = [records.inbound_by_key(address, f"m{number}") for number in range(100)]
        return found, [row for row in keys if row is not None]

    return await store.write(work)


async def test_each_of_many_gets_a_conversation_and_a_place(store: Store) -> None:
    arrivals = [arrival(f"m{number}", who(number)) for number in range(40)]
    stored = await store.write(lambda records: store_arrivals(records, arrivals, TEXTS, SETTINGS))
    assert [one.row.address for one in stored] == [who(number) for number in range(40)]
    assert not any(one.accepted.repeated for one in stored)
    for number in (0, 17, 39):
        conversation, rows = await read(store, who(number))
        assert (conversation.next_position, conversation.last_said, conversation.last_words) == (2, 1, "查话费")
        assert conversation.purse.message_at == NOW
        assert [(row.inbound_id, row.position, row.text) for row in rows] == [(stored[number].row.inbound_id, 1, "查话费")]


async def test_one_subscribers_messages_keep_their_order(store: Store) -> None:
    arrivals = [arrival("m0"), arrival("m1", OTHER), arrival("m2", text="流量"), arrival("m3", text="积分"), arrival("m4", OTHER)]
    stored = await store.write(lambda records: store_arrivals(records, arrivals, TEXTS, SETTINGS))
    assert [one.row.position for one in stored] == [1, 1, 2, 3, 2]
    conversation, rows = await read(store, WHO)
    assert [row.dedup_key for row in sorted(rows, key=lambda row: row.position)] == ["m0", "m2", "m3"]
    assert (conversation.next_position, conversation.last_words, conversation.purse.fill) == (4, "积分", 3)


async def test_a_repeat_among_them_takes_no_place_and_fills_no_purse(store: Store) -> None:
    first = [arrival("m0"), arrival("m1", OTHER)]
    await store.write(lambda records: store_arrivals(records, first, TEXTS, SETTINGS))
    again = [arrival("m1", OTHER), arrival("m2"), arrival("m2"), arrival("m0"), arrival("m3")]
    stored = await store.write(lambda records: store_arrivals(records, again, TEXTS, SETTINGS))
    assert [(one.accepted.repeated, one.accepted.delivery) for one in stored] == [(True, 2), (False, 1), (True, 2), (True, 2), (False, 1)]
    assert stored[1].accepted.inbound_id == stored[2].accepted.inbound_id
    conversation, rows = await read(store, WHO)
    assert sorted((row.dedup_key, row.position, row.deliveries) for row in rows) == [("m0", 1, 2), ("m2", 2, 2), ("m3", 3, 1)]
    assert (conversation.next_position, conversation.purse.fill) == (4, 3)


async def test_a_known_and_a_new_subscriber_of_several_accounts(store: Store) -> None:
    await store.write(lambda records: store_arrivals(records, [arrival("m0")], TEXTS, SETTINGS))
    elsewhere = Address("bank", WHO.openid)
    mixed = [arrival("m1", elsewhere), arrival("m1"), arrival("m1", OTHER)]
    stored = await store.write(lambda records: store_arrivals(records, mixed, TEXTS, SETTINGS))
    assert len({one.row.conversation_id for one in stored}) == 3
    assert [one.row.position for one in stored] == [1, 2, 1]


class Slow:
    """A store whose first write waits, so that what comes meanwhile waits together; `batches` says how many came with each write."""

    def __init__(self, fault: Callable[[Sequence[str]], Exception | None] = lambda keys: None) -> None:
        self.inner = FakeStore()
        self.gate = asyncio.Event()
        self.batches: list[list[str]] = []
        self._fault = fault

    async def write(self, work: Callable[[Records], Any]) -> Any:
        def watched(records: Records) -> Any:
            found = work(records)
            self.batches.append([one.row.dedup_key for one in found])
            fault = self._fault(self.batches[-1])
            if fault is not None:
                raise fault
            return found

        if not self.batches:
            await self.gate.wait()
        return await self.inner.write(watched)

    async def survey(self, look: Callable[[Any], Any]) -> Any:
        return await self.inner.survey(look)


async def _gathered(store: Slow, numbers: range) -> list[Any]:
    intake = Intake(store, TEXTS, SETTINGS)
    tasks = [asyncio.create_task(intake.store(arrival(f"m{number}", who(number)))) for number in numbers]
    await asyncio.sleep(0.01)
    store.gate.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_comes_while_one_is_stored_waits_for_the_next_batch() -> None:
    store = Slow()
    intake = Intake(store, TEXTS, SETTINGS)
    first = asyncio.create_task(intake.store(arrival("m0")))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(intake.store(arrival(f"m{number}", who(number)))) for number in range(1, 100)]
    await asyncio.sleep(0.01)
    store.gate.set()
    found = await asyncio.gather(first, *others)
    assert [one.row.dedup_key for one in found] == [f"m{number}" for number in range(100)]
    assert [len(batch) for batch in store.batches] == [1, 64, 35]


async def test_a_faulty_one_takes_no_other_with_it() -> None:
    store = Slow(lambda keys: ValueError("a bad row") if "m5" in keys else None)
    found = await _gathered(store, range(10))
    assert [isinstance(one, ValueError) for one in found] == [number == 5 for number in range(10)]
    assert len(store.inner.tables.inbound) == 9


async def test_a_store_that_is_down_is_not_asked_once_for_each() -> None:
    store = Slow(lambda keys: StorageFault("down"))
    found = await _gathered(store, range(10))
    assert all(isinstance(one, StorageFault) for one in found)
    assert len(store.batches) == 1
    assert not store.inner.tables.inbound


async def test_who_hangs_up_has_its_message_stored_all_the_same() -> None:
    store = Slow()
    intake = Intake(store, TEXTS, SETTINGS)
    tasks = [asyncio.create_task(intake.store(arrival(f"m{number}", who(number)))) for number in range(3)]
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    store.gate.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[1], asyncio.CancelledError)
    assert len(store.inner.tables.inbound) == 3


async def test_after_a_fault_the_next_ones_are_stored() -> None:
    faults = [StorageFault("down")]
    store = Slow(lambda keys: faults.pop() if faults else None)
    intake = Intake(store, TEXTS, SETTINGS)
    store.gate.set()
    with pytest.raises(StorageFault):
        await intake.store(arrival("m0"))
    assert not (await intake.store(arrival("m0"))).accepted.repeated
