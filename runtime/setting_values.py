"""One value of a setting: checked, and turned into what the product uses. Raises SettingsError, one sentence with key and mend."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runtime.errors import SettingsError

_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def read_choice(value: str, key: str, choices: tuple[str, ...]) -> str:
    """One of the words allowed."""
    if value not in choices:
        raise SettingsError(key, f'is "{value}"; it must be one of {", ".join(choices)}')
    return value


def read_url(value: str, key: str, example: str = "https://api.weixin.qq.com") -> str:
    """An http address without the slash at its end."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(key, f'is "{value}"; it must be an address such as {example}')
    return value.rstrip("/")


def read_text(value: Any, key: str) -> str | None:
    """A text; None when it is missing or empty."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise SettingsError(key, "must be a text in quotes")
    return value


def read_number(value: Any, key: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds."""
    if value is None or value == "":
        return default
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = least - 1
    if isinstance(value, bool) or not least <= number <= most:
        raise SettingsError(key, f"must be a whole number from {least} to {most}")
    return number


def read_paths(value: Any, path: Path) -> tuple[Path, ...]:
    """Folders, relative to the settings file's."""
    if value is None or value == "":
        return ()
    names = value.split(":") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise SettingsError("industry_paths", "must be a list of folders in quotes")
    return tuple((path.parent / one).resolve() for one in names)


def read_seconds(value: Any, key: str, default: float, least: float, most: float) -> float:
    """A length of time within bounds, in seconds."""
    if value is None or value == "":
        return default
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = least - 1
    if isinstance(value, bool) or not least <= seconds <= most:
        raise SettingsError(key, f"must be a number of seconds from {least:g} to {most:g}")
    return seconds


def read_urls(value: Any, key: str) -> tuple[str, ...]:
    """Addresses: a list in the file, or separated by spaces or commas in the environment."""
    if value is None or value == "":
        return ()
    given = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise SettingsError(key, "must be a list of addresses in quotes such as http://10.0.0.5:8004")
    return tuple(read_url(one, key, "http://10.0.0.5:8004") for one in given)


def read_flag(value: Any, key: str) -> bool:
    """true or false, in the environment as a word; False when it is missing."""
    if value is None or value == "":
        return False
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise SettingsError(key, "must be true or false")


def read_origins(value: Any, key: str) -> tuple[str, ...]:
    """Origins of web pages: scheme and host, no path."""
    origins = tuple(one.lower() for one in _words(value, key, "https://www.example.com"))
    for origin in origins:
        parts = urlsplit(read_url(origin, key, "https://www.example.com"))
        # what would end a header's directive is no host either
        if origin != f"{parts.scheme}://{parts.netloc}" or not all(one.isalnum() or one in ".-:[]" for one in parts.netloc):
            raise SettingsError(key, f'holds "{origin}"; an origin is scheme and host alone, such as https://www.example.com')
    return origins


def read_hosts(value: Any, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses of machines, in digits."""
    if value is None or value == "":
        return default
    hosts = _words(value, key, "10.0.0.2")
    for one in hosts:
        try:
            ip_address(one)
        except ValueError:
            raise SettingsError(key, f'holds "{one}"; it must be an address in digits such as 10.0.0.2') from None
    return tuple(str(ip_address(one)) for one in hosts)


def _words(value: Any, key: str, example: str) -> list[str]:
    """A list in the file, or separated by spaces or commas in the environment."""
    if value is None or value == "":
        return []
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(one, str) for one in words):
        raise SettingsError(key, f"must be a list of texts in quotes such as {example}")
    return words


def read_words(value: Any, key: str) -> tuple[tuple[str, str], ...]:
    """A table of texts by name."""
    if value is None:
        return ()
    if not isinstance(value, dict) or not all(isinstance(one, str) and one.strip() for one in value.values()):
        raise SettingsError(key, 'must be a table of texts in quotes such as location = "intent:find_store"')
    return tuple(value.items())


def read_host_names(value: Any, key: str) -> tuple[str, ...]:
    """Names of hosts; left out: those of Tencent's that serve files."""
    if value is None or value == "":
        return ("qq.com", "qpic.cn")
    given = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) and _HOST.fullmatch(one) for one in given):
        raise SettingsError(key, "must be a list of hosts in quotes such as qpic.cn")
    return tuple(one.lower() for one in given)
