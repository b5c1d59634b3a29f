"""The channels of this installation, by name, and the ways out of its accounts."""

import threading
from collections.abc import Iterable

from bot.channels.base import Channel, Credentials, DeliveryError, Gateway


class Channels:
    """Finds the channel that a message leaves by; each account's gateway is made once for each of its tokens."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._gateways: dict[str, tuple[Credentials, Gateway]] = {}
        self._making = threading.Lock()

    def has(self, name: str) -> bool:
        """Whether this installation has a channel of that name."""
        return name in self._channels

    @property
    def immediate(self) -> list[str]:
        """The names of those where to keep a message is to deliver it."""
        return [name for name, channel in self._channels.items() if channel.is_immediate]

    def get(self, name: str) -> Channel:
        """A channel; raises DeliveryError for good when this installation has none of that name."""
        try:
            return self._channels[name]
        except KeyError:
            raise DeliveryError(f"there is no channel {name!r}", permanent=True) from None

    def gateway(self, name: str, credentials: Credentials) -> Gateway:
        """The way out of one account; raises DeliveryError when there is no such channel."""
        with self._making:
            known, gateway = self._gateways.get(credentials.sender_id, (None, None))
            if gateway is None or known != credentials:
                gateway = self.get(name).gateway(credentials)
                self._gateways[credentials.sender_id] = credentials, gateway
            return gateway
