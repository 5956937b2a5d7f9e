"""WeChat's XML read by expat: the same fields as a tree of elements would give, and nothing a document type could bring in."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError  # noqa: S405  (types only; parsing is defusedxml's)

import pytest
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from connectors.wechat.elements import read_xml
from connectors.wechat.errors import BadBody


def by_tree(raw: bytes) -> Any:
    """What read_xml should say, by a parser that is known; None where the body is refused."""
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    names = [child.tag for child in root]
    if root.tag != "xml" or len(set(names)) < len(names) or _depth(root) > 6:
        return None
    return {child.tag: _value(child) for child in root}


def _depth(element: Element) -> int:
    return 1 + max((_depth(child) for child in element), default=0)


def _value(element: Element) -> Any:
    if not len(element):
        return element.text or ""
    values: dict[str, Any] = {}
    for child in element:
        value = _value(child)
        before = values.get(child.tag)
        values[child.tag] = value if child.tag not in values else [*(before if isinstance(before, list) else [before]), value]
    return values


PIECES = st.sampled_from(
    [
        "<xml>", "</xml>", "<a>", "</a>", "<b>", "</b>", "<c/>", "<item>", "</item>", "<![CDATA[", "]]>", "<!-- x -->", "&amp;", "&#20320;",
        "&e;",
        "<?p?>", "<!DOCTYPE xml>", "<!DOCTYPE xml [<!ENTITY e 'x'>]>", "你好", " ", "\n", "]]", "<", ">", 'k="v"', "<n:a>", "\ufffe", "😀",
    ]  # fmt: skip
)


@given(st.lists(PIECES, max_size=14).map(lambda pieces: "<xml>" + "".join(pieces) + "</xml>") | st.lists(PIECES, max_size=14).map("".join))
def test_it_says_what_a_tree_would(text: str) -> None:
    raw = text.encode()
    try:
        found: Any = read_xml(raw)
    except BadBody:
        found = None
    assert found == by_tree(raw)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE xml><xml><a>1</a></xml>",
        '<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>',
        '<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><a>&b;</a></xml>',
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml/>',
        '<!DOCTYPE xml [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><xml/>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_encoding(text: str, encoding: str) -> None:
    with pytest.raises(BadBody):
        read_xml(text.encode(encoding))


def test_nested_fields_lists_and_depth() -> None:
    nested = "<xml><Info> <Count>1</Count><PicList><item><Md5>x</Md5></item><item><Md5>y</Md5></item></PicList></Info></xml>"
    assert read_xml(nested.encode()) == {"Info": {"Count": "1", "PicList": {"item": [{"Md5": "x"}, {"Md5": "y"}]}}}
    deep = "<xml>" + "<a>" * 5 + "1" + "</a>" * 5 + "</xml>"
    assert read_xml(deep.encode()) == {"a": {"a": {"a": {"a": {"a": "1"}}}}}
    with pytest.raises(BadBody):
        read_xml(b"<xml>" + b"<a>" * 6 + b"</a>" * 6 + b"</xml>")
    with pytest.raises(BadBody):
        read_xml(b"<xml><a>1</a><a>2</a></xml>")
