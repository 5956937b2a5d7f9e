"""Where pictures, voice and videos of subscribers are kept, and for how long: [media] of weiting.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.errors import SettingsError
from runtime.setting_values import read_number, read_text


@dataclass(frozen=True)
class MediaSettings:
    """`folder` must be one that all core processes share; after `days` a file is erased."""

    folder: Path
    days: int = 30


def read_media(value: Any, environ: Mapping[str, str], path: Path, data: Path) -> MediaSettings:
    """`path` is the settings file, `data` the data folder. Raises SettingsError."""
    table = {} if value is None else value
    if not isinstance(table, dict) or set(table) - {"folder", "days"}:
        raise SettingsError("media", "must be a table with the keys folder and days only")
    folder = read_text(environ.get("WEITING_MEDIA_FOLDER", table.get("folder")), "media.folder")
    days = read_number(environ.get("WEITING_MEDIA_DAYS", table.get("days")), "media.days", 30, 1, 3650)
    return MediaSettings((path.parent / folder).resolve() if folder else data / "media", days)
