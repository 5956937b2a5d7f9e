"""The way out to a visitor's page: written down, then said to whoever looks now."""

from sqlalchemy.exc import DBAPIError

from connectors.webchat.bell import Bell, Ring
from connectors.webchat.errors import SessionEnded
from connectors.webchat.lines import line_of
from connectors.webchat.store import WebStore
from conversations.model import Address, OutgoingText, Refused, Sent, Stopped, Unknown
from runtime.errors import StorageFault


class WebChannel:
    """One for all accounts. There is no passive reply, and nothing is counted: the page fetches what is there."""

    passive_bytes = 0
    can_push = True
    native_desk = False

    def __init__(self, store: WebStore, bell: Bell) -> None:
        self._store = store
        self._bell = bell

    async def send(self, to: Address, message: OutgoingText) -> Sent | Refused | Unknown:
        """Sent is on disk. The bubble's name makes it one line, so a write whose end nobody saw may be tried again."""
        try:
            await self._store.add(to, line_of(message), message.picture.content if message.picture else None)
        except SessionEnded as ended:
            return Refused(ended.code, "unfollowed")
        except (StorageFault, DBAPIError):
            return Refused("storage", "later")
        await self._bell.ring(to, Ring.LINE)
        return Sent()

    def stopped(self) -> Stopped | None:
        """Never: a write that fails is tried again for its own sake."""
        return None

    async def typing(self, to: Address) -> None:
        """Shown by pages that are open, for a few seconds."""
        await self._bell.ring(to, Ring.TYPING)
