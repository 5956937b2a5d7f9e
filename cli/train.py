"""Training, by the bot's own Python: only what changed since the model was made is trained again."""

import os
import subprocess
import sys
from pathlib import Path

from cli.children import die_with_parent
from cli.deployment import ROOT, Deployment
from cli.plans import BOT_PYTHON
from runtime.errors import Fault, SettingsError


class TrainingFailed(Fault):
    """The trainer said why on standard error."""


def train(deployment: Deployment, *, force: bool = False) -> None:
    """Trains every industry that has an account. Raises SettingsError for a missing folder, TrainingFailed."""
    deployment.models.mkdir(parents=True, exist_ok=True)
    for industry in deployment.settings.industries:
        run_bot_python(train_argv(deployment, industry, force=force), TrainingFailed(f"training {industry} failed"))


def train_argv(deployment: Deployment, industry: str, *, force: bool = False) -> list[str]:
    """The trainer's arguments: the industry's own folders, wherever they lie."""
    root = industry_root(deployment, industry)
    bot, nlu = root / "bot" / industry, root / "data" / "nlu" / industry
    argv = ["-m", "bot.engine.train", "--industry", industry, "--config", str(bot / "config.yml"), "--domain", str(bot / "domain")]
    for folder in (nlu, bot / "rules", bot / "stories"):
        if folder.is_dir():
            argv += ["--data", str(folder)]
    return [*argv, "--out", str(deployment.model(industry)), *(["--force"] if force else [])]


def industry_root(deployment: Deployment, industry: str) -> Path:
    """The product's own tree, or the plugged-in one, that holds bot/NAME. Raises SettingsError."""
    for root in (ROOT, *deployment.settings.industry_paths):
        if (root / "bot" / industry / "config.yml").is_file():
            return root
    raise SettingsError("account.industry", f'"{industry}" has no bot/{industry}/config.yml here or under industry_paths')


def run_bot_python(argv: list[str], failure: Fault) -> None:
    """Runs the bot's Python in the product's folder; its output is shown as it comes."""
    if not os.access(BOT_PYTHON, os.X_OK):
        raise SettingsError("bot/.venv", "the bot's environment is not there; run `make setup`")
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    # standard output belongs to the one JSON line of `weiting up`
    done = subprocess.run(  # noqa: S603
        [str(BOT_PYTHON), *argv], cwd=ROOT, env=env, stdout=sys.stderr, check=False, preexec_fn=die_with_parent(os.getpid())
    )
    if done.returncode:
        raise failure
