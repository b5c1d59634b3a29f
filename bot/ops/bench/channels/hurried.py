"""A worker that keeps no vendor's pace, to see what one worker could send: `… -m bot.ops.bench.channels.hurried`."""

from dataclasses import replace

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.jobs.worker import run
from bot.settings import load_settings

ENDLESS = 1_000_000.0


def main() -> None:
    """Work until SIGTERM."""
    for channel in (TelegramChannel, WhatsAppChannel):
        channel.limits = replace(channel.limits, per_second=ENDLESS, per_citizen=ENDLESS)
    run(load_settings())


if __name__ == "__main__":
    main()
