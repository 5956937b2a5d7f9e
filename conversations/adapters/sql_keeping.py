"""What comes with messages, and its end: files, consents, and the erasing of everything personal. A part of SqlRecords."""

from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from conversations.adapters import media_tables as m
from conversations.adapters import tables as t
from conversations.adapters.media_rows import media_params
from conversations.adapters.rowwise import Cipher
from conversations.consents import Consent
from conversations.media import Media
from conversations.model import Address
from conversations.rows import Conversation

_id: BindParameter[str] = bindparam("b_id")
_BLANK: BindParameter[bytes] = bindparam("b_blank")
_UP_TO: BindParameter[int] = bindparam("b_up_to")
_ERASE_INBOUND = (
    update(t.inbound)
    .where(t.inbound.c.conversation_id == _id, t.inbound.c.position <= _UP_TO)
    .values(body_enc=_BLANK, passive_enc=None)
)
_ERASE_OUTBOUND = update(t.outbound).where(t.outbound.c.conversation_id == _id).values(text_enc=_BLANK)
_NO_RECEIPTS: BindParameter[Any] = bindparam("b_none", type_=t.turn.c.receipts.type)
_ERASE_TURNS = update(t.turn).where(t.turn.c.conversation_id == _id).values(text_masked="", raw_enc=None, receipts=_NO_RECEIPTS)
_ERASE_HANDOFFS = update(t.handoff).where(t.handoff.c.conversation_id == _id).values(wish_masked="", packet_enc=_BLANK)
_ERASE_MEMORY = update(t.conversation).where(t.conversation.c.conversation_id == _id).values(state_enc=None)
_ERASE_MEDIA = (
    update(m.media)
    .where(m.media.c.conversation_id == _id, m.media.c.position <= _UP_TO)
    .values(state="erasing", reference_enc=_BLANK, lease_until=0.0, retry_at=None)
)
_OF_WHOM = (m.consent.c.account == bindparam("b_account"), m.consent.c.openid == bindparam("b_openid"))
_ERASE_CONSENTS = delete(m.consent).where(*_OF_WHOM)
_ADD_MEDIA = insert(m.media)
_CONSENT = select(m.consent).where(*_OF_WHOM, m.consent.c.topic == bindparam("b_topic"))
_CHANGE_CONSENT = (
    update(m.consent)
    .where(*_OF_WHOM, m.consent.c.topic == bindparam("b_topic"))
    .values(standing=bindparam("standing"), left=bindparam("left"), changed_at=bindparam("changed_at"))
)
_ADD_CONSENT = insert(m.consent)


class Keeping:
    """The calls of `conversations.records.Records` over files, consents and erasing."""

    _connection: Connection
    _cipher: Cipher

    def erase(self, conversation: Conversation, position: int) -> None:
        keyring, name = self._cipher.keyring, {"b_id": conversation.conversation_id}
        body, packet = self._cipher.seal({"text": "", "extra": {}}), self._cipher.seal({"version": 1})
        steps: tuple[tuple[Any, dict[str, Any]], ...] = (
            (_ERASE_INBOUND, name | {"b_blank": body, "b_up_to": position}),
            (_ERASE_OUTBOUND, name | {"b_blank": keyring.encrypt("")}),
            (_ERASE_TURNS, name | {"b_none": []}),
            (_ERASE_HANDOFFS, name | {"b_blank": packet}),
            (_ERASE_MEMORY, name),
            (_ERASE_MEDIA, name | {"b_blank": keyring.encrypt(""), "b_up_to": position}),
            (_ERASE_CONSENTS, _of(conversation.address)),
        )
        for statement, params in steps:
            self._connection.execute(statement, params)

    def add_media(self, row: Media) -> None:
        self._connection.execute(_ADD_MEDIA, media_params(row, self._cipher.keyring))

    def consent(self, address: Address, topic: str) -> Consent | None:
        row = self._connection.execute(_CONSENT, _of(address) | {"b_topic": topic}).first()
        return None if row is None else Consent(address, row.topic, row.standing, row.left, row.changed_at)

    def save_consent(self, row: Consent) -> None:
        values = {"standing": row.standing, "left": row.left, "changed_at": row.changed_at}
        if self._connection.execute(_CHANGE_CONSENT, _of(row.address) | {"b_topic": row.topic} | values).rowcount == 0:
            whose = {"account": row.address.account, "openid": row.address.openid, "topic": row.topic}
            self._connection.execute(_ADD_CONSENT, whose | values)


def _of(address: Address) -> dict[str, Any]:
    return {"b_account": address.account, "b_openid": address.openid}
