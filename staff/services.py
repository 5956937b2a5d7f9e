"""What the handlers of the staff API work with, made once by the app's factory."""

from dataclasses import dataclass

from sqlalchemy import Connection

from desk.desk import Desk
from desk.model import AgentState, AgentStatus, Viewer
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.database import Database
from staff.accounts import Member
from staff.audit import record_action, record_opening
from staff.models import Agent
from staff.sessions import Sessions
from staff.settings import StaffSettings

SEEN_EVERY_S = 5.0


@dataclass(frozen=True)
class Services:
    """The parts behind the API."""

    db: Database
    clock: Clock
    bus: Bus
    desk: Desk
    sessions: Sessions
    settings: StaffSettings


class Trace:
    """Writes the audit row of one call inside the desk's transaction."""

    def __init__(self, clock: Clock, member_id: str, address: str) -> None:
        self._clock = clock
        self._member_id = member_id
        self._address = address

    def __call__(self, connection: Connection, act: str, *, account: str, conversation_id: str, purpose: str = "") -> None:
        record = {
            "member_id": self._member_id,
            "account": account,
            "conversation_id": conversation_id,
            "purpose": purpose,
            "address": self._address,
        }
        if act == "opened":
            record_opening(connection, self._clock.now(), **record)
        else:
            record_action(connection, act, self._clock.now(), **record)


class Presence:
    """Any call of an agent is a sign of life; the database hears of it no more than every few seconds."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._seen: dict[str, float] = {}

    async def seen(self, member: Member) -> None:
        """Passes the sign on when the last one was a while ago."""
        now = self._clock.monotonic()
        if member.role != "trainer" and now - self._seen.get(member.member_id, -SEEN_EVERY_S) >= SEEN_EVERY_S:
            self._seen[member.member_id] = now
            await self._desk.heartbeat(viewer_of(member))


def viewer_of(member: Member) -> Viewer:
    """A member of staff as the desk sees them."""
    return Viewer(
        member.member_id, member.name, member.accounts, member.skills, member.slots_max, supervises=member.role == "supervisor"
    )


def agent_answer(member: Member, state: AgentState | None) -> Agent:
    """AGENT: offline for one who has never been at the desk."""
    return Agent.model_validate(
        {
            "agent_id": member.member_id,
            "login": member.login,
            "name": member.name,
            "role": member.role,
            "status": str(state.status if state else AgentStatus.OFFLINE),
            "slots_used": state.slots_used if state else 0,
            "slots_max": state.slots_max if state else member.slots_max,
            "accounts": list(member.accounts),
        }
    )
