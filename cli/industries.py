"""Finding industries by name: the product's own, and those plugged in from `industry_paths`."""

import importlib
from collections.abc import Mapping
from typing import Any

import actions
import business
from actions.industry import AddressLike, Industry
from cli.deployment import Deployment
from cli.train import industry_root
from runtime.errors import SettingsError
from runtime.ground import Ground


def compose_industries(deployment: Deployment, ground: Ground) -> dict[str, Industry]:
    """One of each industry that has an account. Raises SettingsError for one whose code is not there."""
    _open_paths(deployment)
    return {name: _compose(deployment, ground, name) for name in deployment.settings.industries}


def _open_paths(deployment: Deployment) -> None:
    # a plugged-in industry is actions/NAME and business/NAME in a tree of its own
    for root in deployment.settings.industry_paths:
        for package in (actions, business):
            folder = str(root / package.__name__)
            if folder not in package.__path__:
                package.__path__.append(folder)


def _compose(deployment: Deployment, ground: Ground, name: str) -> Industry:
    module = f"actions.{name}.compose"
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in {module, f"actions.{name}"}:
            raise
        raise SettingsError("account.industry", f'"{name}" has no actions/{name}/compose.py here or under industry_paths') from error
    industry: Industry = found.compose(ground, industry_root(deployment, name) / "bot" / name)
    return industry


class DirectByAccount:
    """Hands a short code, and who left, to the industry of the account."""

    def __init__(self, industries: Mapping[str, Industry], by_account: Mapping[str, str]) -> None:
        self._industries = industries
        self._by_account = by_account

    async def answer(self, address: AddressLike, text: str, turn_id: str) -> tuple[str, tuple[dict[str, Any], ...]] | None:
        """None for an industry without short codes."""
        direct = self._industries[self._by_account[address.account]].direct
        return await direct.answer(address, text, turn_id) if direct else None

    async def forget(self, address: AddressLike, turn_id: str) -> None:
        """Nothing to do for an industry that binds nobody."""
        identity = self._industries[self._by_account[address.account]].identity
        if identity is not None:
            await identity.forget(address.account, address.openid, f"{turn_id}:forget")
