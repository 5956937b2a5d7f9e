"""A message as a line of text: what lists, transcripts and packets show of kinds that are no text."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from conversations.media import MediaView
from conversations.notices import Texts
from conversations.rows import Line
from conversations.triggers import place_of
from runtime.masking import mask_text


def line_of(texts: Texts, kind: str, text: str, extra: Mapping[str, Any]) -> str:
    """The words, or what stands for them: [图片], [位置] 天河路, [链接] title and address, [菜单] query_balance."""
    if kind == "event" and "intent" in extra:
        return f"[{texts.kind('menu')}] {extra['intent'] or text}".strip()
    if kind == "location":
        return f"[{texts.kind(kind)}] {text}".strip()
    if kind == "link":
        parts = (f"[{texts.kind(kind)}] {extra.get('title', '')}".strip(), str(extra.get("description", "")), str(extra.get("url", "")))
        return "\n".join(part for part in parts if part)
    return text if text.strip() else f"[{texts.kind(kind)}]"


def shown_line(texts: Texts, line: Line, media: MediaView | None) -> Line:
    """A subscriber's line as a page shows it: masked, with its file, place or link apart."""
    place = place_of(line.extra) if line.kind == "location" else None
    link = {name: mask_text(str(line.extra.get(name, ""))) for name in ("title", "description", "url")} if line.kind == "link" else None
    return replace(
        line,
        text=mask_text(line_of(texts, line.kind, line.text, line.extra)),
        extra={},
        media=media,
        place=None if place is None else asdict(place),
        link=link,
    )
