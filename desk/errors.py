"""The desk's refusals. All are expected: the page shows the sentence and fetches what changed.

    runtime.errors.Refusal
    └── DeskRefusal
        ├── Taken        another agent has this conversation, or it waits no longer
        ├── NoFreeSlot   the agent has as many conversations as they can hold
        ├── OfferOver    the offer was taken back, ran out or was never made to this agent
        ├── NotAllowed   the conversation is neither waiting nor theirs, and they supervise nobody
        └── LeaseLost    another process leads the router now: this one changes nothing

What conversations refuses (EpochMoved, NotOwner, NewerMessage, NoSuchConversation) passes through as it is; a conversation of an
account without rights is NoSuchConversation too, so that the two look the same from outside.
"""

from runtime.errors import Refusal


class DeskRefusal(Refusal):
    """Root of what the desk refuses."""


class Taken(DeskRefusal):
    """Another agent has this conversation, or it waits no longer."""

    code = "taken"


class NoFreeSlot(DeskRefusal):
    """The agent has as many conversations as they can hold."""

    code = "no_free_slot"


class OfferOver(DeskRefusal):
    """The offer was taken back, ran out or was never made to this agent."""

    code = "offer_over"


class NotAllowed(DeskRefusal):
    """The conversation is neither waiting nor theirs, and they supervise nobody."""

    code = "forbidden"


class LeaseLost(DeskRefusal):
    """Another process leads the router now: this one changes nothing."""

    code = "lease_lost"
