"""`python -m bot.nlu.evaluate --model FILE.tar.gz FILE.tsv`: how well a model understands a table of messages.

Each line of the table is `intent<TAB>text`; further columns are left alone. Rows of the intent `out_of_scope` should be rejected and
do not count in accuracy. Prints one JSON object. Exit code 2 with one sentence when the model or a line cannot be used.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from bot.nlu.errors import NluError, TableError
from bot.nlu.model import Understander, Understanding
from bot.nlu.names import ACCEPT, CLARIFY, OUT_OF_SCOPE, REJECT
from bot.nlu.parse import moment
from bot.nlu.values import SHANGHAI


@dataclass(frozen=True)
class Row:
    intent: str
    text: str


def read_table(path: Path, intents: Sequence[str]) -> Iterator[Row]:
    """Rows of the table; blank lines are passed over. Raises TableError naming the first line that is wrong."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise TableError(f"{path} cannot be read.") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{path}, line {error.object[: error.start].count(10) + 1}: not UTF-8.") from error
    known = {*intents, OUT_OF_SCOPE}
    for number, line in enumerate(content.split("\n"), start=1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        columns = line.split("\t")
        if len(columns) < 2 or not columns[1].strip():
            raise TableError(f"{path}, line {number}: not intent<TAB>text.")
        if columns[0] not in known:
            raise TableError(f"{path}, line {number}: the model knows no intent {columns[0]!r}.")
        yield Row(columns[0], columns[1])


def evaluate(understander: Understander, rows: Sequence[Row], now: datetime) -> Dict[str, Any]:
    """Accuracy and F1 take the best reading of in-scope rows whatever the decision; `decisions` tells what was done."""
    read = [(row, understander.understand(row.text, now)) for row in rows]
    inside = [(row.intent, understood) for row, understood in read if row.intent != OUT_OF_SCOPE]
    outside = [understood for row, understood in read if row.intent == OUT_OF_SCOPE]
    per_intent = _per_intent([(intent, understood.best[0]) for intent, understood in inside])
    accepted = [intent == understood.best[0] for intent, understood in inside if understood.ranked.decision == ACCEPT]
    return {
        "rows": len(read),
        "accuracy": _share(sum(intent == understood.best[0] for intent, understood in inside), len(inside)),
        "macro_f1": _share(sum(scores["f1"] for scores in per_intent.values()), len(per_intent)),
        "accepted_right": _share(sum(accepted), len(accepted)),
        "decisions": {"in_scope": _decisions([understood for _, understood in inside]), OUT_OF_SCOPE: _decisions(outside)},
        "per_intent": per_intent,
    }


def _share(part: float, whole: int) -> Optional[float]:
    return round(part / whole, 4) if whole else None


def _decisions(understood: Sequence[Understanding]) -> Dict[str, int]:
    counts = Counter(one.ranked.decision for one in understood)
    return {decision: counts[decision] for decision in (ACCEPT, CLARIFY, REJECT)}


def _per_intent(pairs: Sequence[Tuple[str, str]]) -> Dict[str, Dict[str, Any]]:
    """Precision, recall, F1 and rows of each intent that has rows; `pairs` are (said, read)."""
    said, read = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    right = Counter(pair[0] for pair in pairs if pair[0] == pair[1])
    return {
        intent: {
            "precision": _share(right[intent], read[intent]) or 0.0,
            "recall": round(right[intent] / rows, 4),
            "f1": round(2 * right[intent] / (rows + read[intent]), 4),
            "rows": rows,
        }
        for intent, rows in sorted(said.items())
    }


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="nlu evaluate", description="Measure a model on a table of intent<TAB>text.")
    parser.add_argument("--model", type=Path, required=True, metavar="FILE.tar.gz", help="the model archive to measure")
    parser.add_argument("--now", type=moment, metavar="ISO", help="count 上个月 and the like from this moment instead of the clock")
    parser.add_argument("table", type=Path, metavar="FILE.tsv", help="lines of intent<TAB>text, UTF-8")
    options = parser.parse_args(arguments)
    try:
        understander = Understander.load(options.model)
        rows = list(read_table(options.table, understander.reader.classes.intents))
        report = evaluate(understander, rows, options.now or datetime.now(SHANGHAI))
    except NluError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
