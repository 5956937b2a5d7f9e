"""What the interruption policy reads in a message, before it knows what to do about it."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Collection, Dict, List, Mapping, Optional, Tuple

from rasa.shared.core.events import UserUttered

UNCLEAR = "unclear"
OUT_OF_SCOPE = "out_of_scope"

_NUMBER = re.compile(r"^(?:我?选|第)?([1-9一二三四五六])(?:个|项|条|号)?$")
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_EDGES = " \t\r\n.,;:!?。，、；：！？~～'\"‘’“”「」『』()（）[]【】"
_HAN = re.compile(r"[\u3400-\u9fff]")
_ALNUM = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class Heard:
    """The latest message.

    entities: the first value of each, and the `part` of the intent that is meant. values_only: nothing else was said. candidates: the near
    readings of an unclear message. said: every value in order, impossible ones with null for a value. asks: {"intent", "values", "part"} of
    each of several asks, else none. corrects: a value is given instead of another.
    """

    text: str
    intent: str
    entities: Dict[str, Any]
    values_only: bool
    candidates: Tuple[str, ...] = ()
    said: Tuple[Dict[str, Any], ...] = ()
    asks: Tuple[Dict[str, Any], ...] = ()
    corrects: bool = False


def hear(
    message: UserUttered, invited: Mapping[str, str], parts: Mapping[str, Mapping[str, str]], settled: Mapping[str, str],
    doubted: Collection[str] = (),
) -> Heard:
    """What bot/nlu left on the message.

    invited: word → the intent it means whatever the classifier thought. settled: intent → pattern of the words that settle what the
    classifier was unsure of, or took for an intent that is `doubted`. parts: intent → part of it → pattern of the words that ask for it.
    """
    data = message.parse_data or {}
    said = [*(data.get("entities") or []), *(data.get("impossible") or [])]
    said.sort(key=lambda value: value.get("start") or 0)
    entities: Dict[str, Any] = {}
    for entity in data.get("entities") or []:
        entities.setdefault(entity.get("entity"), entity.get("value"))
    taken = (data.get("intent") or {}).get("name") or OUT_OF_SCOPE
    understanding = data.get("understanding") or {}
    if understanding.get("decision") == "clarify":
        taken = UNCLEAR
    text = message.text or ""
    intent = taken
    if intent in (UNCLEAR, OUT_OF_SCOPE, *doubted):
        intent = next((meant for meant, pattern in settled.items() if re.search(pattern, text)), intent)
    intent = invited.get(bare(text).upper(), intent)
    part = _part(parts, intent, text)
    if part:
        entities["part"] = part
    candidates = tuple(one.get("intent") or "" for one in understanding.get("candidates") or [])
    several = (data.get("asks") or []) if intent == taken else []
    asks = tuple({**ask, "part": _part(parts, ask["intent"], ask["text"])} for ask in several)
    return Heard(text, intent, entities, bool(data.get("values_only")), candidates, tuple(said), asks, bool(data.get("corrects")))


def _part(parts: Mapping[str, Mapping[str, str]], intent: str, text: str) -> Optional[str]:
    return next((part for part, pattern in (parts.get(intent) or {}).items() if re.search(pattern, text)), None)


def beyond_us(heard: Heard, beyond: Mapping[str, str]) -> Optional[str]:
    """The intent of the industry's that the words name though nothing here answers it: a person does, in the same turn."""
    if heard.intent not in (UNCLEAR, OUT_OF_SCOPE):
        return None
    return next((intent for intent, pattern in beyond.items() if re.search(pattern, heard.text)), None)


def answers(waits: Mapping[str, Any], heard: Heard) -> bool:
    """Whether the message looks like an answer, right or wrong, to what a form waits for (see config.yml).

    Where `beside` is given, an entity answers only alone or beside these intents: a number in a complaint is no consent.
    """
    if heard.intent in (waits.get("intents") or []):
        return True
    beside = waits.get("beside")
    if any(entity in heard.entities for entity in waits.get("entities") or []) and (
        beside is None or heard.values_only or heard.intent in beside
    ):
        return True
    pattern = waits.get("pattern")
    return bool(pattern and re.search(pattern, unicodedata.normalize("NFKC", heard.text)))


def leans_to_no(heard: Heard, drop: List[str], polite: List[str]) -> bool:
    """Unclear between ways to say no, or between no and going on, with no first (不想给你们号码)."""
    if heard.intent != UNCLEAR or not heard.candidates:
        return False
    return heard.candidates[0] in drop and {*drop, *polite}.issuperset(heard.candidates)


def stack(raw: Any) -> List[Dict[str, Any]]:
    """The asks in a slot. Anything else in it, left by an older version or set by a person, is passed over."""
    asks = raw if isinstance(raw, list) else []
    return [ask for ask in asks if isinstance(ask, dict) and isinstance(ask.get("intent"), str)]


def bare(text: str) -> str:
    """The text in compatibility form, without punctuation, quotes and blanks around it."""
    return unicodedata.normalize("NFKC", text).strip(_EDGES)


def chosen_number(text: str) -> Optional[int]:
    """2 for "2", "２", "②", "2。", "第二个"; None for anything longer."""
    found = _NUMBER.match(bare(text))
    if found is None:
        return None
    return _CHINESE.get(found[1]) or int(found[1])


def is_nonsense(text: str) -> bool:
    """Letters or digits without one Chinese character ("asdfgh"): not small talk, nothing was understood."""
    return bool(_ALNUM.search(text)) and not _HAN.search(text)
