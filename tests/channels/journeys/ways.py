"""One citizen who sends files and speaks, on either channel: the same words for both."""

from dataclasses import dataclass
from typing import Protocol

from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi

CHAT, PHONE = 4242, "+212600000001"


class Way(Protocol):
    """What a citizen does and sees."""

    def says(self, text: str) -> None:
        """Write."""
        ...

    def speaks(self, recording: bytes) -> None:
        """Send a voice note."""
        ...

    def shows(self, photo: bytes) -> None:
        """Send a photo."""
        ...

    def presses(self, number: int) -> None:
        """Press a button (from 0) of the last message."""
        ...

    def seen(self) -> list[str]:
        """What was answered."""
        ...

    def loses_files(self) -> None:
        """The vendor has no file any more."""
        ...

    def sends_files_elsewhere(self, url: str) -> None:
        """The vendor sends whoever asks for the next file to another host."""
        ...

    def slows_files(self, seconds: float) -> None:
        """The next file takes its time."""
        ...


@dataclass
class OnTelegram:
    """A chat with our bot."""

    api: TelegramApi

    def says(self, text: str) -> None:
        """Write."""
        self.api.citizen_says(CHAT, text)

    def speaks(self, recording: bytes) -> None:
        """Send a voice note."""
        self.api.citizen_sends_file(CHAT, "voice", recording)

    def shows(self, photo: bytes) -> None:
        """Send a photo."""
        self.api.citizen_sends_file(CHAT, "photo", photo)

    def presses(self, number: int) -> None:
        """Press a button of the last message."""
        keys = [key for row in self.api.sent[-1].rows for key in row]
        self.api.citizen_presses(CHAT, self.api.sent[-1].message_id, keys[number]["callback_data"])

    def seen(self) -> list[str]:
        """What was answered."""
        return [one.text for one in self.api.sent]

    def loses_files(self) -> None:
        """Telegram has a file for some time only."""
        self.api.fail_next_file(404)

    def sends_files_elsewhere(self, url: str) -> None:
        """A redirect."""
        self.api.fail_next_file(302, location=url)

    def slows_files(self, seconds: float) -> None:
        """The next file takes its time."""
        self.api.fail_next_file(seconds=seconds)


@dataclass
class OnWhatsApp:
    """A talk with our number."""

    api: TwilioApi

    def says(self, text: str) -> None:
        """Write."""
        self.api.citizen_says(PHONE, text)

    def speaks(self, recording: bytes) -> None:
        """Send a voice note."""
        self.api.citizen_sends_media(PHONE, recording, "audio/ogg")

    def shows(self, photo: bytes) -> None:
        """Send a photo."""
        self.api.citizen_sends_media(PHONE, photo, "image/jpeg")

    def presses(self, number: int) -> None:
        """Press a button of the last message."""
        title, payload = self.api.sent[-1].choices[number]
        self.api.citizen_presses(PHONE, payload, title)

    def seen(self) -> list[str]:
        """What was answered."""
        return [one.body for one in self.api.sent]

    def loses_files(self) -> None:
        """Twilio's carrier has the next file no more."""
        self.api.fail_next_file(404)

    def sends_files_elsewhere(self, url: str) -> None:
        """A redirect."""
        self.api.media_location = url

    def slows_files(self, seconds: float) -> None:
        """The next file takes its time."""
        self.api.fail_next_file(seconds=seconds)
