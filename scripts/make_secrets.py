#!/usr/bin/env python3
"""Make the secrets that compose.yaml mounts: `python3 scripts/make_secrets.py`. Those that exist stay."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "secrets"
KEYS = ("secret_key", "encryption_key", "hash_key", "rasa_token")
PASSWORDS = ("postgres_password", "redis_password")


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    for name in KEYS:
        keep_or_make(name, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    postgres, redis = (keep_or_make(name, secrets.token_urlsafe(32)) for name in PASSWORDS)
    keep_or_make("database_url", f"postgresql://jawab:{postgres}@postgres:5432/jawab")
    keep_or_make("redis_url", f"redis://:{redis}@redis:6379/0")
    print(f"The secrets are in {FOLDER}: keep a copy in a safe place, above all of encryption_key.")


def keep_or_make(name: str, value: str) -> str:
    """The content of a secret's file, which is made if there is none."""
    path = FOLDER / name
    if not path.exists():
        # The folder is closed; the file is readable, since containers read it as a user of their own.
        descriptor = os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
        print(f"· made {name}")
    return path.read_text().strip()


if __name__ == "__main__":
    main()
