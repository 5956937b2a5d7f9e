"""`python -m bot.nlu.evaluate --model FILE.tar.gz FILE.tsv`: how well a model understands a table of messages.

Each line of the table is `intent<TAB>text`, and may go on with a register and the entities as JSON; a first line that names the columns
is passed over. Rows of the intent `out_of_scope` should be rejected and do not count in accuracy. Prints one JSON object, or a table with
--table; --picture draws the confusion matrix. Exit code 2 with one sentence when the model or a line cannot be used.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from bot.nlu import figures
from bot.nlu.errors import NluError, TableError
from bot.nlu.figures import Span
from bot.nlu.model import Understander, Understanding
from bot.nlu.names import ACCEPT, CLARIFY, OUT_OF_SCOPE, PRODUCT, REJECT
from bot.nlu.parse import moment
from bot.nlu.values import SHANGHAI

_HEADING = ("intent", "text")


@dataclass(frozen=True)
class Row:
    """`entities` is None where the table has no such column."""

    intent: str
    text: str
    register: str = ""
    entities: Optional[Tuple[Span, ...]] = None


Read = Tuple[Row, Understanding]


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
        columns = line.split("\t")
        if not line.strip() or (number == 1 and tuple(columns[:2]) == _HEADING):
            continue
        if len(columns) < 2 or not columns[1].strip():
            raise TableError(f"{path}, line {number}: not intent<TAB>text.")
        if columns[0] not in known:
            raise TableError(f"{path}, line {number}: the model knows no intent {columns[0]!r}.")
        entities = _entities(columns[3], f"{path}, line {number}") if len(columns) > 3 else None
        yield Row(columns[0], columns[1], columns[2] if len(columns) > 2 else "", entities)


def _entities(column: str, where: str) -> Tuple[Span, ...]:
    try:
        return tuple((one["entity"], one["start"], one["end"], str(one["value"])) for one in json.loads(column or "[]"))
    except (ValueError, TypeError, KeyError) as error:
        raise TableError(f"{where}: the fourth column is no list of entities.") from error


def evaluate(understander: Understander, rows: Sequence[Row], now: datetime) -> Dict[str, Any]:
    """Accuracy and F1 take the best reading of in-scope rows whatever the decision; `decisions` tells what was done."""
    read = [(row, understander.understand(row.text, now)) for row in rows]
    inside = [one for one in read if one[0].intent != OUT_OF_SCOPE]
    outside = [one for one in read if one[0].intent == OUT_OF_SCOPE]
    pairs = _pairs(inside)
    accepted = [one for one in inside if one[1].ranked.decision == ACCEPT]
    return {
        "rows": len(read),
        "accuracy": figures.accuracy(pairs),
        "macro_f1": figures.macro_f1(pairs),
        "accepted_right": figures.accuracy(_pairs(accepted)),
        "calibration_error": figures.calibration_error(*_sure(read)),
        "intervals_95": {
            "accuracy": figures.interval(pairs, figures.accuracy),
            "macro_f1": figures.interval(pairs, figures.macro_f1, 200),
            "accepted_right": figures.interval(_pairs(accepted), figures.accuracy),
        },
        "decisions": {"in_scope": _decisions(inside), OUT_OF_SCOPE: _decisions(outside)},
        OUT_OF_SCOPE: _out_of_scope(inside, outside),
        "entities": _entity_figures(inside),
        "per_register": _by_register(inside, lambda some: {"accuracy": figures.accuracy(_pairs(some)), **_decisions(some)}),
        "per_intent": figures.per_class(pairs),
        "confusions": [[*pair, count] for pair, count in Counter(pair for pair in pairs if pair[0] != pair[1]).most_common()],
    }


def _pairs(read: Sequence[Read]) -> List[Tuple[str, str]]:
    return [(row.intent, understood.best[0]) for row, understood in read]


def _sure(read: Sequence[Read]) -> Tuple[List[float], List[bool]]:
    """Out-of-scope rows count as wrong whatever the reading."""
    return [understood.best[1] for _, understood in read], [row.intent == understood.best[0] for row, understood in read]


def _decisions(read: Sequence[Read]) -> Dict[str, int]:
    counts = Counter(understood.ranked.decision for _, understood in read)
    return {decision: counts[decision] for decision in (ACCEPT, CLARIFY, REJECT)}


def _by_register(read: Sequence[Read], figure: Callable[[List[Read]], Dict[str, Any]]) -> Dict[str, Any]:
    registers = sorted({row.register for row, _ in read if row.register})
    of = {register: [one for one in read if one[0].register == register] for register in registers}
    return {register: {"rows": len(some), **figure(some)} for register, some in of.items()}


def _out_of_scope(inside: Sequence[Read], outside: Sequence[Read]) -> Dict[str, Any]:
    ours = _affinities(inside)

    def figure(some: Sequence[Read]) -> Dict[str, Any]:
        others = _affinities(some)
        return {"auroc": figures.auroc(ours, others), "refused_serving_95_percent": figures.refused_while_serving(ours, others)}

    return {"rows": len(outside), **figure(outside), "per_register": _by_register(outside, figure)}


def _affinities(read: Sequence[Read]) -> List[float]:
    return [max(understood.ranked.affinity, -1e6) for _, understood in read]


def _entity_figures(inside: Sequence[Read]) -> Optional[Dict[str, Any]]:
    """Of rows with the column. A product is compared by its place only: the table may name it by its text."""
    marked = [(row.entities, understood) for row, understood in inside if row.entities is not None]
    if not marked:
        return None
    return figures.entity_f1(
        (
            [_comparable(span) for span in said],
            [_comparable((value.entity, value.start, value.end, str(value.value))) for value in understood.values],
        )
        for said, understood in marked
    )


def _comparable(span: Span) -> Span:
    return (*span[:3], "") if span[0] == PRODUCT else span


def _as_table(report: Dict[str, Any], indent: str = "") -> Iterator[str]:
    for name, value in report.items():
        if isinstance(value, dict) and not any(isinstance(inner, (dict, list)) for inner in value.values()):
            yield f"{indent}{name:<28}" + "  ".join(f"{key} {inner}" for key, inner in value.items())
        elif isinstance(value, dict):
            yield f"{indent}{name}"
            yield from _as_table(value, indent + "  ")
        elif name == "confusions":
            yield from (f"{indent}{said} read as {read}: {count}" for said, read, count in value)
        else:
            yield f"{indent}{name:<28}{value}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nlu evaluate", description="Measure a model on a table of intent<TAB>text.")
    parser.add_argument("--model", type=Path, required=True, metavar="FILE.tar.gz", help="the model archive to measure")
    parser.add_argument("--now", type=moment, metavar="ISO", help="count 上个月 and the like from this moment instead of the clock")
    parser.add_argument("--table", action="store_true", dest="as_table", help="a table for reading instead of JSON")
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="draw the confusion matrix into this file")
    parser.add_argument("table", type=Path, metavar="FILE.tsv", help="lines of intent<TAB>text, UTF-8")
    return parser


def main(arguments: Optional[List[str]] = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        understander = Understander.load(options.model)
        rows = list(read_table(options.table, understander.reader.classes.intents))
        report = evaluate(understander, rows, options.now or datetime.now(SHANGHAI))
        if options.picture:
            from bot.nlu.picture import draw_confusions  # matplotlib is slow to import and rarely asked for

            draw_confusions(report, options.picture)
    except NluError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    lines = "\n".join(_as_table(report)) if options.as_table else json.dumps(report, ensure_ascii=False, indent=2)
    sys.stdout.write(lines + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
