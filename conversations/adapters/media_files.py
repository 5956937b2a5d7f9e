"""Files on disk, encrypted under the deployment's key: pictures of identity cards are among them."""

import contextlib
import os
import re
import secrets
import time
from pathlib import Path

from runtime.errors import StorageFault
from runtime.keys import Keyring

_NAME = re.compile(r"md_[0-9a-z]{26}")


class FolderFiles:
    """`conversations.ports.MediaFiles` below one folder, which several processes may share."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring

    def put(self, media_id: str, content: bytes) -> None:
        path = self._path(media_id)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(self._keyring.seal(content))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise StorageFault(f"a file could not be kept ({error.strerror})") from error

    def get(self, media_id: str) -> bytes | None:
        try:
            return self._keyring.unseal(self._path(media_id).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageFault(f"a file could not be read ({error.strerror})") from error

    def remove(self, media_id: str) -> None:
        try:
            self._path(media_id).unlink(missing_ok=True)
        except OSError as error:
            raise StorageFault(f"a file could not be erased ({error.strerror})") from error

    def names(self, older_than_s: float) -> list[str]:
        before = time.time() - older_than_s
        found = []
        for path in self._folder.glob("??/md_*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime > before:
                    continue
                if _NAME.fullmatch(path.name):
                    found.append(path.name)
                else:
                    # what a process that died was writing
                    path.unlink()
        return found

    def _path(self, media_id: str) -> Path:
        if not _NAME.fullmatch(media_id):
            raise StorageFault("no name of a file")
        return self._folder / media_id[-2:] / media_id
