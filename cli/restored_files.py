"""The files beside the database that a restore puts back, keeping aside what lay there."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from cli.archive import FILES, ArchiveReader, BackupBroken
from cli.backup import write_archive
from cli.deployment import Deployment
from runtime.errors import SettingsError
from runtime.keys import load_keyring


class RestoredFiles:
    """The backup's files beside the database: written ready, put in place at the end, taken back when that end is not reached."""

    def __init__(self, deployment: Deployment, backup: ArchiveReader) -> None:
        self._deployment = deployment
        self._backup = backup
        self._stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        self._ready: dict[Path, Path] = {}
        self._moved: list[tuple[Path, Path]] = []
        self._placed: list[Path] = []
        self.kept: list[str] = []

    def __enter__(self) -> "RestoredFiles":
        with self._taken_back():
            for name in FILES:
                content = self._backup.file(name)
                if content is not None:
                    place = self._deployment.data / name
                    self._ready[place] = _write_private(place.with_name(f"{name}.restoring"), content)
            self._check_keys()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._take_back()

    def put(self) -> None:
        """All in place; the old ones aside."""
        for place, ready in self._ready.items():
            if place.exists() and place.read_bytes() != ready.read_bytes():
                self.keep(place)
            if place.exists():
                ready.unlink()
                continue
            ready.rename(place)
            self._placed.append(place)

    def keep(self, path: Path) -> None:
        """Moves one aside."""
        aside = path.with_name(f"{path.name}.kept-{self._stamp}")
        path.rename(aside)
        self._moved.append((aside, path))
        self.kept.append(aside.name)

    def keep_copy(self, engine: Engine) -> None:
        """A backup of what a server holds, before it is replaced."""
        aside = self._deployment.data / f"replaced-{self._stamp}.tar.gz"
        with contextlib.ExitStack() as undo:
            undo.callback(aside.unlink, missing_ok=True)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                write_archive(engine, self._deployment, out, check_keys=False)
            undo.pop_all()
        self.kept.append(aside.name)

    def _check_keys(self) -> None:
        """Raises BackupBroken when the keys that will lie there do not open the backup's columns."""
        place = self._deployment.keys_file
        keys = self._ready.get(place, place)
        if not keys.exists():
            raise BackupBroken("the backup holds no keys.json, and none lies in the data folder: put it there first")
        try:
            fits = load_keyring(keys).fingerprint == self._backup.manifest.fingerprint
        except SettingsError as error:
            raise BackupBroken("the backup's keys.json is none of this product") from error
        if not fits:
            raise BackupBroken(f"{place.name} does not hold the keys that this backup was made with")

    @contextlib.contextmanager
    def _taken_back(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._take_back()
            raise

    def _take_back(self) -> None:
        for place in self._placed:
            place.unlink(missing_ok=True)
        for aside, path in reversed(self._moved):
            aside.rename(path)
        for ready in self._ready.values():
            ready.unlink(missing_ok=True)


def _write_private(path: Path, content: bytes) -> Path:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path
