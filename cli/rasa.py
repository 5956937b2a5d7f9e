"""Becoming the bot's own Python: commands that Rasa's environment runs."""

import os
import sys
from collections.abc import Sequence

from cli.deployment import ROOT, Deployment
from cli.plans import BOT_PYTHON
from cli.train import industry_root
from runtime.errors import SettingsError


def become_bot_python(argv: Sequence[str]) -> None:
    """Replaces this process. Raises SettingsError when the environment is not there."""
    if not os.access(BOT_PYTHON, os.X_OK):
        raise SettingsError("bot/.venv", "the bot's environment is not there; run `make setup`")
    sys.stdout.flush()
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    os.execve(BOT_PYTHON, [str(BOT_PYTHON), *argv], os.environ | {"PYTHONPATH": path})  # noqa: S606


def existing_model(deployment: Deployment, industry: str) -> str:
    """Raises SettingsError when it was not trained yet."""
    model = deployment.model(industry)
    if not model.is_file():
        raise SettingsError("model", f"there is no model of {industry} yet; run `weiting train`")
    return str(model)


def become_rasa(deployment: Deployment, arguments: Sequence[str]) -> None:
    """Rasa's command line, in the product's folder, with the default paths of the first industry."""
    industry = deployment.settings.industries[0]
    where = ["--industry", industry, "--model", str(deployment.model(industry)), "--root", str(industry_root(deployment, industry))]
    become_bot_python(["-m", "bot.engine.shell", *where, *arguments])
