"""The intents that menus name: each must be one of its industry's catalogue, or a tap would be understood by nobody."""

from pathlib import Path

import yaml

from runtime.errors import SettingsError
from runtime.menu import intents_of
from runtime.settings import AccountSettings, Settings


def check_menu_intents(settings: Settings, root: Path) -> None:
    """`root`: the product's own tree; plugged-in ones are in the settings. Raises SettingsError."""
    for account in settings.accounts:
        named = intents_of(account.menu)
        if not named:
            continue
        known = _intents(account, (root, *settings.industry_paths))
        for entry, intent in named:
            if intent not in known:
                said = f'"{intent}" of the entry "{entry}" is no intent of data/catalogue/{account.industry}.yml'
                raise SettingsError("account.menu.intent", f'{said}; mend its spelling (account "{account.key}")')


def _intents(account: AccountSettings, roots: tuple[Path, ...]) -> set[str]:
    for root in roots:
        path = root / "data" / "catalogue" / f"{account.industry}.yml"
        if not path.is_file():
            continue
        try:
            topics = yaml.safe_load(path.read_text(encoding="utf-8"))["topics"]
            return {intent for intents in topics.values() for intent in intents}
        except (yaml.YAMLError, OSError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(str(path), f"is no catalogue of topics with intents ({type(error).__name__})") from error
    raise SettingsError("account.industry", f'"{account.industry}" has no data/catalogue/{account.industry}.yml, which its menu needs')
