"""More than one thing in a message, and things taken back: what of a text is asked, by the words that join, share and refuse.

Two ways to ask for several things are read. Words that begin something new (顺便, 另外, 然后 …) part a message, and each part is
read as it stands. Nouns in a row (话费和流量, 话费、积分, 话费流量都查一下) share the words of asking around them: each is read with
those. No noun is known here: whether a stretch asks for something is the classifier's to say.
"""

import re
from dataclasses import dataclass, replace
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from bot.nlu.bands import Ranked
from bot.nlu.names import ACCEPT

MOST_PARTS = 4
LONGEST_ROW = 80
"""Code points of a row of things; what is longer is a story, and is not looked through."""

_BEGINS_ANEW = re.compile(
    r"[,;。，； ]*(?:顺便|顺带|另外|此外|还有就是|还有(?=帮|给|查|看|问|办|我)|然后|同时|以及|并且|接着"
    r"|再(?=帮|给|查|看(?![到见])|问|办)|also|and|plus)[,，： ]*|[;；]"
)
_AND = r"(?<=.)(?:[和跟与及、]|还有(?!多|好多|几|剩|没|吗|么|嘛|钱|点|些|[\d<]))(?=.)"
_ENUMERATES = re.compile(
    rf"\s*(?:(?P<and>{_AND})|[,，?？!！。]|(?<=[^\sa-z\d])\s(?=[^\sa-z\d])"
    r"|(?<![查看问我要想下先再也都全部各别起并])(?=(?:帮我|给我|我要|我想)?(?:查|看看|看下|看一下|问问)))\s*"
)
_ASKING_BEFORE = re.compile(
    r"(?:[\s,.;!?~]|<\w+>|的|你好|您好|在吗|请问?|麻烦|帮忙|帮我?|替我|给我|我们?|想要?|要|能不能|能否|能|可不可以|可以|把|一起|同时|顺便|再|都|先|一共|总共"
    r"|知道|了解|看看?|查(?:询|看|查|一查)?|问问?|一?下子?|多少|还有|还剩|剩余?|有|现在|目前|那|这个?|本)+"
)
_ASKING_AFTER = re.compile(
    r"(?:[\s,.;!?~。]|<\w+>|的|都|全部?|分别|各|一起|一并|同时|也|还|有|剩下?|剩余|余下?|是|多少钱?|查(?:询|看|查)?|看看?|问|要|想|一?下|一遍|给我|发我"
    r"|告诉我|帮我|知道|了解|吗|呢|吧|啊|呀|嘛|么|谢谢|谢了|怎么样|情况|如何|哪些|什么|可以|能|行)+$"
)
_FOLLOWS = re.compile(r"^那|呢[\s?!。~]*$")
_OF_EACH = re.compile(r"(?:都|全部?|分别|各|一起|一并)")
_OF_BOTH = re.compile(r"关系|区别|不同|差别|差异|一样|哪个|哪一个|对比|比较|互换|抵")
"""What is said of two things is one question about both."""

_REFUSES = re.compile(r"(?<![能可])不|别(?!的)|没|未|甭|唔|莫|勿")

_ASK = "查"
_LONGEST_NOUN = 2
"""Words of one thing in a row of things; what is longer says something about it. Where only a comma, a blank or a second 查 stands
between them, one word: more is a story told in short sentences."""

_REFUSED = re.compile(
    r"(?:我?不是(?:要|想|来|说|问|让你)?|我?(?:不要|不想|不用|别))(?:查|问|看|办|说|要|给我)[^,.;。，； ]{1,12}?"
    r"(?:[,.;。，； ]+|(?=我?(?:而是|是要|是想|是问|是查)))"
    r"(?:我?(?:而是|是|要|想要|想|就要|说的是|问的是)+)(?P<meant>.{2,})$"
)

Reading = Callable[[str], Ranked]
Segmenting = Callable[[str], List[str]]


@dataclass(frozen=True)
class Part:
    """A stretch of the text (`start` to `end`) and what it asks. `shares`: it is one of a row of nouns and not the first, so that what
    was said before the first holds for it too."""

    start: int
    end: int
    ranked: Ranked
    shares: bool = False

    @property
    def intent(self) -> str:
        return self.ranked.ranking[0][0]

    @property
    def likely(self) -> float:
        return self.ranked.ranking[0][1]


@dataclass(frozen=True)
class _Stretch:
    start: int
    end: int
    text: str
    core: str = ""
    """Without the words of asking around it."""

    is_noun: bool = False
    is_loose: bool = False
    """Nothing that says "and" joins it to its neighbours."""

    shares: bool = False


def without_refused(text: str) -> str:
    """不是查余额 是查账单: what is meant, without what is not. A text that refuses nothing comes back as it was."""
    start, end = refused(text)
    return text[:start] + text[end:]


def refused(text: str) -> Tuple[int, int]:
    """Where what is taken back stands; an empty stretch at the beginning when nothing is."""
    found = _REFUSED.search(text)
    return (found.start(), found.start("meant")) if found else (0, 0)


