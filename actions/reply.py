"""What an action says, to the subscriber by the name of a response, and to the core in the payloads of docs/architecture.md."""

from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

OURS = "weiting"


@dataclass(frozen=True)
class Handoff:
    """A wish for a person. `reason` is one of conversations' reasons; priority 0 usual, 5 elderly, 9 urgent."""

    reason: str
    intent: str | None
    wish: str
    skill: str
    priority: int = 0
    proof_level: int = 0
    slots: dict[str, Any] = field(default_factory=dict)


class Reply:
    """One action's dispatcher, with the words of this product."""

    def __init__(self, dispatcher: CollectingDispatcher, action: str) -> None:
        self._dispatcher = dispatcher
        self._action = action

    def say(self, response: str, /, **values: Any) -> None:
        """One bubble: the response `utter_RESPONSE` with its values, none of them called like a key of a message (text, image …)."""
        self._dispatcher.utter_message(response=f"utter_{response}", **values)

    def receipt(self, receipt: dict[str, Any]) -> None:
        """Where the figures just said come from: source, query, as_of, figures, proof_level, line (masked)."""
        self._tell(receipt=receipt)

    def outcome(self, outcome: str) -> None:
        """ok | refused | failed."""
        self._tell(outcome={"name": self._action, "outcome": outcome})

    def asked(self) -> None:
        """The bot waits for an answer although no form is open."""
        self._tell(asked=True)

    def hand_over(self, handoff: Handoff) -> None:
        """Asks the core for a person. Who answers is the core's to decide."""
        self._tell(
            handoff={
                "reason": handoff.reason,
                "intent": handoff.intent,
                "wish": handoff.wish,
                "skill": handoff.skill,
                "priority": handoff.priority,
                "proof_level": handoff.proof_level,
                "ticket": None,
                "slots": handoff.slots,
            }
        )

    def _tell(self, **payload: Any) -> None:
        self._dispatcher.utter_message(json_message={OURS: payload})
