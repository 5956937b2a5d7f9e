"""WeChat's XML as plain fields, read by expat as it comes: 20 us a message where a tree of elements takes 100 (measured).

A document type is refused at its first sign, so no entity can be declared and nothing outside be asked for: what defusedxml adds to
the same parser. Raises BadBody for everything else that WeChat would not send.
"""

import re
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate  # noqa: S405  (a document type is refused)

from connectors.wechat.errors import BadBody

Fields = dict[str, Any]

DEEPEST = 5
"""How many elements may lie within each other under <xml>."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Without what XML 1.0 cannot hold: JSON could bring it in, and neither a database's text nor a reply takes it."""
    return _NOT_XML.sub("", text)


class _Reader:
    """What is open: for each element its fields, None until it has one, and its text before the first."""

    def __init__(self) -> None:
        self.root: Fields | None = None
        self._open: list[tuple[str, list[str], Fields]] = []

    def start(self, tag: str, _attributes: object) -> None:
        if not self._open:
            if tag != "xml":
                raise BadBody("the root is not <xml>")
        elif len(self._open) > DEEPEST:
            raise BadBody("nested too deep")
        self._open.append((tag, [], {}))

    def text(self, data: str) -> None:
        _, said, fields = self._open[-1]
        if not fields:
            said.append(data)

    def end(self, _tag: str) -> None:
        tag, said, fields = self._open.pop()
        if not self._open:
            self.root = fields
            return
        value: Any = fields or clean("".join(said))
        parent = self._open[-1][2]
        if tag not in parent:
            parent[tag] = value
        elif len(self._open) == 1:
            raise BadBody(f"{tag[:40]} stands twice")
        else:
            # a list of WeChat's is the same element several times
            before = parent[tag]
            parent[tag] = [*before, value] if isinstance(before, list) else [before, value]

    def refuse(self, *_declared: object) -> None:
        raise BadBody("a document type")


def read_xml(raw: bytes) -> Fields:
    """The fields under <xml>. Raises BadBody."""
    reader, parser = _Reader(), ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(raw, True)
    except (ExpatError, ValueError, LookupError) as error:
        raise BadBody("not XML") from error
    return reader.root or {}
