"""Are the ports free, and if one is not: who has it, and which setting gives us another."""

import contextlib
import socket
from collections.abc import Iterable

import psutil

from bot.ops.processes import Process, ProcessError
from bot.settings import LOOPBACK


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in sockets]


def check_ports(processes: Iterable[Process], host: str = LOOPBACK) -> None:
    """Raise ProcessError that names every port we need and cannot have."""
    problems = busy_ports(processes, host)
    if problems:
        raise ProcessError("\n".join(problems))


def busy_ports(processes: Iterable[Process], host: str = LOOPBACK) -> list[str]:
    """A sentence for each port that one of the processes needs and cannot have."""
    problems = []
    for process in processes:
        for setting, port in process.ports.items():
            reason = _refusal(host, port)
            if reason:
                advice = f"stop that, or set {setting} to another port (in .env)"
                problems.append(f"Port {port}, which {process.name} needs, {reason}: {advice}.")
    return problems


def port_holder(port: int) -> str | None:
    """The name and id of the process that listens on a port, where the system tells us."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens_at = connection.laddr.port if connection.laddr else None
            if connection.status == psutil.CONN_LISTEN and listens_at == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, process {connection.pid}"
    return None


def _refusal(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return "is reserved for the system's administrator"
        except OSError as error:
            holder = port_holder(port)
            return f"is in use ({holder})" if holder else f"cannot be used ({error.strerror})"
    return None
