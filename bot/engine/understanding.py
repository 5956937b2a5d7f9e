"""The understanding object of an answer, from what the pipeline left in Rasa's parse data."""

from typing import Any, Dict, List

REJECTED = (None, "out_of_scope", "nlu_fallback")
OUT_OF_SCOPE = "out_of_scope"


def read_understanding(text: str, parsed: Dict[str, Any]) -> Dict[str, Any]:
    """`{"text", "intent", "confidence", "decision", "candidates", "also", "entities"}`.

    Our pipeline (bot/nlu) writes the object itself as `understanding`; what other components of Rasa's left is brought into the same shape.
    """
    intent = parsed.get("intent") or {}
    ours = parsed.get("understanding")
    if isinstance(ours, dict):
        return {**ours, "text": text}
    name = intent.get("name")
    rejected = name in REJECTED
    return {
        "text": text,
        "intent": OUT_OF_SCOPE if rejected else name,
        "confidence": round(float(intent.get("confidence") or 0.0), 4),
        "decision": "reject" if rejected else "accept",
        "candidates": [],
        "also": [],
        "entities": _entities(text, parsed.get("entities") or []),
    }


def _entities(text: str, entities: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    found = []
    for entity in entities:
        start, end = entity.get("start"), entity.get("end")
        span = text[start:end] if isinstance(start, int) and isinstance(end, int) else ""
        found.append({"entity": entity.get("entity"), "value": entity.get("value"), "text": span, "start": start, "end": end})
    return found
