"""Rows of the tables as values and back. Texts are encrypted on the way in and decrypted on the way out."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from conversations.model import Address, Author, Owner, Status
from conversations.purse import Buckets
from conversations.rows import (
    Conversation,
    DeskKind,
    Handoff,
    HandoffStatus,
    Inbound,
    Memory,
    Outbound,
    Outcome,
    Progress,
    Rating,
    Reply,
    Turn,
)
from runtime.keys import Keyring
from runtime.masking import mask_text

Params = dict[str, Any]

_PLAIN_OUTBOUND = (
    "outbound_id conversation_id account position purpose reference epoch created_at inbound_id turn_id speaker agent_id client_id "
    "reason attempts retry_at sending_token charged_fill started_at ended_at"
).split()
_PLAIN_HANDOFF = (
    "handoff_id conversation_id account reason intent skill priority epoch requested_at agent_id agent_name accepted_at ended_at "
    "ticket told_next rated_at"
).split()


CONVERSATION_NAMES = (
    "conversation_id account openid created_at owner epoch lane_token lease_until message_at message_used tap_at tap_used fill limited "
    "next_position agent_id agent_name deadline followed last_text_masked last_at last_said unread last_words_masked waiting_since scene"
).split()
"""What `conversation_of` reads, in this order; more may follow."""


def conversation_of(row: Row[Any]) -> Conversation:
    """Without the memory, which has a call of its own."""
    # by place: a row's names are looked up at 1 us each, and this is read more often than any other
    (
        conversation_id, account, openid, created_at, owner, epoch, lane_token, lease_until, message_at, message_used, tap_at, tap_used,
        fill, limited, next_position, agent_id, agent_name, deadline, followed, last_text, last_at, last_said, unread, last_words,
        waiting_since, scene, *_,
    ) = tuple(row)  # fmt: skip
    return Conversation(
        conversation_id=conversation_id,
        address=Address(account, openid),
        created_at=created_at,
        owner=Owner(owner),
        epoch=epoch,
        lane_token=lane_token,
        lease_until=lease_until,
        purse=Buckets(message_at, message_used, tap_at, tap_used, fill, limited),
        next_position=next_position,
        agent_id=agent_id,
        agent_name=agent_name,
        deadline=deadline,
        followed=followed,
        last_text=last_text,
        last_at=last_at,
        last_said=last_said,
        unread=unread,
        last_words=last_words,
        waiting_since=waiting_since,
        scene=scene,
    )


def conversation_params(row: Conversation) -> Params:
    """Everything but the memory; `b_id` is the key for an update."""
    return {
        "b_id": row.conversation_id,
        "owner": str(row.owner),
        "epoch": row.epoch,
        "lane_token": row.lane_token,
        "lease_until": row.lease_until,
        "agent_id": row.agent_id,
        "agent_name": row.agent_name,
        **arrival_params(row),
    }


def arrival_params(row: Conversation) -> Params:
    """What a message changes when it comes in; `b_id` is the key."""
    purse = row.purse
    return {
        "b_id": row.conversation_id,
        "message_at": purse.message_at,
        "message_used": purse.message_used,
        "tap_at": purse.tap_at,
        "tap_used": purse.tap_used,
        "fill": purse.fill,
        "limited": purse.limited,
        "next_position": row.next_position,
        "deadline": row.deadline,
        "followed": row.followed,
        "last_text_masked": row.last_text,
        "last_at": row.last_at,
        "last_said": row.last_said,
        "unread": row.unread,
        "last_words_masked": row.last_words,
        "waiting_since": row.waiting_since,
        "scene": row.scene,
    }


def new_conversation_params(row: Conversation) -> Params:
    """For an insert."""
    params = conversation_params(row)
    params["conversation_id"] = params.pop("b_id")
    return params | {"account": row.address.account, "openid": row.address.openid, "created_at": row.created_at}


@dataclass(frozen=True)
class Cipher:
    """The encrypted columns."""

    keyring: Keyring

    def memory_of(self, blob: bytes | None) -> Memory:
        """What the bot remembers."""
        if blob is None:
            return Memory()
        kept = self.open(blob)
        return Memory(kept["state"], tuple(kept["events"]))

    def memory_blob(self, memory: Memory) -> bytes | None:
        """None for an empty memory."""
        if memory.state is None and not memory.events:
            return None
        return self.seal({"state": memory.state, "events": list(memory.events)})

    def inbound_of(self, row: Row[Any]) -> Inbound:
        """One message."""
        body = self.open(row.body_enc)
        return Inbound(
            inbound_id=row.inbound_id,
            conversation_id=row.conversation_id,
            address=Address(row.account, row.openid),
            dedup_key=row.dedup_key,
            kind=row.kind,
            name=row.name,
            text=body["text"],
            extra=body["extra"],
            received_at=row.received_at,
            accepted_mono=row.accepted_mono,
            position=row.position,
            status=Progress(row.status),
            reply=Reply(row.reply),
            passive_text=None if row.passive_enc is None else self.keyring.decrypt(row.passive_enc),
            turn_id=row.turn_id,
            deliveries=row.deliveries,
        )

    def inbound_params(self, row: Inbound) -> Params:
        """For an insert."""
        return {
            "inbound_id": row.inbound_id,
            "conversation_id": row.conversation_id,
            "account": row.address.account,
            "openid": row.address.openid,
            "dedup_key": row.dedup_key,
            "kind": row.kind,
            "name": row.name,
            "body_enc": self.seal({"text": row.text, "extra": row.extra}),
            "received_at": row.received_at,
            "accepted_mono": row.accepted_mono,
            "position": row.position,
            "status": str(row.status),
            "reply": str(row.reply),
            "deliveries": row.deliveries,
        }

    def inbound_changes(self, row: Inbound) -> Params:
        """For an update."""
        passive = None if row.passive_text is None else self.keyring.encrypt(row.passive_text)
        return {
            "b_id": row.inbound_id, "status": str(row.status), "reply": str(row.reply), "passive_enc": passive, "turn_id": row.turn_id,
            "deliveries": row.deliveries,
        }  # fmt: skip

    def outbound_of(self, row: Row[Any]) -> Outbound:
        """One bubble."""
        plain = {name: getattr(row, name) for name in _PLAIN_OUTBOUND}
        return Outbound(**plain, author=Author(row.author), status=Status(row.status), text=self.keyring.decrypt(row.text_enc))

    def outbound_params(self, row: Outbound) -> Params:
        """For an insert."""
        plain = {name: getattr(row, name) for name in _PLAIN_OUTBOUND}
        purpose = str(row.purpose)
        return {
            **plain, "purpose": purpose, "author": str(row.author), "status": str(row.status), "text_enc": self.keyring.encrypt(row.text),
        }  # fmt: skip

    def handoff_of(self, row: Row[Any]) -> Handoff:
        """One request for a person, with its packet."""
        plain = {name: getattr(row, name) for name in _PLAIN_HANDOFF}
        rating = None if row.rating is None else Rating(row.rating)
        return Handoff(
            **plain, wish=row.wish_masked, status=HandoffStatus(row.status), packet=self.open(row.packet_enc), rating=rating,
            desk=DeskKind(row.desk),
        )  # fmt: skip

    def handoff_params(self, row: Handoff) -> Params:
        """For an insert."""
        plain = {name: getattr(row, name) for name in _PLAIN_HANDOFF}
        packet = {"packet_enc": self.seal(row.packet), "packet_version": row.packet.get("version", 1)}
        rating = None if row.rating is None else str(row.rating)
        return {**plain, **packet, "wish_masked": row.wish, "status": str(row.status), "rating": rating, "desk": str(row.desk)}

    def turn_of(self, row: Row[Any]) -> Turn:
        """One turn; raw text and understanding are empty once their retention has passed."""
        raw = self.open(row.raw_enc) if row.raw_enc is not None else {"text": row.text_masked, "understanding": {}}
        return Turn(
            turn_id=row.turn_id,
            conversation_id=row.conversation_id,
            account=row.account,
            inbound_id=row.inbound_id,
            text=raw["text"],
            outcome=Outcome(row.outcome),
            owner=Owner(row.owner),
            epoch=row.epoch,
            started_at=row.started_at,
            ended_at=row.ended_at,
            understanding=raw["understanding"],
            decision=row.decision,
            receipts=tuple(row.receipts),
            actions=tuple(row.actions),
            timings=row.timings,
            model=row.model,
        )

    def turn_params(self, row: Turn) -> Params:
        """For an insert: what trainers and reports look for stands in columns of its own."""
        understanding = row.understanding
        return {
            "turn_id": row.turn_id,
            "conversation_id": row.conversation_id,
            "account": row.account,
            "inbound_id": row.inbound_id,
            "text_masked": mask_text(row.text),
            "raw_enc": self.seal({"text": row.text, "understanding": understanding}),
            "intent": understanding.get("intent"),
            "confidence": understanding.get("confidence"),
            "band": understanding.get("decision"),
            "decision": row.decision,
            "outcome": str(row.outcome),
            "owner": str(row.owner),
            "epoch": row.epoch,
            "model": row.model,
            "receipts": list(row.receipts),
            "actions": list(row.actions),
            "timings": row.timings,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
        }

    def seal(self, value: Any) -> bytes:
        """JSON under the key. Lone surrogates become the sign that stands for what cannot be read."""
        try:
            return self.keyring.encrypt(orjson.dumps(value).decode())
        except TypeError:
            return self.keyring.encrypt(orjson.dumps(_readable(value)).decode())

    def open(self, blob: bytes) -> Any:
        """The JSON value."""
        return orjson.loads(self.keyring.decrypt(blob))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {str(name): _readable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
