"""The in-memory stand-in for files, consents and erasing: a part of FakeRecords."""

from dataclasses import dataclass, field, replace

from conversations.consents import Consent
from conversations.media import Media, MediaState
from conversations.model import Address
from conversations.rows import Conversation, Handoff, Inbound, Memory, Outbound, Turn


@dataclass
class Kept:
    """The rows by name."""

    memories: dict[str, Memory] = field(default_factory=dict)
    inbound: dict[str, Inbound] = field(default_factory=dict)
    outbound: dict[str, Outbound] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    handoffs: dict[str, Handoff] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    consents: dict[tuple[Address, str], Consent] = field(default_factory=dict)


@dataclass
class FakeFiles:
    """`conversations.ports.MediaFiles` in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, media_id: str, content: bytes) -> None:
        self.kept[media_id] = content

    def get(self, media_id: str) -> bytes | None:
        return self.kept.get(media_id)

    def remove(self, media_id: str) -> None:
        self.kept.pop(media_id, None)

    def names(self, older_than_s: float) -> list[str]:
        return list(self.kept) if older_than_s <= 0 else []


class FakeKeeping:
    """`Records` over files and consents."""

    _t: Kept

    def erase(self, conversation: Conversation, position: int) -> None:
        name, kept = conversation.conversation_id, self._t
        kept.memories.pop(name, None)
        for row in [one for one in kept.inbound.values() if one.conversation_id == name and one.position <= position]:
            kept.inbound[row.inbound_id] = replace(row, text="", extra={}, passive_text=None)
        for said in [one for one in kept.outbound.values() if one.conversation_id == name]:
            kept.outbound[said.outbound_id] = replace(said, text="")
        for turn in [one for one in kept.turns.values() if one.conversation_id == name]:
            kept.turns[turn.turn_id] = replace(turn, text="", understanding={}, receipts=())
        for handoff in [one for one in kept.handoffs.values() if one.conversation_id == name]:
            kept.handoffs[handoff.handoff_id] = replace(handoff, wish="", packet={"version": 1})
        for media in [one for one in kept.media.values() if one.conversation_id == name and one.position <= position]:
            kept.media[media.media_id] = replace(media, state=MediaState.ERASING, reference="", lease_until=0.0, retry_at=None)
        kept.consents = {key: row for key, row in kept.consents.items() if key[0] != conversation.address}

    def add_media(self, row: Media) -> None:
        self._t.media[row.media_id] = row

    def consent(self, address: Address, topic: str) -> Consent | None:
        return self._t.consents.get((address, topic))

    def save_consent(self, row: Consent) -> None:
        self._t.consents[row.address, row.topic] = row
