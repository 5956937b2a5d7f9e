"""The words of the desk: small frozen values that cross its seams."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AgentStatus(StrEnum):
    """online takes offers; break keeps what it has and takes none by itself; offline holds nothing."""

    ONLINE = "online"
    BREAK = "break"
    OFFLINE = "offline"


@dataclass(frozen=True)
class Viewer:
    """Who looks or acts: a member of staff with rights in some accounts. `supervises`: may open and release others' conversations."""

    agent_id: str
    name: str
    accounts: tuple[str, ...]
    skills: tuple[str, ...] = ()
    slots_max: int = 5
    supervises: bool = False


@dataclass(frozen=True)
class AgentState:
    """An agent at the desk. `beat` goes up with every sign of life; skills empty means every skill."""

    agent_id: str
    accounts: tuple[str, ...]
    skills: tuple[str, ...]
    status: AgentStatus
    beat: int
    slots_used: int
    slots_max: int
    misses: int


@dataclass(frozen=True)
class Offer:
    """A conversation held out to one agent until `expires_at`, or (accepted) in their hands. Either takes one of their slots."""

    offer_id: str
    conversation_id: str
    account: str
    agent_id: str
    epoch: int
    state: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class DeskEvent:
    """Something a page must look at again. `agent_id` set: for that agent's page only."""

    seq: int
    kind: str
    account: str
    conversation_id: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A waiting conversation as the routing rule sees it, in the order of the queue."""

    conversation_id: str
    account: str
    epoch: int
    skill: str
    waited_s: float
    last_agent: str | None = None
    # agents who let an offer of it run out, and those who declined it a short while ago
    missed_by: tuple[str, ...] = ()
    declined_by: tuple[str, ...] = ()
