"""Names for rows: a short prefix and 26 characters that sort by time of making."""

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """`new_id("t")` is like "t_01jdc…": 48 bits of milliseconds, 80 random bits, Crockford's base 32 (the ULID layout)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    letters = []
    for _ in range(26):
        number, index = divmod(number, 32)
        letters.append(_ALPHABET[index])
    return f"{prefix}_{''.join(reversed(letters))}"
