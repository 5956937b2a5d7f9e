"""Rows of the table of files as values and back, and the statements that move them."""

from typing import Any

from sqlalchemy import Row

from conversations.media import Media, MediaState
from runtime.keys import Keyring

_PLAIN = (
    "media_id conversation_id account inbound_id position kind created_at expires_at content_type size sha256 attempts retry_at "
    "lease_until lease_token reason"
).split()


def media_params(row: Media, keyring: Keyring) -> dict[str, Any]:
    """For an insert or, by name, an update."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    return {**plain, "state": str(row.state), "reference_enc": keyring.encrypt(row.reference)}


def media_of(row: Row[Any], keyring: Keyring) -> Media:
    """One file's row."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Media(**plain, state=MediaState(row.state), reference=keyring.decrypt(row.reference_enc))
