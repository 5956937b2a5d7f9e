"""What the tests of the channel's own desk share."""

from datetime import datetime, timedelta
from typing import Any

from conversations.model import Transfer
from conversations.rows import Handoff
from tests.conversations.world import TEXTS, World, tables

GENERAL = Transfer("general")
OPENING = f"好的。\n\n{TEXTS.say('native_waiting')}"
AGENT: dict[str, Any] = {"KfAccount": "kf2001@demo"}


def last_handoff(world: World) -> Handoff:
    return max(tables(world).handoffs.values(), key=lambda row: (row.requested_at, row.handoff_id))


async def sweep_after(world: World, after_s: float) -> None:
    world.clock.advance(after_s)
    await world.core.sweeper.sweep()
    await world.settle()


def ago(world: World, seconds: float) -> datetime:
    return world.clock.now() - timedelta(seconds=seconds)
