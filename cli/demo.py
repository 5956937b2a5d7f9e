"""`make run`: the demo carrier, two members of staff with random passwords, and where to click."""

import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from cli.deployment import LOOPBACK, ROOT, Deployment
from cli.load import load_into
from cli.plans import write_private
from cli.staff import create
from cli.up import run_up, say
from runtime.errors import Refusal

_STAFF = (("agent", "小林", "agent"), ("supervisor", "周班长", "supervisor"))
_CARD = """
────────────────────────────────────────────────────────────
  微厅 · Weiting is running
  Phone  手机    {phone}
{chat}  Desk   坐席台  {desk}
{people}
  Data {data}   ·   Ctrl-C stops everything
────────────────────────────────────────────────────────────
"""


def run_demo(deployment: Deployment, environ: Mapping[str, str]) -> int:
    """Prepares what is not there yet, then `up`."""
    say("loading the demo carrier")
    load_into(deployment, deployment.settings.accounts[0].key, demo_file())
    people = _ensure_staff(deployment)
    return run_up(deployment, None, environ, announce=lambda: _show(deployment, people))


def demo_file() -> Path:
    """The demo carrier's subscribers."""
    return ROOT / "data" / "demo" / "carrier.yml"


def _ensure_staff(deployment: Deployment) -> list[dict[str, object]]:
    # kept in clear, readable by this user only: they are shown again at the next start of a demo
    path = deployment.data / "demo-staff.json"
    if path.exists():
        kept: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    people = []
    for login, name, role in _STAFF:
        try:
            people.append(create(deployment, login, name, role, None, with_token=False))
        except Refusal:
            people.append(create(deployment, f"{login}-{secrets.token_hex(2)}", name, role, None, with_token=False))
    write_private(path, json.dumps(people, ensure_ascii=False))
    return people


def _show(deployment: Deployment, people: list[dict[str, object]]) -> None:
    ports = deployment.ports
    pages = [one.key for one in deployment.settings.accounts if one.webchat]
    chats = "".join(f"  Web    网页版  http://{LOOPBACK}:{ports.public}/chat/{key}\n" for key in pages)
    lines = "\n".join(f"  {one['role']:<11} {one['login']} / {one['password']}" for one in people)
    card = _CARD.format(
        phone=f"http://{LOOPBACK}:{ports.sandbox}/",
        desk=f"http://{LOOPBACK}:{ports.staff}/",
        chat=chats,
        people=lines,
        data=deployment.data,
    )
    sys.stderr.write(card)
    sys.stderr.flush()
