"""A gateway that keeps what it was given."""

import re
from dataclasses import dataclass

from business.sms.ports import SmsFailed


@dataclass(frozen=True)
class SmsMessage:
    """One message as it was handed over."""

    phone: str
    text: str
    key: str

    @property
    def code(self) -> str:
        """The six digits in it. Raises ValueError when there are none."""
        found = re.search(r"(?<!\d)\d{6}(?!\d)", self.text)
        if found is None:
            raise ValueError("no code in this message")
        return found[0]


class FakeSms:
    """Keeps messages in `sent`, once per key as a gateway does; fails as told by `failing`."""

    def __init__(self) -> None:
        self.sent: list[SmsMessage] = []
        self.failing: SmsFailed | None = None
        self.closed = False

    async def send(self, phone: str, text: str, key: str) -> None:
        if self.failing is not None:
            raise self.failing
        if all(message.key != key for message in self.sent):
            self.sent.append(SmsMessage(phone, text, key))

    async def close(self) -> None:
        self.closed = True

    def code_for(self, phone: str) -> str:
        """The newest code sent to a number. Raises LookupError when there is none."""
        for message in reversed(self.sent):
            if message.phone == phone:
                return message.code
        raise LookupError(phone)
