"""One `jawab up` per var folder, and what an earlier one that was killed left running is ended."""

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from bot.ops.processes import ProcessError, end

LOCK = "jawab.lock"
CHILDREN = "children.json"
SAME_BIRTH_SECONDS = 1


@contextlib.contextmanager
def sole_owner(var: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with this process however it ends; refused when another holds it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise ProcessError(
                f"Jawab is already running here (process {holder}). Stop that one first, "
                "or set JAWAB_VAR and other ports for a second one."
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_held(var: Path) -> bool:
    """Whether a `jawab up` runs on that folder."""
    try:
        with (var / LOCK).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def remember_children(var: Path, pids: list[int]) -> None:
    """Note the children that live now, with their birth times: no stranger is to be taken for one of them."""
    children = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            children.append([pid, psutil.Process(pid).create_time()])
    fresh = var / f"{CHILDREN}.new"
    fresh.write_text(json.dumps(children), "utf-8")
    fresh.rename(var / CHILDREN)


def end_leftovers(var: Path) -> int:
    """End the children of an earlier life that still run; gives how many there were."""
    try:
        children = json.loads((var / CHILDREN).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return 0
    left = [process for process in psutil.process_iter() if _is_left(process, children)]
    end(left, signal.SIGINT)
    return len(left)


def _is_left(process: psutil.Process, children: list[tuple[int, float]]) -> bool:
    """Whether it is one of the children, or of the session that one of them began."""
    try:
        session, born = os.getsid(process.pid), process.create_time()
    except (OSError, psutil.Error):
        return False
    for child, child_born in children:
        is_itself = process.pid == child and abs(born - child_born) < SAME_BIRTH_SECONDS
        is_descendant = process.pid != child and session == child and born >= child_born
        if is_itself or is_descendant:
            return True
    return False
