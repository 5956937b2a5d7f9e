"""What the desk asks every few seconds must not get slower with its history."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, event

from desk import offers
from desk.events import read_events
from desk.standing import count_waiting, find_orphans
from tests.desk.world import World


async def test_nothing_that_is_asked_often_reads_all_history(world: World) -> None:
    since = world.clock.now() - timedelta(days=1)

    def plans(connection: Connection) -> list[str]:
        found: list[str] = []

        @event.listens_for(connection, "before_cursor_execute")
        def _explain(_connection: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend(row[3] for row in cursor.fetchall())

        find_orphans(connection)
        count_waiting(connection)
        offers.read_live(connection)
        offers.read_live(connection, "m_1")
        offers.live_of_conversation(connection, "c_1")
        offers.past_offers(connection, ["c_1", "c_2"], since)
        offers.recently_served(connection, ["demo"], None, since)
        offers.recently_served(connection, ["demo"], "m_1", since)
        offers.has_held(connection, "c_1", "m_1", since)
        read_events(connection, 5, ["", "demo"], "m_1")
        return found

    found = await world.db.read(plans)
    assert any("uq_desk_offer_live" in plan for plan in found)
    assert any("ix_conversation_owned" in plan for plan in found)
    assert [plan for plan in found if plan.startswith("SCAN") and "USING" not in plan] == []
