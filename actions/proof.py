"""The proof form: consent, number, one-time code. It serves binding and step-up alike.

The form asks its own questions here instead of through `utter_ask_…`: what went wrong and what is asked next are one bubble, and a
question that comes back after an interruption is shorter than the first. The slot `heard`, set by the interruption policy, says how the
message is to be taken: start, answer, again, or one of the form's commands (resend, other_number, no_code, why).
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.handing import Handover
from actions.reply import Reply
from actions.turn import Ask, Event, Turn, drop_everything
from business.identity import errors
from business.identity.ports import Identity
from runtime.masking import mask_phone

CONSENT, PHONE, CODE = "consent", "proof_phone", "sms_code"
FRESH_CODE_LEVEL = 2
BIND_INTENT = "bind_line"
_NOT_DIGITS = re.compile(r"\D")
_NUMBER = re.compile(r"1\d{10}")


class ValidateProofForm(Action):
    """Takes each message of the proof form, and asks what is asked next."""

    NAME = "validate_proof_form"

    def __init__(self, identity: Identity, handover: Handover) -> None:
        self._identity = identity
        self._handover = handover
        self._steps: dict[str, Callable[[Reply, Turn], Awaitable[list[Event]]]] = {
            "start": self._start,
            "answer": self._answer,
            "resend": self._resend,
            "other_number": self._other_number,
            "no_code": self._no_code,
            "why": self._why,
        }

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        step = self._steps.get(turn.slots.get("heard") or "", self._again)
        return [SlotSet("heard", None), *await step(reply, turn)]

    async def _start(self, reply: Reply, turn: Turn) -> list[Event]:
        if turn.slots.get("proof_needed") == FRESH_CODE_LEVEL:
            return await self._send(reply, turn, None, "step_up_sent")
        phone = _number(turn.slots.get(PHONE))
        if not await self._identity.has_consented(turn.account, turn.openid):
            reply.say("consent_notice")
            return [SlotSet(PHONE, phone), SlotSet("requested_slot", CONSENT)]
        return await self._with_number(reply, turn, phone)

    async def _again(self, reply: Reply, turn: Turn) -> list[Event]:
        waits = turn.slots.get("requested_slot")
        if waits == CODE:
            phone = turn.slots.get(PHONE)
            reply.say("ask_code_again_at" if phone else "ask_code_again", masked=mask_phone(str(phone or "")))
        else:
            reply.say("consent_again" if waits == CONSENT else "ask_phone_again")
        return [SlotSet("requested_slot", waits or PHONE)]

    async def _answer(self, reply: Reply, turn: Turn) -> list[Event]:
        waits = turn.slots.get("requested_slot")
        if waits == CONSENT:
            await self._identity.record_consent(turn.account, turn.openid, turn.key("consent"))
            return await self._with_number(reply, turn, _said_number(turn) or _number(turn.slots.get(PHONE)))
        if waits == CODE:
            number = _said_number(turn)
            return await (self._send(reply, turn, number) if number else self._check(reply, turn))
        number = _said_number(turn)
        if number is None:
            reply.say("phone_malformed")
            return [SlotSet("requested_slot", PHONE)]
        return await self._send(reply, turn, number)

    async def _with_number(self, reply: Reply, turn: Turn, phone: str | None) -> list[Event]:
        if phone:
            return await self._send(reply, turn, phone)
        reply.say("ask_phone")
        return [SlotSet(PHONE, None), SlotSet("requested_slot", PHONE)]

    async def _resend(self, reply: Reply, turn: Turn) -> list[Event]:
        if turn.slots.get("proof_needed") == FRESH_CODE_LEVEL:
            return await self._send(reply, turn, None, "code_resent")
        phone = _number(turn.slots.get(PHONE))
        return await (self._send(reply, turn, phone, "code_resent") if phone else self._other_number(reply, turn))

    async def _other_number(self, reply: Reply, turn: Turn) -> list[Event]:
        if turn.slots.get("proof_needed") == FRESH_CODE_LEVEL:
            reply.say("step_up_own_number")
            return [SlotSet("requested_slot", CODE)]
        return await self._with_number(reply, turn, _said_number(turn))

    async def _why(self, reply: Reply, turn: Turn) -> list[Event]:
        reply.say("why_bind")
        return [SlotSet("requested_slot", turn.slots.get("requested_slot"))]

    async def _no_code(self, reply: Reply, turn: Turn) -> list[Event]:
        reply.say("no_code")
        ask = turn.last_ask or Ask(BIND_INTENT)
        return await self._handover.ask(reply, turn, "no_code", about=ask, told="wish_no_code")

    async def _send(self, reply: Reply, turn: Turn, phone: str | None, said: str = "code_sent") -> list[Event]:
        """`phone` None sends to the default bound line's own number."""
        known = [SlotSet(PHONE, phone), SlotSet("requested_slot", CODE)]
        try:
            sent = await self._identity.send_code(turn.account, turn.openid, phone, turn.key("send_code"))
        except errors.NumberNotServed:
            reply.say("number_not_served")
            return [SlotSet(PHONE, None), SlotSet("requested_slot", PHONE)]
        except errors.CodeTooSoon as early:
            response = "step_up_too_soon" if said == "step_up_sent" else "code_too_soon_at" if phone else "code_too_soon"
            reply.say(response, wait_s=early.wait_s, masked=mask_phone(phone or ""))
            return known
        except errors.CodeNotSent:
            reply.say("code_not_sent")
            return known
        except errors.CodeLimitReached:
            reply.say("code_limit")
            return drop_everything()
        except errors.ConsentMissing:
            reply.say("consent_notice")
            return [SlotSet(PHONE, phone), SlotSet("requested_slot", CONSENT)]
        reply.say(said, masked=sent.masked)
        return known

    async def _check(self, reply: Reply, turn: Turn) -> list[Event]:
        waiting = [SlotSet("requested_slot", CODE)]
        code = turn.entity("sms_code") or _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", turn.text))
        if len(code) != 6:
            reply.say("code_malformed")
            return waiting
        phone = turn.slots.get(PHONE)
        try:
            line = await self._identity.check_code(turn.account, turn.openid, phone, code, turn.key("check_code"))
        except errors.CodeWrong as wrong:
            reply.say("code_wrong", tries_left=wrong.tries_left)
            return waiting
        except (errors.CodeExpired, errors.NoCodeSent):
            reply.say("code_expired")
            return waiting
        except errors.CodeSpent:
            reply.say("code_spent")
            return waiting
        return await self._proved(reply, turn, line.masked)

    async def _proved(self, reply: Reply, turn: Turn, masked: str) -> list[Event]:
        lines = await self._identity.lines(turn.account, turn.openid)
        if turn.slots.get("proof_needed") != FRESH_CODE_LEVEL:
            if len(lines) > 1:
                reply.say("bound_beside", masked=masked, default=lines[0].masked)
            else:
                reply.say("bound" if turn.pending else "bound_next", masked=masked)
        reply.outcome("ok")
        done = ("proof_needed", PHONE, CODE, CONSENT, "requested_slot")
        return [SlotSet(name, None) for name in done]


def _said_number(turn: Turn) -> str | None:
    return _number(turn.entity("phone_number")) or _number(turn.text)


def _number(raw: Any) -> str | None:
    """An 11-digit mobile number out of what was said or kept; blanks, dashes, +86 and full width allowed."""
    digits = _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", str(raw or "")))
    if len(digits) in (13, 15) and digits.startswith(("86", "0086")):
        digits = digits[-11:]
    return digits if _NUMBER.fullmatch(digits) else None
