"""The channels of this installation, by name."""

from collections.abc import Iterable

from bot.channels.base import Channel, DeliveryError


class Channels:
    """Finds the channel that a message leaves by."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._channels = {channel.name: channel for channel in channels}

    def get(self, name: str) -> Channel:
        """A channel; raises DeliveryError for good when this installation has none of that name."""
        try:
            return self._channels[name]
        except KeyError:
            raise DeliveryError(f"there is no channel {name!r}", permanent=True) from None
