"""A stand-in for whoever makes text of speech: a recording holds what it says."""

import threading
from dataclasses import dataclass, field

from bot.media.transcriber import HearingError

BEGINNING = b"OggS"


def recording(words: str) -> bytes:
    """A voice note that says these words; none for noise."""
    return BEGINNING + words.encode()


@dataclass
class Listener:
    """What it was given to hear; it waits for `released` when `is_slow`."""

    heard: list[str] = field(default_factory=list)
    is_slow: bool = False
    released: threading.Event = field(default_factory=threading.Event)

    def transcribe(self, content: bytes, mime_type: str) -> str:
        """The words of a recording; raises HearingError when there are none."""
        assert mime_type == "audio/ogg"
        if self.is_slow:
            self.released.wait(30)
        self.heard.append(content.removeprefix(BEGINNING).decode())
        if not self.heard[-1]:
            raise HearingError("a recording without words")
        return self.heard[-1]
