"""`python -m bot.nlu.parse --model FILE.tar.gz`: lines on stdin become as many JSON lines on stdout (README.md).

A line ends with a line feed only. Bytes that are no UTF-8 come through as U+FFFD. Exit code 2 with one sentence when the model
cannot be used.
"""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, List, Optional

from bot.nlu.errors import NluError
from bot.nlu.model import Understander
from bot.nlu.values import SHANGHAI


def moment(said: str) -> datetime:
    """An ISO 8601 moment; without a zone it is Shanghai's."""
    read = datetime.fromisoformat(said.replace("Z", "+00:00"))
    return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)


def parse_lines(understander: Understander, lines: BinaryIO, out: BinaryIO, now: Optional[datetime]) -> None:
    """One line out for each line in, at once."""
    for raw in lines:
        text = raw.decode("utf-8", "replace")
        text = text[:-1] if text.endswith("\n") else text
        text = text[:-1] if text.endswith("\r") else text
        understood = understander.understand(text, now or datetime.now(SHANGHAI))
        out.write(json.dumps(understood.door(), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        out.flush()


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="nlu parse", description="Understand messages: lines in, JSON lines out.")
    parser.add_argument("--model", type=Path, required=True, metavar="FILE.tar.gz", help="the model archive to understand with")
    parser.add_argument("--now", type=moment, metavar="ISO", help="count 上个月 and the like from this moment instead of the clock")
    options = parser.parse_args(arguments)
    try:
        parse_lines(Understander.load(options.model), sys.stdin.buffer, sys.stdout.buffer, options.now)
    except NluError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (BrokenPipeError, KeyboardInterrupt):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
