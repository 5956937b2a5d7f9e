"""A message of WeChat's as XML, which accounts get, or as JSON, which WeChat offers to mini programs."""

import json
from typing import Any

# A field's value may be a list of fields again: ScanCodeInfo, SendPicsInfo. A name that comes twice is a list of things.
Value = Any
Fields = list[tuple[str, Value]]


def render_xml(fields: Fields) -> str:
    """`<xml>…</xml>` with texts in CDATA; a "]]>" inside is split over two sections."""
    return f"<xml>{_inner(fields)}</xml>"


def render_json(fields: Fields) -> str:
    """The same fields as a JSON object, numbers as numbers; things that come twice, and `item`, as a list."""
    return json.dumps(_as_object(fields), ensure_ascii=False)


def _inner(fields: Fields) -> str:
    parts = []
    for name, value in fields:
        if isinstance(value, str):
            inner = value.replace("]]>", "]]]]><![CDATA[>")
            parts.append(f"<{name}><![CDATA[{inner}]]></{name}>")
        else:
            parts.append(f"<{name}>{_inner(value) if isinstance(value, list) else value}</{name}>")
    return "".join(parts)


def _as_object(fields: Fields) -> Any:
    names = [name for name, _ in fields]
    values = [_as_object(value) if isinstance(value, list) else value for _, value in fields]
    if set(names) in ({"item"}, {"List"}):
        return values
    return dict(zip(names, values, strict=True))
