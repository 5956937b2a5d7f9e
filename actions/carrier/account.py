"""Tying phone numbers to the chat, untying them, and which of them answers are about."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.phrases import Phrases
from actions.reply import Reply
from actions.turn import Ask, Event, Turn, pending_slot
from business.identity.ports import Identity
from business.identity.types import LineRef
from runtime.masking import mask_phone

_TAIL = re.compile(r"(?<!\d)\d{4}(?!\d)")


class BindLine(Action):
    """Opens the proof form; a second line is read back and confirmed first."""

    NAME = "action_bind_line"
    intent = "bind_line"
    topic = "account"

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        ask = turn.ask_for(self.intent)
        phone = ask.values.get("phone_number")
        masked = mask_phone(str(phone)) if phone else ""
        lines = await self._identity.lines(turn.account, turn.openid)
        events: list[Event] = [SlotSet("ask", None), SlotSet("last_ask", ask.as_slot())]
        if turn.loop is not None:
            return events
        if not lines or ask.values.get("confirmed"):
            return [*events, SlotSet("proof_needed", 1), SlotSet("proof_phone", phone)]
        if masked in {line.masked for line in lines}:
            reply.say("already_bound", masked=masked)
            return events
        shown = {"bound": lines[0].masked, "wanted": masked}
        confirming = {**Ask(self.intent, ask.values).as_slot(), "shown": shown}
        return [*events, SlotSet("confirming", confirming)]


class UnbindLine(Action):
    """Unties a bound line after it was read back and confirmed."""

    NAME = "action_unbind_line"
    intent = "unbind_line"
    topic = "account"

    def __init__(self, identity: Identity, phrases: Phrases) -> None:
        self._identity = identity
        self._phrases = phrases

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        ask = turn.ask_for(self.intent)
        lines = await self._identity.lines(turn.account, turn.openid)
        events: list[Event] = [SlotSet("ask", None), SlotSet("last_ask", Ask(self.intent).as_slot())]
        if not lines:
            reply.say("nothing_bound")
            return events
        if turn.loop is not None:
            # the form that is open comes first; the confirmation needs a form of its own
            return [*events, pending_slot([*turn.pending, ask])]
        line = _meant(ask, turn, lines)
        if line is None and "phone_number" in ask.values:
            reply.say("not_your_number", masked=mask_phone(str(ask.values["phone_number"])))
            return events
        if line is None and len(lines) > 1:
            reply.say("unbind_which", bound=self._phrases.join((one.masked for one in lines), "enumeration"))
            reply.asked()
            return events
        line = line or lines[0]
        if ask.values.get("confirmed") and ask.values.get("line_id") == line.line_id:
            return [*events, *await self._unbind(reply, turn, line)]
        values = {"line_id": line.line_id}
        return [*events, SlotSet("confirming", {**Ask(self.intent, values).as_slot(), "shown": {"wanted": line.masked}})]

    async def _unbind(self, reply: Reply, turn: Turn, line: LineRef) -> list[Event]:
        await self._identity.unbind(turn.account, turn.openid, line.line_id, turn.key("unbind"))
        left = await self._identity.lines(turn.account, turn.openid)
        if left:
            reply.say("unbound_now", wanted=line.masked, default=left[0].masked)
        else:
            reply.say("unbound", wanted=line.masked)
        reply.outcome("ok")
        return [SlotSet("last_ask", None)]


class SwitchLine(Action):
    """Makes another bound line the one that answers are about, and answers the last question for it (那另一个号呢)."""

    NAME = "action_switch_line"
    intent = "switch_line"
    topic = "account"

    def __init__(self, identity: Identity, repeated: frozenset[str]) -> None:
        """`repeated`: intents that are answered once more for the other line."""
        self._identity = identity
        self._repeated = repeated

    def name(self) -> str:
        return self.NAME

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        ask = turn.ask_for(self.intent)
        lines = await self._identity.lines(turn.account, turn.openid)
        chosen = [SlotSet("ask", None)]
        if turn.loop is not None:
            return [*chosen, pending_slot([*turn.pending, ask])] if lines else chosen
        if not lines:
            return [*chosen, SlotSet("proof_needed", 1), SlotSet("proof_phone", ask.values.get("phone_number"))]
        line = _meant(ask, turn, lines)
        if line is None and "phone_number" in ask.values:
            reply.say("not_your_number", masked=mask_phone(str(ask.values["phone_number"])))
            return chosen
        if len(lines) == 1:
            reply.say("no_other_line", bound=lines[0].masked)
            return chosen
        line = await self._identity.set_default(turn.account, turn.openid, (line or lines[1]).line_id, turn.key("set_default"))
        reply.say("line_switched", wanted=line.masked)
        reply.outcome("ok")
        return [*chosen, *self._once_more(turn)]

    def _once_more(self, turn: Turn) -> list[Event]:
        last = turn.last_ask
        if last is None or last.intent not in self._repeated:
            return []
        kept = {name: value for name, value in last.values.items() if name not in ("phone_number", "line")}
        return [pending_slot([Ask(last.intent, kept), *turn.pending])]


def _meant(ask: Ask, turn: Turn, lines: tuple[LineRef, ...]) -> LineRef | None:
    """The bound line that was named: by its number, by the id of an earlier question, or by its last four digits."""
    named = ask.values.get("phone_number")
    if named:
        return next((line for line in lines if line.masked == mask_phone(str(named))), None)
    if "line_id" in ask.values:
        return next((line for line in lines if line.line_id == ask.values["line_id"]), None)
    tails = _TAIL.findall(turn.text)
    return next((line for line in lines if line.masked[-4:] in tails), None)
