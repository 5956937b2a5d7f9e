"""The numbered log."""

import contextlib

from sqlalchemy import Connection

from desk.events import append_event, newest_event, prune_events, read_events
from tests.desk.world import World

BOTH_DATABASES = True


async def _append(world: World, *kinds: tuple[str, str, str | None]) -> None:
    def work(connection: Connection) -> None:
        for kind, account, agent in kinds:
            append_event(connection, kind, account, world.clock.now(), conversation_id="c", agent_id=agent)

    await world.db.write(work)


async def _read(world: World, after: int, accounts: tuple[str, ...] = ("demo",), agent: str = "me") -> list[tuple[int, str]]:
    found = await world.db.read(lambda connection: read_events(connection, after, ("", *accounts), agent))
    return [(event.seq, event.kind) for event in found]


async def test_numbers_go_up_by_one_and_reading_goes_on_where_it_stopped(world: World) -> None:
    assert await _read(world, 0) == []
    await _append(world, ("queue_changed", "demo", None), ("conversation_changed", "demo", None), ("queue_changed", "demo", None))
    assert await _read(world, 0) == [(1, "queue_changed"), (2, "conversation_changed"), (3, "queue_changed")]
    assert await _read(world, 2) == [(3, "queue_changed")]
    assert await _read(world, 3) == []


async def test_nobody_sees_another_account_or_another_agents_offers(world: World) -> None:
    await _append(world, ("queue_changed", "demo", None), ("queue_changed", "other", None), ("offer_made", "demo", "me"),
                  ("offer_made", "demo", "you"), ("resync", "", None))  # fmt: skip
    assert await _read(world, 0) == [(1, "queue_changed"), (3, "offer_made"), (5, "resync")]
    assert await _read(world, 0, ("other",), "you") == [(2, "queue_changed"), (5, "resync")]


async def test_an_event_that_is_taken_back_leaves_no_gap(world: World) -> None:
    def fails(connection: Connection) -> None:
        append_event(connection, "queue_changed", "demo", world.clock.now())
        raise ValueError("taken back")

    await _append(world, ("queue_changed", "demo", None))
    with contextlib.suppress(ValueError):
        await world.db.write(fails)
    await _append(world, ("queue_changed", "demo", None))
    assert await _read(world, 0) == [(1, "queue_changed"), (2, "queue_changed")]


async def test_who_is_behind_the_log_or_ahead_of_it_is_told_to_look_again(world: World) -> None:
    await _append(world, *[("queue_changed", "demo", None)] * 10)
    await world.db.write(lambda connection: prune_events(connection, 4))
    assert [seq for seq, _ in await _read(world, 6)] == [7, 8, 9, 10]
    assert await _read(world, 5) == [(10, "resync")]
    # a page that has seen more than there is: the database was restored from a backup
    assert await _read(world, 11) == [(10, "resync")]
    await world.db.write(lambda connection: prune_events(connection, 0))
    assert await _read(world, 10) == []
    assert await _read(world, 9) == [(10, "resync")]
    assert await world.db.read(newest_event) == 10
