"""What the machine must have: the bot's Python, models, pages, a font that writes Chinese, ports."""

import asyncio
import json
import os
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

from cli.checks.finding import Finding, bad, ok, warn
from cli.deployment import LOOPBACK, ROOT, Deployment
from cli.locks import is_running
from cli.plans import BOT_PYTHON
from cli.train import train_argv
from runtime.errors import SettingsError
from runtime.settings import AccountSettings

_SETUP = "run `make setup`"
_PROBE = (
    "import sys, json, importlib.metadata as m\n"
    "print(json.dumps([list(sys.version_info[:2]), m.version('rasa'), m.version('orjson')]))"
)
_CJK = ":lang=zh-cn"


async def check_bot(_deployment: Deployment) -> list[Finding]:
    """Python 3.10 with Rasa, by asking it."""
    if not os.access(BOT_PYTHON, os.X_OK):
        return [bad("bot environment", "bot/.venv is not there", _SETUP)]
    code, out = await _run(str(BOT_PYTHON), "-c", _PROBE)
    if code:
        return [bad("bot environment", "bot/.venv lacks packages", _SETUP)]
    version, rasa, _ = json.loads(out)
    if version != [3, 10]:
        said = f"bot/.venv is Python {version[0]}.{version[1]}; Rasa needs 3.10"
        return [bad("bot environment", said, "remove bot/.venv and run `make setup`")]
    return [ok("bot environment", f"Python 3.10, Rasa {rasa}")]


async def check_models(deployment: Deployment) -> list[Finding]:
    """One for each industry, made from what its files say now."""
    return [await _model(deployment, industry) for industry in deployment.settings.industries]


async def check_pages(_deployment: Deployment) -> list[Finding]:
    """The staff's pages are built."""
    if (ROOT / "web" / "dist" / "index.html").is_file():
        return [ok("pages", "built")]
    return [bad("pages", "the staff's pages are not built", _SETUP)]


async def check_web_chat(deployment: Deployment) -> list[Finding]:
    """Where the page is, for each account that has one, and who may show it."""
    return [_web_chat(deployment, account) for account in deployment.settings.accounts if account.webchat]


async def check_font(_deployment: Deployment) -> list[Finding]:
    """Only pictures made on this machine need one: browsers of agents bring their own."""
    program = shutil.which("fc-list")
    if program is None:
        return [warn("font", "fc-list is not here, so nobody knows whether a Chinese font is", "apt-get install fontconfig fonts-noto-cjk")]
    _, out = await _run(program, _CJK, "family")
    fonts = [line for line in out.splitlines() if line.strip()]
    if not fonts:
        return [warn("font", "no font for Chinese", "apt-get install fonts-noto-cjk (the browser test and pictures need it)")]
    return [ok("font", f"{len(fonts)} for Chinese")]


async def check_ports(deployment: Deployment) -> list[Finding]:
    """Free, or ours already."""
    ports = deployment.ports
    wanted = [ports.public, ports.staff, ports.actions, *ports.bots(deployment.settings.bots)]
    wanted += [ports.sandbox] if deployment.settings.sandboxed else []
    taken = [port for port in sorted(wanted) if not _is_free(port)]
    span = f"{min(wanted)} to {max(wanted)}"
    if not taken:
        return [ok("ports", f"{span} are free")]
    if is_running(deployment.data):
        return [ok("ports", f"{span}: this deployment is running on them")]
    numbers = ", ".join(map(str, taken))
    return [bad("ports", f"{numbers} taken by something else", "stop it, or choose another base with --ports or base_port")]


def _web_chat(deployment: Deployment, account: AccountSettings) -> Finding:
    check, at = f"web chat {account.key}", f"http://{deployment.settings.host}:{deployment.ports.public}/chat/{account.key}"
    plain = [one for one in account.webchat_origins if one.startswith("http://") and urlsplit(one).hostname != LOOPBACK]
    if plain:
        mend = "name the site by https in account.webchat_origins: over http anyone on the way can change what is shown"
        return warn(check, f"{plain[0]} may show it, and is not encrypted", mend)
    framed = f"; {len(account.webchat_origins)} sites may show it in a frame" if account.webchat_origins else ""
    return ok(check, f"{at}{framed}")


async def _model(deployment: Deployment, industry: str) -> Finding:
    check = f"model {industry}"
    model: Path = deployment.model(industry)
    if not model.is_file():
        return warn(check, "not trained yet", "`weiting up` trains it; before `weiting serve bot` run `weiting train`")
    try:
        argv = train_argv(deployment, industry)
    except SettingsError as error:
        return bad(check, str(error), "mend the account's industry or industry_paths")
    if not os.access(BOT_PYTHON, os.X_OK):
        return warn(check, "there, but without the bot's environment nobody can say whether it is fresh", _SETUP)
    code, _ = await _run(str(BOT_PYTHON), *argv, "--check")
    if code == 0:
        return ok(check, f"trained from the files as they are ({model.stat().st_size / 2**20:.0f} MB)")
    return warn(check, "its files have changed since it was trained", "`weiting up` trains it again; `weiting train` does it now")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


async def _run(*argv: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace")
