"""`python -m bot.engine.train --industry NAME --config FILE --domain PATH --data PATH… --out FILE.tar.gz`, from the repository's root.

Trains when the fingerprint of the inputs changed, else says "unchanged" without importing Rasa. Data that cannot be trained: one
sentence, exit 1. An unpatched Rasa trains: what bot/engine/patches changes is for serving only.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import List, Optional

from bot.engine.errors import TrainingRefused, first_line
from bot.engine.fingerprint import files_of, fingerprint, is_unchanged, write_stamp
from bot.engine.standin import install

BOT_FOLDER = Path(__file__).resolve().parents[1]

NEEDS_TENSORFLOW = (
    "DIETClassifier",
    "ResponseSelector",
    "TEDPolicy",
    "UnexpecTEDIntentPolicy",
    "LanguageModelFeaturizer",
    "ConveRTFeaturizer",
)


def main(argv: Optional[List[str]] = None) -> int:
    """The exit code: 0 trained or unchanged, 1 refused, 3 for a model that `--check` found to be stale."""
    options = _options(argv)
    try:
        inputs = [options.config, options.domain, *options.data, *_catalogue(options)]
        expected = fingerprint(inputs, BOT_FOLDER)
        if not options.force and is_unchanged(options.out, expected):
            sys.stdout.write(f"{options.industry}: unchanged ({options.out})\n")
            return 0
        if options.check:
            sys.stdout.write(f"{options.industry}: its inputs changed ({options.out})\n")
            return 3
        check_config(options.config)
        began = time.monotonic()
        train(options.config, options.domain, options.data, options.out)
        write_stamp(options.out, expected)
        sys.stdout.write(f"{options.industry}: trained in {time.monotonic() - began:.0f} s ({options.out})\n")
        return 0
    except TrainingRefused as error:
        sys.stderr.write(f"{options.industry}: {error}\n")
        return 1


def _options(argv: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.engine.train", description="Trains one industry's model when its inputs changed.")
    parser.add_argument("--industry", required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--domain", type=Path, required=True, help="a file or a folder of files")
    parser.add_argument("--data", type=Path, action="append", required=True, help="a file or a folder; may be repeated")
    parser.add_argument("--out", type=Path, required=True, help="the archive to write, FILE.tar.gz")
    parser.add_argument("--force", action="store_true", help="train although nothing changed")
    parser.add_argument("--check", action="store_true", help="only say whether training is due (exit 3)")
    return parser.parse_args(argv)


def _catalogue(options: argparse.Namespace) -> List[Path]:
    """The industry's catalogue and thresholds, which components read while they train."""
    candidates = [Path("data/catalogue") / f"{options.industry}.yml", Path("data/thresholds") / f"{options.industry}.txt"]
    return [path for path in candidates if path.is_file()]


def check_config(config: Path) -> None:
    """Raises TrainingRefused for a file that is no configuration or names a component that cannot learn here."""
    import yaml

    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TrainingRefused(f"{config} is no YAML: {first_line(error)}") from error
    if not isinstance(content, dict):
        raise TrainingRefused(f"{config} is no Rasa configuration.")
    for row in [*(content.get("pipeline") or []), *(content.get("policies") or [])]:
        name = str(row.get("name", "")) if isinstance(row, dict) else str(row)
        if name.rsplit(".", 1)[-1] in NEEDS_TENSORFLOW:
            raise TrainingRefused(f"{config} names {name}, which needs TensorFlow; the bot's environment has none.")


def train(config: Path, domain: Path, data: List[Path], out: Path) -> None:
    """Writes the archive in one step, so that a reader never sees half of one. Raises TrainingRefused."""
    for path in [config, domain, *data]:
        files_of([path])
    install()
    # Rasa's cache does not see changes in our components' code; its progress bars are only for terminals.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ["LOG_LEVEL"] = "ERROR"
    from bot.engine.quiet import keep_quiet

    keep_quiet()
    from bot.engine.trainer import make_archive

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        archive = make_archive(config, domain, data, Path(folder))
        os.replace(archive, out)


def _stop(*_signal: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # who is told to stop takes away what was half made
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
