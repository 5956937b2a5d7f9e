"""Texts as the channel takes them: split on sentence ends, joined when short. Sizes are UTF-8 bytes."""

from collections.abc import Iterable, Sequence

from conversations.wholes import Wholes, is_between_signs

_BREAKS = ("\n\n", "\n", "。", "！", "？", "；", "…", "! ", "? ", ". ", "，", ", ", " ")
_CLOSING = frozenset("”’』」）)】》\"'")
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
    """Parts of at most `most` bytes, none empty, cut after the last sentence end that fits, else between
    clauses, words and signs: no figure, number or emoji is torn that would fit whole."""
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
    wholes = Wholes.of(text, end)
    for mark in _BREAKS:
        at = end
        while (at := text.rfind(mark, 0, at)) >= 0:
            cut = _after(text, at, mark, end)
            # a cut in the first half would leave a stump: try the next finer mark
            if cut * 2 <= end:
                break
            if wholes.may_cut(cut):
                return cut
    return _between(text, end, wholes)


def _after(text: str, at: int, mark: str, end: int) -> int:
    """Behind a mark, its repetitions and the brackets and quotes that it closes."""
    cut = at + len(mark)
    while cut < end and (text[cut] in _CLOSING or text[cut] == mark):
        cut += 1
    return min(cut, end)


def _fitting(text: str, most: int) -> int:
    return len(text.encode()[:most].decode("utf-8", "ignore"))


def _between(text: str, end: int, wholes: Wholes) -> int:
    """The last place where nothing is torn; where there is none, at least no sign is; one that does not fit is cut all the same."""
    torn = wholes.around(end)
    # nearer to the beginning it would not fit any better
    for at in range(torn[0] if torn else end, 0, -1):
        if wholes.may_cut(at):
            return at
    return next((at for at in range(end, 0, -1) if is_between_signs(text, at)), end)
