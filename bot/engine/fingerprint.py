"""Whether a model is still the one its inputs would give. Imports nothing slow: `train` says "unchanged" in well under a second."""

import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Iterable, Iterator, List, Sequence

from bot.engine.errors import TrainingRefused

VERSIONS_OF = ("rasa", "numpy", "scipy", "scikit-learn", "jieba", "opencc", "pypinyin")
"""Packages whose change can change a model."""

OUR_CODE = ("engine", "nlu")
"""Folders of bot/ that every industry's model is made with."""

IGNORED_FOLDERS = frozenset({"__pycache__", ".venv", "models", ".rasa"})


def files_of(paths: Iterable[Path]) -> List[Path]:
    """Every file named or lying below a folder named, sorted. Raises TrainingRefused for a path that is not there."""
    found: List[Path] = []
    for path in paths:
        if path.is_dir():
            found += _below(path)
        elif path.is_file():
            found.append(path)
        else:
            raise TrainingRefused(f"There is nothing at {path}.")
    return sorted(set(found))


def fingerprint(inputs: Sequence[Path], bot_folder: Path) -> str:
    """Over the contents of the inputs, of our own code, and the versions of what trains."""
    digest = hashlib.sha256()
    digest.update(platform.python_version().encode())
    for package in VERSIONS_OF:
        digest.update(f"{package}={_version(package)}\n".encode())
    code = [path for folder in OUR_CODE if (bot_folder / folder).is_dir() for path in _below(bot_folder / folder)]
    for path in [*files_of(inputs), *sorted(code)]:
        content = path.read_bytes()
        digest.update(f"{path.name}:{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def stamp_path(archive: Path) -> Path:
    """Where an archive's fingerprint lies: beside it."""
    return archive.with_name(archive.name + ".fingerprint.json")


def is_unchanged(archive: Path, expected: str) -> bool:
    """Whether the archive is there, whole, and was made from these inputs."""
    try:
        stamp = json.loads(stamp_path(archive).read_text(encoding="utf-8"))
        return stamp == {"fingerprint": expected, "archive": _digest(archive)}
    except (OSError, ValueError):
        return False


def write_stamp(archive: Path, of: str) -> None:
    """Called after the archive is in its place."""
    stamp = {"fingerprint": of, "archive": _digest(archive)}
    stamp_path(archive).write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in IGNORED_FOLDERS:
                yield from _below(path)
        elif path.suffix != ".pyc":
            yield path


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
