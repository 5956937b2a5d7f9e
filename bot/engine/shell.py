"""Rasa's own command line, with the right folder, paths and environment: `python -m bot.engine.shell --industry carrier train`.

What is not given is filled in: config, domain and data of the industry, its model, the action server. Any option given by hand wins.
A command that needs a model where there is none: one sentence, exit 2.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from bot.engine.errors import EngineError, StartRefused
from bot.engine.standin import install

NEEDS_MODEL = ("shell", "test", "run", "interactive")
ACTIONS_URL = "http://127.0.0.1:8003"


def main(argv: Optional[List[str]] = None) -> int:
    """The exit code: Rasa's own, or 2 for what cannot start."""
    options, arguments = _options(sys.argv[1:] if argv is None else argv)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return run_rasa(complete(options, arguments, Path(folder)))
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _options(argv: List[str]) -> Tuple[argparse.Namespace, List[str]]:
    parser = argparse.ArgumentParser(prog="weiting rasa", description="Rasa's command line for one industry.", add_help=False)
    parser.add_argument("--industry", default="carrier")
    parser.add_argument("--model", type=Path, help="the industry's model (default: bot/models/INDUSTRY.tar.gz)")
    parser.add_argument("--root", type=Path, default=Path("."), help="the tree that holds bot/INDUSTRY and data/nlu/INDUSTRY")
    parser.add_argument("--actions-url", default=ACTIONS_URL)
    return parser.parse_known_args(argv)


def complete(options: argparse.Namespace, arguments: List[str], scratch: Path) -> List[str]:
    """The arguments with what was left out. Raises StartRefused when the command needs a model or folders that are not there."""
    if not arguments or arguments[0].startswith("-"):
        return arguments
    bot = options.root / "bot" / options.industry
    nlu = options.root / "data" / "nlu" / options.industry
    if not (bot / "config.yml").is_file():
        raise StartRefused(f"There is no bot/{options.industry}/config.yml here: run this from the product's folder.")
    data = [str(path) for path in (nlu, bot / "rules", bot / "stories") if path.exists()]
    defaults = _defaults(arguments, options, bot, data, scratch)
    completed = list(arguments)
    for option, values in defaults.items():
        if values and not any(given == option or given.startswith(option + "=") for given in arguments):
            completed += [option, *values]
    return completed


def _defaults(arguments: List[str], options: argparse.Namespace, bot: Path, data: List[str], scratch: Path) -> Dict[str, List[str]]:
    command, below = arguments[0], arguments[1] if len(arguments) > 1 else ""
    if "--help" in arguments or "-h" in arguments:
        return {}
    domain, config = ("--domain", [str(bot / "domain")]), ("--config", [str(bot / "config.yml")])
    if command == "train":
        target = options.model or Path("bot/models") / f"{options.industry}.tar.gz"
        name = target.name[: -len(".tar.gz")] if target.name.endswith(".tar.gz") else target.name
        return {config[0]: config[1], domain[0]: domain[1], "--data": data, "--out": [str(target.parent)], "--fixed-model-name": [name]}
    if command == "data" and below == "validate":
        return {config[0]: config[1], domain[0]: domain[1], "--data": data}
    model = _model(options, arguments)
    if command == "test":
        examples = {} if below == "core" else {"--nlu": data[:1]}
        return {"--model": model, **examples, **({config[0]: config[1]} if below == "nlu" else {})}
    if command == "shell" and below == "nlu":
        return {"--model": model}
    if command in ("shell", "run", "interactive"):
        return {"--model": model, "--endpoints": [str(_endpoints(options, scratch))]}
    return {}


def _model(options: argparse.Namespace, arguments: List[str]) -> List[str]:
    model = options.model or Path("bot/models") / f"{options.industry}.tar.gz"
    if arguments[0] in NEEDS_MODEL and not model.is_file():
        raise StartRefused(f"There is no model of {options.industry} at {model}: train it first (weiting train).")
    return [str(model)]


def _endpoints(options: argparse.Namespace, scratch: Path) -> Path:
    path = scratch / "endpoints.yml"
    path.write_text(f"action_endpoint:\n  url: {options.actions_url.rstrip('/')}/{options.industry}/webhook\n", encoding="utf-8")
    return path


def run_rasa(arguments: List[str]) -> int:
    """Rasa's own entry point under the stand-in; its exit code."""
    install()
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import warnings

    warnings.filterwarnings("ignore", category=DeprecationWarning)
    from rasa.__main__ import main as rasa_main

    sys.argv = ["rasa", *arguments]
    try:
        rasa_main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
