"""The sentences a page shows when a call is refused, from texts/errors.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "texts" / "errors.yml"


@dataclass(frozen=True)
class Sentence:
    """An HTTP status and one sentence in each language; `{field}` may stand in them."""

    status: int
    en: str
    zh: str


@cache
def load_sentences() -> Mapping[str, Sentence]:
    """All of them by code. Read once, when first asked for."""
    kept = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {code: Sentence(int(one["status"]), one["en"], one["zh"]) for code, one in kept.items()}


def error_body(sentences: Mapping[str, Sentence], code: str, field: str = "") -> tuple[int, dict[str, object]]:
    """Status and body of a refusal. An unknown code is a 400 under its own name."""
    known = sentences.get(code)
    if known is None:
        base = sentences["bad_request"]
        known = Sentence(400, base.en, base.zh)
        field = field or code
    body = {"code": code, "message": known.en.replace("{field}", field), "message_zh": known.zh.replace("{field}", field)}
    return known.status, {"error": body}
