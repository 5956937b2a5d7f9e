"""What `weiting up` starts: the argv, environment and log of every child."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cli.children import ChildPlan
from cli.deployment import LOOPBACK, ROOT, Deployment
from runtime.errors import SettingsError

BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"


def child_environment(deployment: Deployment, redis_url: str, sms_token: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What every child is told; the rest it reads from the same weiting.toml."""
    return dict(environ) | {
        "WEITING_CONFIG": str(deployment.config),
        "WEITING_DATA_DIR": str(deployment.data),
        "WEITING_BASE_PORT": str(deployment.ports.base),
        "WEITING_REDIS_URL": redis_url,
        "WEITING_SMS_TOKEN": sms_token,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        # libraries of the bot's Python talk to their own developers at every start
        "PYTHONWARNINGS": "ignore",
    }


def plan_core(deployment: Deployment, env: Mapping[str, str]) -> ChildPlan:
    """The core process."""
    return _plan(deployment, "core", (sys.executable, "-m", "cli.main", "serve", "core"), env)


def plan_bot(deployment: Deployment, env: Mapping[str, str], index: int) -> ChildPlan:
    """One bot process."""
    return _plan(deployment, f"bot-{index}", bot_argv(deployment, index), env)


def plan_sandbox(deployment: Deployment, env: Mapping[str, str]) -> ChildPlan:
    """The sandbox, with its configuration written beside the database."""
    path = deployment.data / "sandbox.json"
    write_private(path, json.dumps(_sandbox_config(deployment, env["WEITING_SMS_TOKEN"]), ensure_ascii=False, indent=1))
    return _plan(deployment, "sandbox", (sys.executable, "-m", "sandbox", "--config", str(path)), env)


def bot_argv(deployment: Deployment, index: int) -> tuple[str, ...]:
    """How a bot process is started. Raises SettingsError when its Python is not there."""
    if not os.access(BOT_PYTHON, os.X_OK):
        raise SettingsError("bot/.venv", "the bot's environment is not there; run `make setup`")
    settings = deployment.settings
    models = [part for name in settings.industries for part in ("--model", f"{name}={deployment.model(name)}")]
    secret: list[str] = []
    if settings.shared_secret:
        # in a file: whoever may list processes sees their arguments
        path = deployment.data / "shared-secret"
        write_private(path, settings.shared_secret)
        secret = ["--secret-file", str(path)]
    port = str(deployment.ports.base + 4 + index)
    listening = ("--host", settings.inner_host, "--port", port)
    return (str(BOT_PYTHON), "-m", "bot.engine.serve", *listening, *models, "--actions-url", deployment.actions_url, *secret)


def people_file(deployment: Deployment) -> Path:
    """The subscribers the phone page offers, kept by `weiting sandbox load`."""
    return deployment.data / "sandbox-people.json"


def write_private(path: Path, text: str) -> None:
    """Writes a file only this user can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _sandbox_config(deployment: Deployment, sms_token: str) -> dict[str, object]:
    kept = people_file(deployment)
    accounts = [
        {
            "key": one.key,
            "name": one.name,
            "app_id": one.app_id,
            "secret": one.secret,
            "token": one.token,
            "encoding_aes_key": one.encoding_aes_key,
            "mode": one.mode,
            "kind": one.kind,
            "ghid": one.ghid,
            "callback_url": f"http://{LOOPBACK}:{deployment.ports.public}/wechat/{one.key}",
        }
        for one in deployment.settings.accounts
    ]
    return {
        "host": LOOPBACK,
        "port": deployment.ports.sandbox,
        "clock_file": str(deployment.clock_file),
        "sms_token": sms_token,
        "accounts": accounts,
        "people": json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else [],
    }


def _plan(deployment: Deployment, name: str, argv: tuple[str, ...], env: Mapping[str, str]) -> ChildPlan:
    return ChildPlan(name, argv, env, deployment.data / "logs" / f"{name}.log", ROOT)
