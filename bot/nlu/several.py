"""More than one thing in a message, and things taken back: what of a text is asked, by the words that join and refuse."""

import re
from typing import Callable, List, Sequence, Tuple

from bot.nlu.bands import Ranked
from bot.nlu.names import ACCEPT

MOST_PARTS = 4
_JOINED = re.compile(
    r"[,;。，； ]*(?:顺便|顺带|另外|此外|还有就是|还有(?!多少|几|剩|没)|然后|同时|以及|并且|接着"
    r"|再(?=帮|给|查|看|问|办)|also|and|plus)[,，： ]*"
    r"|(?<=.)[和跟与及、](?=.)|[;；]"
)
_REFUSED = re.compile(
    r"(?:我?不是(?:要|想|来|说|问|让你)?|我?(?:不要|不想|不用|别))(?:查|问|看|办|说|要|给我)[^,.;。，； ]{1,12}?"
    r"(?:[,.;。，； ]+|(?=我?(?:而是|是要|是想|是问|是查)))"
    r"(?:我?(?:而是|是|要|想要|想|就要|说的是|问的是)+)(?P<meant>.{2,})$"
)


def without_refused(text: str) -> str:
    """不是查余额 是查账单: what is meant, without what is not. A text that refuses nothing comes back as it was."""
    refused = _REFUSED.search(text)
    return text[: refused.start()] + refused.group("meant") if refused else text


def parts_of(text: str) -> List[str]:
    """The stretches between words that join; one only in most messages."""
    parts = [part.strip() for part in _JOINED.split(text)]
    parts = [part for part in parts if len(part) > 1]
    return parts if 1 < len(parts) <= MOST_PARTS else []


def several(
    text: str, whole: Ranked, rank: Callable[[str], Ranked], steering: Sequence[str]
) -> Tuple[Ranked, Tuple[Tuple[str, float], ...]]:
    """What is asked first, and what else, in the order it was said.

    Taken for several only where each part alone would be acted on, the parts differ, and what the whole was read as is among them: a
    story with "and" in it is one ask. `steering`: intents that ask for nothing.
    """
    parts = parts_of(text) if whole.ranking else []
    if not parts:
        return whole, ()
    read = [one for one in (rank(part) for part in parts) if one.ranking]
    if any(one.decision != ACCEPT for one in read) or len(read) < len(parts):
        return whole, ()
    asked = {one.ranking[0][0]: one for one in reversed(read) if one.ranking[0][0] not in steering}
    order = list(dict.fromkeys(one.ranking[0][0] for one in read if one.ranking[0][0] in asked))
    if len(order) < 2 or whole.ranking[0][0] not in order:
        return whole, ()
    return asked[order[0]], tuple((intent, asked[intent].ranking[0][1]) for intent in order[1:])
