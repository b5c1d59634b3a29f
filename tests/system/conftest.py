"""The whole running system, started once as an operator starts it: `jawab up`, in a folder and on ports of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.ops.ports import free_ports
from bot.ops.services import all_answer
from bot.settings import Settings, load_settings
from tests.fakes import telegram_api, twilio_api
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.installations import PORT_SETTINGS, forget_settings, open_folder

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 900


@dataclass(frozen=True)
class System:
    """A running installation, between stand-ins for the vendors."""

    settings: Settings
    telegram: TelegramApi
    twilio: TwilioApi

    @property
    def url(self) -> str:
        """Where its page is."""
        return self.settings.web_url


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """`jawab up`, ready; the model of the repository is used, and trained first when it is stale."""
    if not (REPOSITORY / ".venv-rasa" / "bin" / "python").exists():
        pytest.skip("the Rasa environment is missing: scripts/setup.py rasa")
    telegram, twilio = TelegramApi(), TwilioApi()
    with (
        telegram_api.serve(telegram),
        twilio_api.serve(twilio),
        open_folder() as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        forget_settings(patch)
        patch.setenv("JAWAB_VAR", str(folder / "var"))
        ports = dict(zip(PORT_SETTINGS, map(str, free_ports(len(PORT_SETTINGS))), strict=True))
        for name, value in {**ports, **_accounts(telegram, twilio, ports["JAWAB_PORT"])}.items():
            patch.setenv(name, value)
        settings = load_settings(REPOSITORY)
        with (folder / "up.log").open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "up"],
                cwd=REPOSITORY,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ.copy(),
            )
            try:
                _wait(child, settings, folder / "up.log")
                yield System(settings, telegram, twilio)
            finally:
                child.terminate()
                child.wait(timeout=60)


def _accounts(telegram: TelegramApi, twilio: TwilioApi, port: str) -> dict[str, str]:
    """The settings of a bot and a number at the stand-ins."""
    return {
        "JAWAB_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "JAWAB_TELEGRAM_API_URL": telegram.api_url,
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": twilio.courier.token,
        "TWILIO_WHATSAPP_FROM": twilio.sender.removeprefix("whatsapp:"),
        "JAWAB_TWILIO_API_URL": twilio.api_url,
    }


def _wait(child: "subprocess.Popen[bytes]", settings: Settings, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            break
        if all_answer(settings):
            return
        time.sleep(0.5)
    child.kill()
    pytest.fail("The system did not start:\n" + log.read_text("utf-8", "replace")[-4000:])
