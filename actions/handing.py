"""Handing a conversation over: the packet that a person starts from."""

from typing import Any

from actions.phrases import Phrases
from actions.reply import Handoff, Reply
from actions.turn import Ask, Event, Turn, drop_everything
from business.identity.ports import Identity
from runtime.masking import mask_phone, mask_text

GENERAL_SKILL = "general"
PRIORITY_ELDERLY = 5
PRIORITY_URGENT = 9
SAID_AT_MOST = 80


class Handover:
    """Makes the packet. `skills` says which topic an intent belongs to."""

    def __init__(self, identity: Identity, phrases: Phrases, skills: dict[str, str]) -> None:
        self._identity = identity
        self._phrases = phrases
        self._skills = skills

    async def ask(
        self, reply: Reply, turn: Turn, reason: str, about: Ask | None = None, urgent: bool = False, told: str = "wish"
    ) -> list[Event]:
        """Asks the core for a person, and closes what was open. `told` names the part that makes the wish one sentence."""
        ask = about or turn.last_ask
        elderly = await self._identity.is_elderly(turn.account, turn.openid)
        reply.hand_over(
            Handoff(
                reason=reason,
                intent=ask.intent if ask else None,
                wish=self._wish(turn, ask, told),
                skill=self._skills.get(ask.intent, GENERAL_SKILL) if ask else GENERAL_SKILL,
                priority=PRIORITY_URGENT if urgent else PRIORITY_ELDERLY if elderly else 0,
                proof_level=await self._identity.proof_level(turn.account, turn.openid),
                slots=self._slots(turn, ask),
            )
        )
        return drop_everything()

    async def has_proved(self, turn: Turn) -> bool:
        """Whether figures can be shown without a form."""
        return await self._identity.proof_level(turn.account, turn.openid) > 0

    def _wish(self, turn: Turn, ask: Ask | None, told: str) -> str:
        label = self._phrases.label(ask.intent) if ask else None
        period = ask.values.get("period") if ask else None
        wanted = label or self._phrases.part("wish_unknown")
        if period:
            wanted = self._phrases.part("wish_period", wanted=wanted, period=period)
        return self._phrases.part(told, wanted=wanted, said=mask_text(turn.text)[:SAID_AT_MOST])

    @staticmethod
    def _slots(turn: Turn, ask: Ask | None) -> dict[str, Any]:
        slots = {name: value for name, value in ask.values.items() if name != "deferred"} if ask else {}
        waiting = [one.intent for one in turn.pending]
        if waiting:
            slots["pending"] = waiting
        phone = slots.get("phone_number") or turn.slots.get("proof_phone")
        if phone:
            slots["phone_number"] = mask_phone(str(phone))
        return slots
