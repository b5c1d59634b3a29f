"""Ports for servers that are killed and come back: no outgoing connection may take one in the meantime."""

import contextlib
import random
import socket

from bot.settings import LOOPBACK

# Below those that Linux gives to outgoing connections (net.ipv4.ip_local_port_range).
LOWEST, HIGHEST = 20_000, 32_000


def lasting_ports(count: int) -> list[int]:
    """Ports that nobody listens on, and that are given to nobody who does not ask for them by number."""
    candidates = random.SystemRandom().sample(range(LOWEST, HIGHEST), 50 + count)
    return [port for port in candidates if _is_free(port)][:count]


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket() as one:
        one.bind((LOOPBACK, port))
        return True
    return False
