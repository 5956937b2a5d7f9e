"""Reading very short messages: a number that picks a choice, a word the bot invited, keys hit at random."""

import re
import unicodedata
from typing import Optional

_NUMBER = re.compile(r"^(?:我?选|第)?([1-9一二三四五六])(?:个|项|条|号)?$")
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_EDGES = " \t\r\n.,;:!?。，、；：！？~～'\"‘’“”「」『』()（）[]【】"
_HAN = re.compile(r"[\u3400-\u9fff]")
_ALNUM = re.compile(r"[A-Za-z0-9]")


def bare(text: str) -> str:
    """The text in compatibility form, without punctuation, quotes and blanks around it."""
    return unicodedata.normalize("NFKC", text).strip(_EDGES)


def chosen_number(text: str) -> Optional[int]:
    """2 for "2", "２", "②", "2。", "第二个"; None for anything longer."""
    found = _NUMBER.match(bare(text))
    if found is None:
        return None
    return _CHINESE.get(found[1]) or int(found[1])


def invited_word(text: str) -> str:
    """The form in which a message is compared with the words that the bot's own texts invite: CXYE for "“cxye”"."""
    return bare(text).upper()


def is_nonsense(text: str) -> bool:
    """Letters or digits without one Chinese character ("asdfgh"): not small talk, nothing was understood."""
    return bool(_ALNUM.search(text)) and not _HAN.search(text)
