"""`bot/.venv/bin/python -m bench.nlu --data FOLDER [--only PART …] [--lexical]`: one JSON object on stdout.

FOLDER holds smp2017, clinc150 and nus_sms. Models are made by bot.nlu as it serves, never by a copy of it. One thread.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from bench.nlu import measure, sets  # noqa: E402
from bot.nlu.meaning import PACKAGE, shared_encoder  # noqa: E402

PARTS = ("smp2017", "out_of_scope", "clinc150")
FAR_MESSAGES = 800
PACKAGES = ("numpy", "scipy", "scikit-learn", "jieba", "opencc", "pypinyin", PACKAGE)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.nlu", description="Understanding on public sets.")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="holds smp2017, clinc150 and nus_sms")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts only")
    parser.add_argument("--lexical", action="store_true", help="without sentence vectors")
    options = parser.parse_args()
    encoder = None if options.lexical else shared_encoder()
    report: dict[str, Any] = {"python": platform.python_version(), "sentence_vectors": not options.lexical}
    report["packages"] = {name: importlib.metadata.version(name) for name in PACKAGES}
    for part in options.only:
        sys.stderr.write(f"{part} …\n")
        if part == "smp2017":
            report[part] = measure.smp2017(sets.smp(options.data, "train"), sets.smp(options.data, "test"), encoder)
        elif part == "out_of_scope":
            far = sets.messages(options.data, FAR_MESSAGES)
            report[part] = measure.out_of_scope(sets.smp(options.data, "train"), sets.smp(options.data, "test"), far, encoder)
        else:
            report[part] = measure.clinc150(sets.clinc(options.data), encoder)
    report["highest_resident_mib"] = measure.resident_mib()
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
