"""`python -m chaos`: breaks a deployment of its own and says what came of it. Exit code 1: something that must be nought is not."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from chaos.deployment import StartFailed
from chaos.options import Options, read_options
from chaos.report import render
from chaos.run import run


def main(argv: list[str]) -> int:
    """0, 1 as above, 2 when the deployment did not start."""
    options = read_options(argv)
    try:
        report = _run(options)
    except StartFailed as error:
        sys.stderr.write(f"chaos: {error}\n")
        return 2
    if options.report:
        options.report.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(render(report) + "\n")
    return 0 if report["passed"] else 1


def _run(options: Options) -> dict[str, object]:
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        return asyncio.run(run(options, options.keep.resolve()))
    with tempfile.TemporaryDirectory(prefix="weiting-chaos-") as folder:
        return asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
