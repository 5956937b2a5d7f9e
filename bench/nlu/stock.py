"""Stock Rasa as a peer: bench/stock/worker.py in an environment of its own trains in one process and reads in another."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from bench.nlu.peers import Reading
from bench.nlu.sets import Pairs
from bot.nlu.learning import Held

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (str(ROOT / "bench/stock/.venv/bin/python"), str(ROOT / "bench/stock/worker.py"))
SEED = 7
EPOCHS = 100
"""Of DIET, as `rasa init` sets it."""


class StockMissing(Exception):
    """One sentence that names the command which makes the environment."""


class StockFailed(Exception):
    """The worker ended before it had answered; one sentence, with the last line it wrote."""


class StockModel:
    def __init__(self, server: "subprocess.Popen[str]", training: Mapping[str, Any], log: Path) -> None:
        self.training = training
        self.resident_mib = 0
        self._server, self._log = server, log
        self.start_s: float = self._answer()["start_s"]

    def read(self, texts: Sequence[str]) -> list[Reading]:
        with suppress(BrokenPipeError):  # an answer will not come either, and that says why
            self._server.stdin.write(json.dumps({"texts": list(texts)}) + "\n")
            self._server.stdin.flush()
        answer = self._answer()
        self.resident_mib = max(self.resident_mib, answer["resident_mib"])
        return [_reading(one) for one in answer["readings"]]

    def _answer(self) -> dict[str, Any]:
        return _parsed(self._server.stdout.readline(), self._log)


@dataclass
class StockRasa:
    """`command`: the worker's. Raises StockMissing when there is no such program."""

    command: Sequence[str] = COMMAND
    name: str = "stock"
    models: list[StockModel] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not Path(self.command[0]).exists():
            raise StockMissing("The environment of stock Rasa is not here: make it with `make bench-stock-setup` (2.5 GB).")

    @contextmanager
    def train(self, pairs: Pairs, held: Held | None = None) -> Iterator[StockModel]:
        """DIET calibrates on nothing: `held` is left unread. Raises StockFailed."""
        with tempfile.TemporaryDirectory() as folder:
            model, log = Path(folder) / "model.tar.gz", Path(folder) / "worker.log"
            environment = {**os.environ, "TMPDIR": folder, "PYTHONHASHSEED": "0"}
            with log.open("w") as said:
                job = json.dumps({"pairs": pairs, "model": str(model), "seed": SEED, "epochs": EPOCHS})
                training = _parsed(self._run("train", job, said, environment), log)
                with self._serve(model, said, environment) as server:
                    self.models.append(StockModel(server, training, log))
                    yield self.models[-1]

    def facts(self) -> Mapping[str, Any]:
        """Memory and start of the greediest and slowest process of its kind."""
        if not self.models:
            return {}
        return {
            "versions": self.models[-1].training["versions"],
            "highest_resident_mib": max(model.training["highest_resident_mib"] for model in self.models),
            "serving_resident_mib": max(model.resident_mib for model in self.models),
            "start_s": max(model.start_s for model in self.models),
        }

    def _run(self, command: str, job: str, said: IO[str], environment: Mapping[str, str]) -> str:
        argv, pipe = [*self.command, command], subprocess.PIPE
        done = subprocess.run(argv, input=job, stdout=pipe, stderr=said, encoding="utf-8", cwd=ROOT, env=environment, check=False)
        return done.stdout if done.returncode == 0 else ""

    @contextmanager
    def _serve(self, model: Path, said: IO[str], environment: Mapping[str, str]) -> "Iterator[subprocess.Popen[str]]":
        argv, pipe = [*self.command, "serve", str(model)], subprocess.PIPE
        with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=said, encoding="utf-8", cwd=ROOT, env=environment) as server:
            try:
                yield server
            finally:
                server.kill()
                with suppress(BrokenPipeError):
                    server.stdin.close()


def _parsed(line: str, log: Path) -> dict[str, Any]:
    if line:
        found: dict[str, Any] = json.loads(line)
        return found
    said = log.read_text("utf-8", "replace").strip().splitlines()
    raise StockFailed(f"Stock Rasa's worker ended before it had answered; it said last: {said[-1] if said else 'nothing'}")


def _reading(one: Mapping[str, Any]) -> Reading:
    """DIET's highest confidence is the score; that is what Rasa's FallbackClassifier holds against its threshold."""
    ranking = tuple((str(name), float(confidence)) for name, confidence in one["ranking"])
    return Reading(ranking, ranking[0][1] if ranking else 0.0, not one["fallback"], one["cpu_ms"], one["wall_ms"])
