"""Speech to text on this machine: faster-whisper with a model from a folder, nothing from anywhere else.

It is an optional extra (`requirements/voice.txt`). https://github.com/SYSTRAN/faster-whisper
"""

import importlib.util
import io
import itertools
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bot.errors import JawabError
from bot.nlu.text import clean

LIBRARY = "faster_whisper"
# What our citizens speak, as the model names it; Darija is Arabic to it.
SPOKEN = ("ar", "fr", "en")
# How FFmpeg is to read each type: never by a guess of its own, which could end at readers that fetch what a file names.
READERS = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/mp4": "mov",
    "video/mp4": "mov",
    "video/3gpp": "mov",
}
SAMPLES_PER_SECOND = 16_000
LONGEST_SPEECH_SECONDS = 120
LONGEST_WORK_SECONDS = 90.0
# Below this mean log-probability what was heard is mostly made up; the library's own threshold.
LEAST_SURE = -1.0


Sound = np.ndarray[Any, Any]


class HearingError(JawabError):
    """Nothing can be made of a recording: no sound, too long, or not a word that is sure."""


class Transcriber(Protocol):
    """Whoever makes text of speech; one recording at a time, and it may take as long as the speech."""

    def transcribe(self, content: bytes, mime_type: str) -> str:
        """What is said in a recording of a type; raises HearingError."""
        ...


def is_installed() -> bool:
    """Whether the optional extra is there."""
    return importlib.util.find_spec(LIBRARY) is not None


class Whisper:
    """A model that is loaded at the first recording, and hears one at a time on one core."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._model, self._alone = folder, None, threading.Lock()

    def transcribe(self, content: bytes, mime_type: str) -> str:
        """What is said in a recording of up to two minutes, in Arabic, French or English."""
        with self._alone:
            return self.words(_samples(content, mime_type), LONGEST_WORK_SECONDS)

    def words(self, sound: Sound, seconds: float) -> str:
        """What is said in a decoded recording, found within a time; raises HearingError."""
        return _text_of(_in_time(self._segments(sound), time.monotonic() + seconds))

    def _segments(self, sound: Sound) -> Iterable[Any]:
        # No second tries with other temperatures: they take many times as long, and rarely find words.
        manner = {"vad_filter": True, "condition_on_previous_text": False, "temperature": 0.0}
        model = self._loaded()
        segments, found = model.transcribe(sound, **manner)
        if found.language in SPOKEN:
            return segments  # type: ignore[no-any-return]
        chances = dict(found.all_language_probs or ())
        likeliest = max(SPOKEN, key=lambda language: chances.get(language, 0.0))
        return model.transcribe(sound, language=likeliest, **manner)[0]  # type: ignore[no-any-return]

    def _loaded(self) -> Any:
        if self._model is None:
            from faster_whisper import WhisperModel  # noqa: PLC0415 (only where the extra is installed)

            size: dict[str, Any] = {"compute_type": "int8", "cpu_threads": 1, "num_workers": 1}
            self._model = WhisperModel(str(self._folder), device="cpu", local_files_only=True, **size)
        return self._model


def _samples(content: bytes, mime_type: str) -> Sound:
    """A recording as the model wants it: mono, 16 kHz, from -1 to 1; decoded no further than we would listen."""
    from av import FFmpegError  # noqa: PLC0415 (it comes with the extra)

    if mime_type not in READERS:
        raise HearingError("no recording")
    pieces, count = [], 0
    try:
        for piece in _decoded(content, READERS[mime_type]):
            pieces.append(piece)
            count += piece.size
            if count > LONGEST_SPEECH_SECONDS * SAMPLES_PER_SECOND:
                raise HearingError("a recording that is too long")
    except (FFmpegError, ValueError) as error:
        raise HearingError("a recording that cannot be decoded") from error
    if not count:
        raise HearingError("a recording without sound")
    return np.concatenate(pieces).astype(np.float32) / 32768.0


def _decoded(content: bytes, reader: str) -> Iterator[Sound]:
    import av  # noqa: PLC0415

    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLES_PER_SECOND)
    with av.open(io.BytesIO(content), "r", format=reader, metadata_errors="ignore") as container:
        if not container.streams.audio:
            return
        for frame in itertools.chain(container.decode(audio=0), [None]):
            for piece in resampler.resample(frame):
                yield piece.to_ndarray().reshape(-1)


def _in_time(segments: Iterable[Any], ends_at: float) -> Iterator[Any]:
    for segment in segments:
        yield segment
        if time.monotonic() > ends_at:
            raise HearingError("a recording that takes too long")


def _text_of(segments: Iterable[Any]) -> str:
    """The words that are sure enough; to ask back with made-up ones would only puzzle."""
    heard = [segment for segment in segments if segment.avg_logprob >= LEAST_SURE]
    text = clean(" ".join(segment.text.strip() for segment in heard))
    if not any(letter.isalpha() for letter in text):
        raise HearingError("a recording without words")
    return text
