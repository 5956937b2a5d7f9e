"""The data folder and the keys in it."""

import os
import shutil
import tempfile
from collections.abc import Iterator

from cli.checks.finding import Finding, bad, ok, warn
from cli.deployment import Deployment
from runtime.errors import SettingsError
from runtime.keys import load_keyring

_LEAST = 200 * 1024 * 1024
_LITTLE = 2 * 1024 * 1024 * 1024


async def check_folder(deployment: Deployment) -> Iterator[Finding]:
    """Writable, with room."""
    return _folder(deployment)


async def check_keys(deployment: Deployment) -> Iterator[Finding]:
    """There, of this product, readable by nobody else."""
    return _keys(deployment)


def _folder(deployment: Deployment) -> Iterator[Finding]:
    try:
        with tempfile.TemporaryFile(dir=deployment.data) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        said = f"{deployment.data} takes no files ({error.strerror})"
        yield bad("data folder", said, "mend its rights, free space, or name another with --data")
        return
    free = shutil.disk_usage(deployment.data).free
    said = f"{deployment.data} takes files, {free / 2**30:.1f} GB free"
    if free < _LEAST:
        yield bad("data folder", said, "free some space: what cannot be stored is refused, and WeChat gives up after three tries")
    elif free < _LITTLE:
        yield warn("data folder", said, "free some space before it runs full")
    else:
        yield ok("data folder", said)


def _keys(deployment: Deployment) -> Iterator[Finding]:
    path = deployment.keys_file
    if not path.exists():
        yield ok("keys", "none yet; the first start makes them")
        return
    try:
        load_keyring(path)
    except SettingsError as error:
        yield bad("keys", str(error), "put keys.json back from a backup: without it names, numbers and texts cannot be read")
        return
    if path.stat().st_mode & 0o077:
        yield warn("keys", f"others on this machine may read {path}", f"chmod 600 {path}")
    else:
        yield ok("keys", "read, and nobody else may")
