"""The clauses of a long message: who tells a story asks in one of them, most often in the last."""

import re
from typing import List

_SPLIT = re.compile(r"[,.;:!?~。、，！？；：…\s]+")
_LONG = 18
_SHORTEST = 3
MOST = 3


def clauses_of(marked: str) -> List[str]:
    """The last clauses of a message that is long and has several; none of any other. At most `MOST`, to stay inside the latency bar."""
    if len(marked) < _LONG:
        return []
    clauses = [clause for clause in _SPLIT.split(marked) if len(clause) >= _SHORTEST]
    return clauses[-MOST:] if len(clauses) > 1 else []
