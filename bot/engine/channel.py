"""Where Rasa's answers are gathered, and what they are told apart into."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from rasa.core.channels.channel import OutputChannel

OURS = "weiting"
"""The key of a custom payload that is for the core, not for the subscriber."""


@dataclass
class Gathered:
    """What a turn said, and what it told the core beside."""

    replies: List[Dict[str, str]] = field(default_factory=list)
    receipts: List[Dict[str, Any]] = field(default_factory=list)
    outcomes: List[Dict[str, Any]] = field(default_factory=list)
    handoff: Optional[Dict[str, Any]] = None
    asked: bool = False

    def take(self, payload: Dict[str, Any]) -> None:
        """One `{"receipt" | "handoff" | "outcome" | "asked": …}`; the first handoff of a turn counts."""
        receipt, handoff, outcome = payload.get("receipt"), payload.get("handoff"), payload.get("outcome")
        if isinstance(receipt, dict):
            self.receipts.append(receipt)
        if isinstance(handoff, dict) and self.handoff is None:
            self.handoff = handoff
        if isinstance(outcome, dict):
            self.outcomes.append(outcome)
        self.asked = self.asked or bool(payload.get("asked"))


class TurnOutput(OutputChannel):
    """Takes what the turn says. A text and a payload may come in one message."""

    def __init__(self) -> None:
        self.gathered = Gathered()

    @classmethod
    def name(cls) -> str:
        """Domains can give responses of their own to this channel."""
        return "turn"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Takes one message of Rasa's; leaves the message as it is."""
        custom = message.get("custom")
        if isinstance(custom, dict) and isinstance(custom.get(OURS), dict):
            self.gathered.take(custom[OURS])
        text = message.get("text") or ""
        choices = [button.get("title", "") for button in message.get("buttons") or () if isinstance(button, dict)]
        lines = [text] if text else []
        lines += [f"{number}. {title}" for number, title in enumerate(choices, 1)]
        if lines:
            self.gathered.replies.append({"text": "\n".join(lines)})

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Rasa's own actions may send without a message of their own."""
        await self.send_response(recipient_id, {"text": text})
