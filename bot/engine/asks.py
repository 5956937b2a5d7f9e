"""What asks a message makes: of its own, or by going on with the one before. An ask is {"intent", "values"}.

`continues` of config.yml says of each kind of value: `takes`, the intents that take it; `alone`, what it asks for when nothing else was
said; `after`, an intent that follows where the last one takes no such value (话费 … 那上个月呢: the bill); `about`, what it tells: a new
value replaces all that tell the same (a number, another line).
"""

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from bot.engine.hearing import OUT_OF_SCOPE, UNCLEAR, Heard, stack

AskDict = Dict[str, Any]
IMPOSSIBLE = "impossible"
OF_ONE_TIME = ("confirmed", "deferred", IMPOSSIBLE)
"""Values of an ask that do not hold for the next one."""


def asks_of(heard: Heard, continues: Mapping[str, Mapping[str, Any]]) -> List[AskDict]:
    """What the message asks on its own, in order. Two values of a kind that an intent takes are two asks of it (9月和10月的账单), and one
    that cannot be (13月) is an ask too: it lies in the values as `impossible`, by kind, as it was said."""
    whole = {"intent": heard.intent, "values": heard.said, "part": heard.entities.get("part")}
    found: List[AskDict] = []
    for ask in heard.asks or (whole,):
        found += _each(ask["intent"], ask["values"], ask.get("part"), continues)
    return found


def _each(intent: str, said: List[Dict[str, Any]], part: Optional[str], continues: Mapping[str, Mapping[str, Any]]) -> List[AskDict]:
    first: Dict[str, Any] = {"part": part} if part else {}
    asks = [first]
    for entity, value, text in ((one.get("entity"), one.get("value"), one.get("text")) for one in said):
        is_taken = intent in continues.get(str(entity), {}).get("takes", ())
        told = {entity: value} if value is not None else {IMPOSSIBLE: {entity: text}}
        if value is None and not is_taken:
            continue
        is_told = entity in first or entity in first.get(IMPOSSIBLE, {})
        if not is_told:
            for ask in asks:
                ask.update(told)
        elif is_taken:
            kept = {name: kept for name, kept in first.items() if name not in (entity, IMPOSSIBLE)}
            if {**kept, **told} not in asks:
                asks.append({**kept, **told})
    return [{"intent": intent, "values": values} for values in asks]


def continued(heard: Heard, last: Optional[AskDict], config: Mapping[str, Any]) -> List[AskDict]:
    """The last ask with what this message gives it; none when the message goes on with nothing."""
    again = _once_more(heard, config["repeat"])
    if last is not None and again is not None:
        return [{"intent": last["intent"], "values": merged(last, again, config["continues"])}]
    entity = _only_value(heard, config["continues"])
    if entity is None:
        return []
    continues = config["continues"]
    before, intent = _going_on(heard, last, continues[entity], config["follows"])
    if intent is None:
        return []
    return [{"intent": intent, "values": carried(ask, before, continues)} for ask in _each(intent, heard.said, None, continues)]


def left_hanging(heard: Heard, config: Mapping[str, Any]) -> Optional[AskDict]:
    """What 那上个月呢 would ask for on its own, where nothing goes before that takes a month; None for another message."""
    entity = _only_value(heard, config["continues"])
    alone = config["continues"][entity].get("alone") if entity is not None and _follows(heard, config["follows"]) else None
    return _each(alone, heard.said, None, config["continues"])[0] if alone else None


def taken_over(heard: Heard, ask: AskDict, last: Optional[AskDict], config: Mapping[str, Any]) -> AskDict:
    """那流量呢: another ask, about what the last one was about."""
    if last is None or not _follows(heard, config["follows"]):
        return ask
    return {**ask, "values": carried(ask, last, config["continues"])}


def carried(ask: AskDict, last: Optional[AskDict], continues: Mapping[str, Mapping[str, Any]]) -> Dict[str, Any]:
    """The values of `ask`, and those of the last one that its intent takes and that it does not say itself."""
    if last is None:
        return dict(ask["values"])
    is_same = last["intent"] == ask["intent"]
    kept = {
        name: value
        for name, value in (last.get("values") or {}).items()
        if is_same or ask["intent"] in continues.get(name, {}).get("takes", ())
    }
    return merged({"values": kept}, ask["values"], continues)


def merged(ask: AskDict, values: Mapping[str, Any], continues: Mapping[str, Mapping[str, Any]]) -> Dict[str, Any]:
    """The values of an ask with new ones in the place of those that tell the same."""
    said = {*values, *values.get(IMPOSSIBLE, {})}
    about = {continues.get(name, {}).get("about", name) for name in said}
    old = {
        name: value
        for name, value in (ask.get("values") or {}).items()
        if name not in OF_ONE_TIME and continues.get(name, {}).get("about", name) not in about
    }
    return {**old, **values}


def is_correction(heard: Heard, confirming: Any, config: Mapping[str, Any]) -> bool:
    """Whether the message gives what is read back another value than it has (不是50 是100), or one it lacks without a yes beside it."""
    intent, values = (confirming.get("intent"), confirming.get("values") or {}) if isinstance(confirming, dict) else (None, {})
    new = {
        name: value
        for name, value in heard.entities.items()
        if intent in config["continues"].get(name, {}).get("takes", ()) and values.get(name) != value
    }
    beside = (intent, UNCLEAR, OUT_OF_SCOPE, *config["polite"], *config["drop"])
    if not new or not (heard.corrects or heard.values_only or heard.intent in beside):
        return False
    return any(name in values for name in new) or heard.intent not in config["polite"]


def _once_more(heard: Heard, repeat: Mapping[str, Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """The values to ask the last question with again (再查一次: none; 另一个号: another line), None when nothing is asked again.

    A pattern that is the whole message counts whatever it was taken for; in the midst of others only where nothing was understood.
    """
    bare = heard.text.strip()
    is_open = heard.intent in (UNCLEAR, OUT_OF_SCOPE)
    return next(
        (values for pattern, values in repeat.items() if re.fullmatch(pattern, bare) or (is_open and re.search(pattern, bare))), None
    )


def _only_value(heard: Heard, continues: Mapping[str, Any]) -> Optional[str]:
    if not heard.values_only:
        return None
    said = {one.get("entity") for one in heard.said}
    return next((entity for entity in continues if entity in said), None)


def _going_on(
    heard: Heard, last: Optional[AskDict], kind: Mapping[str, Any], follows: str
) -> Tuple[Optional[AskDict], Optional[str]]:
    """The ask that is gone on with, the newest of the last message's that takes the value, and the intent that this asks for."""
    before = [last, *stack(last.get("beside"))] if last is not None else []
    for ask in before:
        if ask["intent"] in kind.get("takes", ()):
            return ask, ask["intent"]
    for ask in before:
        if ask["intent"] in kind.get("after", {}):
            return ask, str(kind["after"][ask["intent"]])
    return last, None if _follows(heard, follows) else kind.get("alone")


def _follows(heard: Heard, follows: str) -> bool:
    return bool(follows and re.search(follows, heard.text))