def several(text: str, whole: Ranked, rank: Reading, words: Segmenting, steering: Sequence[str]) -> Tuple[Part, ...]:
    """What is asked, in the order it was said; one part, the whole text, for most messages.

    Taken for several only where each part alone would be acted on, the parts differ, and what the whole was read as is among them: a
    story with "and" in it is one ask. `steering`: intents that ask for nothing. Only the first stretch of an intent counts.
    """
    one = (Part(0, len(text), whole),)
    stretches = _stretches(text, words) if whole.ranking else []
    if not stretches:
        return one if whole.decision == ACCEPT else (_follow_up(text, rank, words) or one)
    parts = [part for part in (_read(stretch, rank) for stretch in stretches) if part is not None]
    if len(parts) < len(stretches) or _is_about_both(stretches, parts, rank, words):
        return one
    asked = {part.intent: part for part in reversed(parts) if part.intent not in steering}
    order = [part for part in parts if asked.get(part.intent) is part]
    is_meant = whole.ranking[0][0] in asked or all(one.is_noun and not one.is_loose for one in stretches)
    return tuple(order) if len(order) > 1 and is_meant else one


def _stretches(text: str, words: Segmenting) -> List[_Stretch]:
    """The parts as they were joined; none in most messages, and none for what has more parts than a message can ask."""
    found: List[_Stretch] = []
    for start, end in _between(_BEGINS_ANEW, text):
        row = _row(text, start, end, words)
        found += [replace(one, shares=place > 0) for place, one in enumerate(row)] or [_Stretch(start, end, text[start:end])]
    return found if 1 < len(found) <= MOST_PARTS else []


def _between(joint: "re.Pattern[str]", text: str, start: int = 0, end: Optional[int] = None) -> Iterator[Tuple[int, int]]:
    """Stretches of two characters or more between the joints."""
    end = len(text) if end is None else end
    position = start
    for match in (*joint.finditer(text, start, end), None):
        stop = match.start() if match else end
        if len(text[position:stop].strip()) > 1:
            yield position, stop
        position = match.end() if match else end


def _row(text: str, start: int, end: int, words: Segmenting) -> List[_Stretch]:
    """Nouns in a row; none when there is only one, or when more is said than nouns and words of asking."""
    whole = text[start:end]
    if len(whole) > LONGEST_ROW or _OF_BOTH.search(whole) or _REFUSES.search(whole):
        return []
    pieces = list(_between(_ENUMERATES, text, start, end))
    if len(pieces) > 2 * MOST_PARTS:
        return []
    is_loose = any(match["and"] is None for match in _ENUMERATES.finditer(text, start, end))
    row = [one for one in (_noun(text, *piece, words, is_loose) for piece in pieces) if one.core]
    if len(row) < 2:
        row = _side_by_side(text, start, end, words)
    return row if len(row) > 1 and all(one.is_noun for one in row) else []


def _noun(text: str, start: int, end: int, words: Segmenting, is_loose: bool = False) -> _Stretch:
    first, last = _core(text, start, end)
    core = text[first:last]
    is_noun = bool(core) and core[-1] not in "了过" and len(words(core)) <= (1 if is_loose else _LONGEST_NOUN)
    return _Stretch(start, end, text[start:end].strip(), core, is_noun, is_loose)


def _core(text: str, start: int, end: int) -> Tuple[int, int]:
    before = _ASKING_BEFORE.match(text, start, end)
    first = before.end() if before else start
    after = _ASKING_AFTER.search(text, first, end)
    return first, after.start() if after else end


def _side_by_side(text: str, start: int, end: int, words: Segmenting) -> List[_Stretch]:
    """话费流量都查一下: words one after the other of which something is asked for each."""
    first, last = _core(text, start, end)
    if not _OF_EACH.match(text, last, end):
        return []
    row: List[_Stretch] = []
    for word in words(text[first:last]):
        row.append(_Stretch(first, first + len(word), word, word, len(word) > 1))
        first += len(word)
    if row:
        row[0] = _Stretch(start, row[0].end, row[0].text, row[0].core, row[0].is_noun)
        row[-1] = _Stretch(row[-1].start, end, row[-1].text, row[-1].core, row[-1].is_noun)
    return row


def _read(stretch: _Stretch, rank: Reading) -> Optional[Part]:
    """As it stands, or a noun with a word of asking before it; None for what would not be acted on."""
    readings = [stretch.text] if not stretch.is_noun else [stretch.text, _ASK + stretch.core]
    for said in dict.fromkeys(readings[::-1] if stretch.is_loose else readings):
        ranked = rank(said)
        if ranked.decision == ACCEPT and ranked.ranking:
            return Part(stretch.start, stretch.end, ranked, stretch.shares)
        if stretch.is_loose:
            return None
    return None


def _follow_up(text: str, rank: Reading, words: Segmenting) -> Tuple[Part, ...]:
    """那流量呢: the noun is all that is new."""
    noun = _noun(text, 0, len(text), words) if len(text) <= LONGEST_ROW and _FOLLOWS.search(text) else None
    part = _read(noun, rank) if noun is not None and noun.is_noun else None
    return (part,) if part else ()


def _is_about_both(stretches: List[_Stretch], parts: List[Part], rank: Reading, words: Segmenting) -> bool:
    """退订彩铃和来电显示: what is said of the first noun is said of the next one too; 话费和流量不对: of the last, of the one before."""
    for place in range(len(stretches) - 1):
        one, other = stretches[place : place + 2]
        if not (one.is_noun and other.is_noun):
            continue
        before, after = words(one.core), words(other.core)
        if len(before) > 1 and _best("".join(before[:-1]) + other.core, rank) == parts[place].intent:
            return True
        if len(after) > 1 and _best(one.core + "".join(after[1:]), rank) == parts[place + 1].intent:
            return True
    return False


def _best(text: str, rank: Reading) -> str:
    ranking = rank(text).ranking
    return ranking[0][0] if ranking else ""
