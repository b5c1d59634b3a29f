"""Where files lie: one folder, each file encrypted and under a random name that says nothing."""

import os
import re
import secrets
import shutil
import time
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

# So much of the disk is left to others, above all to the database.
LEAST_FREE_BYTES = 500_000_000
_NAME = re.compile(r"[0-9a-f]{32}")


class Folder:
    """Keeps contents by names; all calls raise OSError when the disk does not let them."""

    def __init__(self, path: Path, *, encryption_key: str) -> None:
        self._path, self._cipher = path, Fernet(encryption_key.encode())

    def keep(self, content: bytes) -> str:
        """Write a content down, so that it survives a crash; gives its name."""
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        sealed = self._cipher.encrypt(content)
        if shutil.disk_usage(self._path).free - len(sealed) < LEAST_FREE_BYTES:
            raise OSError("the disk is nearly full")
        name = secrets.token_hex(16)
        descriptor = os.open(self._path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        return name

    def read(self, name: str) -> bytes:
        """A content; raises OSError also for one that another key encrypted."""
        try:
            return self._cipher.decrypt((self._path / name).read_bytes())
        except InvalidToken as error:
            raise OSError("a file that cannot be decrypted") from error

    def remove(self, name: str) -> None:
        """Remove a content; one that is gone already is removed."""
        (self._path / name).unlink(missing_ok=True)

    def list_names(self, *, older_than_seconds: float) -> list[str]:
        """The names of what has lain here for so long; what is not ours is passed over."""
        if not self._path.is_dir():
            return []
        until = time.time() - older_than_seconds
        with os.scandir(self._path) as found:
            return [one.name for one in found if _NAME.fullmatch(one.name) and one.stat().st_mtime < until]
