"""The packet an agent starts from: everything known, nothing to be asked again. Versioned, since old ones stay readable."""

from collections.abc import Iterable, Sequence
from typing import Any

from conversations.model import Author, HandoffRequest
from conversations.rows import Line, Turn
from runtime.masking import mask_text

VERSION = 1
_LONGEST_WISH = 120


def build_packet(request: HandoffRequest, lines: Sequence[Line], turns: Iterable[Turn], wish: str) -> dict[str, Any]:
    """The handoff packet: masked transcript, slots, actions tried with outcome, receipts. JSON only."""
    turns = tuple(turns)
    return {
        "version": VERSION,
        "reason": str(request.reason),
        "intent": request.intent,
        "wish": wish,
        "skill": request.skill,
        "priority": request.priority,
        "proof_level": request.proof_level,
        "ticket": request.ticket,
        "slots": {name: _masked(value) for name, value in request.slots.items()},
        "actions": [dict(action) for turn in turns for action in turn.actions],
        "receipts": [dict(receipt, turn_id=turn.turn_id) for turn in turns for receipt in turn.receipts],
        "transcript": [
            {"position": line.position, "author": str(line.author), "text": mask_text(line.text), "at": line.at.isoformat()}
            for line in lines
        ],
    }


def wish_of(request: HandoffRequest, lines: Sequence[Line]) -> str:
    """What the subscriber wants in one sentence: the bot's words, else the subscriber's last that were not just a call for a person."""
    said = request.wish
    if not said:
        # a menu key that names an intent is nothing anyone has said
        own = [line.text for line in lines if line.author == Author.SUBSCRIBER and line.text.strip() and "intent" not in line.extra]
        said = next((text for text in reversed(own) if len(text.strip()) > _CALL_FOR_A_PERSON), own[-1] if own else "")
    return " ".join(mask_text(said).split())[:_LONGEST_WISH]


# 人工, 转人工, 人工客服 …: as short as that it says no wish
_CALL_FOR_A_PERSON = 5


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return value
