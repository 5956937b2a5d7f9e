"""`weiting sandbox load`: subscribers into the demo carrier's tables, and their phones onto the sandbox's phone page."""

import json
from dataclasses import asdict
from pathlib import Path

import aiohttp

from business.carrier.load import LoadedPerson, load_file
from cli.deployment import LOOPBACK, Deployment
from cli.plans import people_file, write_private
from cli.staff import print_json, with_database
from runtime.database import Database
from runtime.errors import SettingsError


def load(deployment: Deployment, account: str, file: Path) -> None:
    """Loads and prints what was loaded, as one JSON line."""
    print_json(load_into(deployment, account, file))


def load_into(deployment: Deployment, account: str, file: Path) -> dict[str, object]:
    """The same, answered. Raises SettingsError for an unknown account, LoadRefused naming the line of a bad file."""
    if not deployment.settings.serves(account):
        raise SettingsError("--account", f'"{account}" is no account of {deployment.config.name}')

    async def work(db: Database) -> dict[str, object]:
        loaded = await load_file(db, deployment.keyring(), account, file, deployment.clock())
        people = _keep(deployment, account, loaded.people)
        told = await _tell_sandbox(deployment, people)
        return {"account": account, **asdict(loaded.counts), "phones_on_the_page": len(people), "sandbox_told": told}

    return with_database(deployment, work)


def _keep(deployment: Deployment, account: str, people: tuple[LoadedPerson, ...]) -> list[dict[str, object]]:
    kept = people_file(deployment)
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    merged = {one["openid"]: one for one in before}
    merged |= {one.openid: {"openid": one.openid, "name": one.name, "phone": one.phone, "account": account} for one in people}
    write_private(kept, json.dumps(list(merged.values()), ensure_ascii=False, indent=1))
    return list(merged.values())


async def _tell_sandbox(deployment: Deployment, people: list[dict[str, object]]) -> bool:
    """A sandbox that is not running learns of them when it starts."""
    url = f"http://{LOOPBACK}:{deployment.ports.sandbox}/api/people"
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
            for person in people:
                body = {name: person[name] for name in ("openid", "name", "phone")}
                async with session.post(url, json=body) as response:
                    if response.status >= 300:
                        return False
        return True
    except (aiohttp.ClientError, TimeoutError):
        return False
