"""Texts as the channel takes them: split on sentence ends, joined when short. Sizes are UTF-8 bytes."""

from collections.abc import Iterable, Sequence

_BREAKS = ("\n\n", "\n", "。", "！", "？", "；", "…", "! ", "? ", ". ", "，", ", ", " ")
JOINER = "\n\n"


def size(text: str) -> int:
    """UTF-8 bytes, counting a lone surrogate as the sign that takes its place."""
    return len(clean(text).encode())


def clean(text: str) -> str:
    """Without what no channel can carry: lone surrogates and control characters other than line feed and tab."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(sign for sign in text if sign in "\n\t" or not (ord(sign) < 32 or ord(sign) in (0x7F, 0xFFFE, 0xFFFF)))


def split(text: str, most: int) -> tuple[str, ...]:
    """Parts of at most `most` bytes, none empty, cut after the last sentence end that fits, else between characters."""
    rest = clean(text).strip()
    parts: list[str] = []
    while size(rest) > most:
        cut = _cut(rest, most)
        part, rest = rest[:cut].strip(), rest[cut:].strip()
        if part:
            parts.append(part)
    return (*parts, rest) if rest else tuple(parts)


def merge(bubbles: Iterable[str]) -> str:
    """One text of several bubbles, as a passive reply carries them."""
    return JOINER.join(bubble for bubble in (clean(one).strip() for one in bubbles) if bubble)


def pack(bubbles: Sequence[str], most: int, *, count: int) -> tuple[str, ...]:
    """Bubbles ready to be sent one by one: each split to fit; neighbours joined, shortest pair first, while more than `count`."""
    ready = [part for bubble in bubbles for part in split(bubble, most)]
    while len(ready) > count:
        pairs = [(size(merge(ready[at : at + 2])), at) for at in range(len(ready) - 1)]
        length, at = min(pairs)
        if length > most:
            break
        ready[at : at + 2] = [merge(ready[at : at + 2])]
    return tuple(ready)


def _cut(text: str, most: int) -> int:
    end = _fitting(text, most)
    window = text[:end]
    for mark in _BREAKS:
        at = window.rfind(mark)
        # a cut in the first half would leave a stump: try the next finer mark
        if at >= 0 and (at + len(mark)) * 2 > end:
            return at + len(mark)
    return _between_characters(text, end)


def _fitting(text: str, most: int) -> int:
    return len(text.encode()[:most].decode("utf-8", "ignore"))


def _between_characters(text: str, end: int) -> int:
    # an emoji may be several code points: not before a joiner, a selector or a skin tone, nor after a joiner
    at = end
    while at > 1 and (_clings(text[at]) or text[at - 1] == "\u200d"):
        at -= 1
    return at if at > 1 else end


def _clings(sign: str) -> bool:
    code = ord(sign)
    return code in (0x200D, 0xFE0E, 0xFE0F, 0x20E3) or 0x1F3FB <= code <= 0x1F3FF or 0x300 <= code <= 0x36F
