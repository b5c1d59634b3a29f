"""Throwaway installations: settings whose folder, ports and secrets belong to one test."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.ops.ports import free_ports
from bot.settings import Settings, load_settings

FOREIGN = (
    "DATABASE_URL",
    "RASA_PYTHON",
    "REDIS_URL",
    "TELEGRAM_BOT_TOKEN",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_WHATSAPP_FROM",
)
PORT_SETTINGS = (
    "JAWAB_PORT",
    "JAWAB_RASA_PORT",
    "JAWAB_ACTIONS_PORT",
    "JAWAB_POSTGRES_PORT",
    "JAWAB_REDIS_PORT",
)


def forget_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every setting out of the environment."""
    for name in list(os.environ):
        if name.startswith("JAWAB_") or name.removesuffix("_FILE") in FOREIGN:
            monkeypatch.delenv(name)


def new_installation(root: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a new installation at that folder, with ports that are free now."""
    forget_settings(monkeypatch)
    root.mkdir(parents=True, exist_ok=True)
    for name, port in zip(PORT_SETTINGS, free_ports(len(PORT_SETTINGS)), strict=True):
        monkeypatch.setenv(name, str(port))
    return load_settings(root)


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user can pass through: root's PostgreSQL runs as another one."""
    with tempfile.TemporaryDirectory(prefix="jawab test ") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
