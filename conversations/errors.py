"""What can go wrong between a message and its answer.

    WeitingError
    ├── Refusal
    │   ├── EpochMoved           the conversation changed hands since the caller looked
    │   ├── NotOwner             the caller does not own the conversation, or it is not in the state the command needs
    │   ├── NewerMessage         the subscriber has written since the agent last looked
    │   ├── NoSuchConversation   nothing goes by that name here
    │   └── LaneLost             another worker holds the lane now: the caller changes nothing
    └── Fault
        ├── BrainDown            no bot process answered in time
        ├── IntentUnknown        the bot's industry has no intent of that name
        └── StateUnreadable      the bot cannot read the state it was given
"""

from runtime.errors import Fault, Refusal


class EpochMoved(Refusal):
    """The conversation changed hands since the caller looked."""

    code = "epoch_moved"


class NotOwner(Refusal):
    """The caller does not own the conversation, or it is not in the state the command needs."""

    code = "not_owner"


class NewerMessage(Refusal):
    """The subscriber has written since the agent last looked."""

    code = "newer_message"


class NoSuchConversation(Refusal):
    """Nothing goes by that name here."""

    code = "not_found"


class LaneLost(Refusal):
    """Another worker holds the lane now, or the message has its turn already: the caller changes nothing."""

    code = "lane_lost"


class BrainDown(Fault):
    """No bot process answered in time, or the one that did broke."""


class IntentUnknown(Fault):
    """A menu key names an intent that the bot's industry does not have."""


class StateUnreadable(Fault):
    """The bot cannot read the state it was given: it is asked once more without one."""
