"""Names for rows: a short prefix and 26 characters that sort by time of making."""

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)


def new_id(prefix: str) -> str:
    """`new_id("t")` is like "t_01jdc…": 48 bits of milliseconds, 80 random bits, Crockford's base 32 (the ULID layout)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    # two letters at a time, from the left: 13 times 10 bits
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])}"
