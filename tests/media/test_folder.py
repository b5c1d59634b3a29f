"""Files on disk: encrypted, under names that say nothing, for our eyes only."""

import os
import stat
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.media import folder as module
from bot.media.folder import Folder

PHOTO = b"\xff\xd8\xff a citizen's card"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def folder(path: Path) -> Folder:
    return Folder(path, encryption_key=Fernet.generate_key().decode())


def test_a_file_comes_back_as_it_was_and_lies_encrypted(folder: Folder, path: Path) -> None:
    name = folder.keep(PHOTO)
    assert folder.read(name) == PHOTO
    assert PHOTO not in (path / name).read_bytes()


def test_names_are_random_and_nobody_else_may_look(folder: Folder, path: Path) -> None:
    names = {folder.keep(PHOTO) for _ in range(3)}
    assert len(names) == 3
    assert all(stat.S_IMODE((path / name).stat().st_mode) == 0o600 for name in names)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_another_key_reads_nothing(folder: Folder, path: Path) -> None:
    name = folder.keep(PHOTO)
    with pytest.raises(OSError, match="decrypted"):
        Folder(path, encryption_key=Fernet.generate_key().decode()).read(name)


def test_a_full_disk_is_left_to_the_database(folder: Folder, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(module, "LEAST_FREE_BYTES", 10**18)
    with pytest.raises(OSError, match="full"):
        folder.keep(PHOTO)
    assert list(path.iterdir()) == []


def test_what_is_removed_is_gone_and_may_be_removed_again(folder: Folder) -> None:
    name = folder.keep(PHOTO)
    folder.remove(name)
    folder.remove(name)
    with pytest.raises(OSError, match=name):
        folder.read(name)


def test_only_our_own_old_files_are_listed(folder: Folder, path: Path) -> None:
    assert folder.list_names(older_than_seconds=0) == []
    old, _ = folder.keep(PHOTO), folder.keep(PHOTO)
    os.utime(path / old, (time.time() - 100, time.time() - 100))
    (path / "README").write_text("somebody else's")
    os.utime(path / "README", (0, 0))
    assert folder.list_names(older_than_seconds=50) == [old]
