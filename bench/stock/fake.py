"""The worker with something in Rasa's place that answers at once: `python -m bench.stock.fake`, for tests.

It knows its messages word for word; for others it is half sure of the commonest intent and falls back. A message 噎 ends it, as a
fault would.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from bench.stock.worker import FALLBACK, Pairs, Parse, main


class Parrot:
    def prepare(self) -> dict[str, str]:
        return {"parrot": "1"}

    def train(self, pairs: Pairs, model: Path, seed: int, epochs: int) -> None:
        print("what Rasa prints while it trains")
        model.write_text(json.dumps({"known": dict(pairs), "seed": seed, "epochs": epochs}), "utf-8")

    def load(self, model: Path) -> Parse:
        known: dict[str, str] = json.loads(model.read_text("utf-8"))["known"]
        common = Counter(known.values()).most_common(1)[0][0]

        def parse(text: str) -> dict[str, Any]:
            print("what Rasa prints while it reads")
            if text == "噎":
                raise SystemExit("choked on a message")
            if text in known:
                return {"intent_ranking": [{"name": known[text], "confidence": 0.9}]}
            return {"intent_ranking": [{"name": FALLBACK, "confidence": 0.3}, {"name": common, "confidence": 0.5}]}

        return parse


if __name__ == "__main__":
    main(Parrot())
