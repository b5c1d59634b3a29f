"""A child's ports, its lock and its leftovers."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bot.ops.lock import end_leftovers, is_held, remember_children, sole_owner
from bot.ops.ports import busy_ports, check_ports
from bot.ops.processes import AUTOGROUP, Process, ProcessError
from tests.installations import is_alive


def listener(port: int) -> Process:
    return Process(name="web", argv=(), cwd=Path(), is_ready=lambda: True, ports={"JAWAB_PORT": port})


def test_a_busy_port_is_reported_with_its_holder_and_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ProcessError) as caught:
            check_ports([listener(port)])
    assert str(port) in str(caught.value)
    assert "JAWAB_PORT" in str(caught.value)
    assert f"process {os.getpid()}" in str(caught.value)


def test_a_free_port_is_no_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert busy_ports([listener(port)]) == []


def test_a_second_start_is_refused_with_the_first_ones_number(tmp_path: Path) -> None:
    with sole_owner(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(ProcessError, match=f"process {os.getpid()}"), sole_owner(tmp_path):
            pass
    assert not is_held(tmp_path)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from bot.ops.lock import sole_owner
with sole_owner(Path({str(tmp_path)!r})):
    print("held", flush=True)
    input()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert is_held(tmp_path)
        holder.kill()
    with sole_owner(tmp_path):
        pass


def test_leftovers_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command) as ours, subprocess.Popen(command) as stranger:
        remember_children(tmp_path, [ours.pid])
        noted = (tmp_path / "children.json").read_text()
        born = psutil.Process(stranger.pid).create_time() - 100
        (tmp_path / "children.json").write_text(f"{noted[:-1]}, [{stranger.pid}, {born}]]")
        assert end_leftovers(tmp_path) == 1
        assert not is_alive(ours.pid)
        assert stranger.poll() is None
        stranger.kill()


def test_children_of_a_killed_child_are_leftovers_too(tmp_path: Path) -> None:
    code = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        grandchild = int(child.stdout.readline())
        remember_children(tmp_path, [child.pid])
        child.kill()
    assert end_leftovers(tmp_path) == 1
    assert not is_alive(grandchild)


def test_who_gives_way_says_so_to_the_kernel(tmp_path: Path) -> None:
    words = (
        f"import os, pathlib; here = pathlib.Path('{AUTOGROUP}'); print(os.nice(0), here.exists() and here.read_text())"
    )
    process = Process("polite", (sys.executable, "-c", words), tmp_path, lambda: True, nice=7)
    with subprocess.Popen(process.argv, stdout=subprocess.PIPE, text=True, **process.popen_options()) as child:
        said, _ = child.communicate(timeout=30)
    assert int(said.split()[0]) == min(os.nice(0) + 7, 19)
    assert not AUTOGROUP.exists() or "nice 7" in said
