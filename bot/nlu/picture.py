"""The confusion matrix of an evaluation as a picture."""

from pathlib import Path
from typing import Any, Mapping

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.nlu.errors import TableError


def draw_confusions(report: Mapping[str, Any], path: Path) -> None:
    """Rows are what was said, columns what was read; shades are shares of a row, numbers are messages. Raises TableError when `path`
    cannot be written."""
    names = sorted({*report["per_intent"], *(read for _, read, _ in report["confusions"])})
    counts = np.zeros((len(names), len(names)), dtype=int)
    for name, scores in report["per_intent"].items():
        counts[names.index(name), names.index(name)] = round(scores["recall"] * scores["rows"])
    for said, read, count in report["confusions"]:
        counts[names.index(said), names.index(read)] = count
    side = max(4.0, 0.35 * len(names) + 2.0)
    figure = Figure(figsize=(side, side))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0.0, vmax=1.0)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set(xlabel="read as", ylabel="said")
    for row, column in zip(*np.nonzero(counts)):
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=6, color="white" if row == column else "black")
    try:
        figure.savefig(path, bbox_inches="tight", dpi=130)
    except (OSError, ValueError) as error:
        raise TableError(f"The picture {path} cannot be written.") from error
