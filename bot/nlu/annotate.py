"""`python -m bot.nlu.annotate FILE.yml …`: marks in training files what the rules find, and takes away marks that they do not.

Only periods, phone numbers and one-time codes: the kinds that the classifier's view and the data both write as marks. Other marks,
comments and every other byte stay. Prints each line that it changed; with --check it writes nothing and exits with 1 if there are any.
"""

import argparse
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import List, Optional

from bot.nlu.names import PERIOD, PHONE_NUMBER, SMS_CODE
from bot.nlu.normalise import normalise
from bot.nlu.values import SHANGHAI, find_values

KINDS = frozenset((PERIOD, PHONE_NUMBER, SMS_CODE))
_EXAMPLE = re.compile(r"(?P<bullet>    - )(?P<text>.*)")
_MARK = re.compile(rf"\[([^\]]+)\]\((?:{'|'.join(sorted(KINDS))})\)")
_NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
"""Marks carry no values, so that any moment does; a fixed one keeps the files the same whenever this runs."""


def annotated(line: str) -> str:
    """One example with its values marked."""
    text = _MARK.sub(r"\1", line)
    for value in reversed(find_values(text, normalise(text), _NOW).values):
        if value.entity in KINDS and "[" not in value.text and "]" not in value.text:
            text = f"{text[: value.start]}[{value.text}]({value.entity}){text[value.end :]}"
    return text


def annotate(content: str) -> str:
    """A training file with the marks of every example renewed."""
    lines = []
    for line in content.split("\n"):
        example = _EXAMPLE.fullmatch(line)
        lines.append(example.group("bullet") + annotated(example.group("text")) if example else line)
    return "\n".join(lines)


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="nlu annotate", description="Mark values in training files as the rules find them.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a line would change")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE.yml")
    options = parser.parse_args(arguments)
    is_changed = False
    for path in options.files:
        before = path.read_bytes().decode("utf-8")
        after = annotate(before)
        for old, new in zip(before.split("\n"), after.split("\n"), strict=True):
            if old != new:
                is_changed = True
                sys.stdout.write(f"{path.name}: {old.strip()} → {new.strip()}\n")
        if after != before and not options.check:
            path.write_bytes(after.encode("utf-8"))
    return 1 if options.check and is_changed else 0


if __name__ == "__main__":
    sys.exit(main())
