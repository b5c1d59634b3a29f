"""Run the whole with stand-ins for Telegram and Twilio, and show a conversation on both: `make demo-channels`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.db.session import Database
from bot.ops.ports import free_ports
from bot.ops.services import all_answer, jawab_command
from bot.senders.service import SenderBook
from bot.settings import Settings, load_settings
from tests.fakes import telegram_api, twilio_api
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi

ROOT = Path(__file__).resolve().parent.parent
PORTS = ("JAWAB_PORT", "JAWAB_RASA_PORT", "JAWAB_ACTIONS_PORT", "JAWAB_POSTGRES_PORT", "JAWAB_REDIS_PORT")
START_SECONDS = 900
PATIENCE_SECONDS = 60
CHAT, PHONE = 4242, "+212600000001"
TALKS = ("السلام عليكم", "بشحال الباسبور؟", "w chno lwra9 li khassni?", "et pour ma fille de 8 ans ?")


def main() -> None:
    """Start, talk on both channels, stop."""
    telegram, twilio = TelegramApi(), TwilioApi()
    with telegram_api.serve(telegram) as telegram_url, twilio_api.serve(twilio):
        with running(environment(telegram, telegram_url, twilio)) as settings:
            twilio.webhook_url = f"{settings.public_url}/webhooks/whatsapp/{path_of(settings)}"
            for words in TALKS:
                on_telegram(telegram, words)
            for words in TALKS:
                on_whatsapp(twilio, words)


def environment(telegram: TelegramApi, telegram_url: str, twilio: TwilioApi) -> dict[str, str]:
    """Settings of an installation of the demonstration's own, which the stand-ins can reach."""
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    return {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("JAWAB_", "TWILIO_", "TELEGRAM_"))
        },
        **ports,
        "JAWAB_VAR": str(ROOT / "var" / "demo"),
        "JAWAB_PUBLIC_URL": f"http://127.0.0.1:{ports['JAWAB_PORT']}",
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "JAWAB_TELEGRAM_API_URL": telegram_url,
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": twilio.courier.token,
        "TWILIO_WHATSAPP_FROM": twilio.sender.removeprefix("whatsapp:"),
        "JAWAB_TWILIO_API_URL": twilio.api_url,
    }


@contextmanager
def running(env: dict[str, str]) -> Iterator[Settings]:
    """The whole system with these settings, stopped at the end."""
    os.environ.update(env)
    settings = load_settings(ROOT)
    settings.var.mkdir(parents=True, exist_ok=True)
    print("Starting everything, with stand-ins for Telegram and Twilio …", flush=True)
    with (settings.var / "demo.log").open("wb") as log:
        child = subprocess.Popen(jawab_command("up"), cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            wait(lambda: all_answer(settings) or child.poll() is not None, START_SECONDS)
            if child.poll() is not None:
                sys.exit(f"It did not start; see {settings.var / 'demo.log'}")
            yield settings
        finally:
            child.terminate()
            child.wait(60)


def path_of(settings: Settings) -> str:
    """The secret part of the address to which Twilio brings what citizens write."""
    database = Database(settings.database_url, pool_size=1)
    book = SenderBook(encryption_key=settings.encryption_key.get_secret_value())
    with database.transaction() as session:
        found = next(one for one in book.list(session) if one.channel == "whatsapp")
    database.dispose()
    return found.secrets.path


def on_telegram(api: TelegramApi, words: str) -> None:
    """Write on Telegram, and show what comes back with its buttons."""
    wait(lambda: bool(api.courier.webhook.url))
    before = len(api.sent)
    api.citizen_says(CHAT, words)
    wait(lambda: len(api.sent) > before)
    show("Telegram", words, api.sent[-1].text, [key["text"] for row in api.sent[-1].rows for key in row])


def on_whatsapp(api: TwilioApi, words: str) -> None:
    """Write on WhatsApp, and show what comes back with its choices."""
    before = len(api.sent)
    api.citizen_says(PHONE, words)
    wait(lambda: len(api.sent) > before)
    show("WhatsApp", words, api.sent[-1].body, [title for title, _ in api.sent[-1].choices])


def show(channel: str, asked: str, answer: str, choices: list[str]) -> None:
    """A question and its answer on the terminal."""
    print(f"\n── {channel} ── {asked}\n{answer}")
    if choices:
        print("   " + "  ".join(f"[{choice}]" for choice in choices), flush=True)


def wait(holds: object, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something that another process brings about."""
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            sys.exit("No answer came in time.")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
