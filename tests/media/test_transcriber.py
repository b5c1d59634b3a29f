"""Recordings as the speech model wants them, decoded by the library of the optional extra itself."""

import io
from typing import Any

import numpy as np
import pytest

from bot.media import transcriber
from bot.media.filetypes import find_type
from bot.media.transcriber import SAMPLES_PER_SECOND, HearingError

av: Any = pytest.importorskip("av", reason="the extra is not installed: python3 scripts/setup.py voice")


def recording(seconds: float, *, codec: str, container: str, rate: int) -> bytes:
    """A tone, as telephones record: Opus in Ogg, AAC in MP4, MP3."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.layout = "mono"
        tone = 0.3 * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate)
        frame = av.AudioFrame.from_ndarray(tone.astype(np.float32).reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = rate
        size = stream.codec_context.frame_size or 960
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=size)
        for piece in [*resampler.resample(frame), None]:
            out.mux(stream.encode(piece))
    return file.getvalue()


@pytest.mark.parametrize(
    ("codec", "container", "rate"), [("libopus", "ogg", 48_000), ("aac", "mp4", 44_100), ("libmp3lame", "mp3", 44_100)]
)
def test_what_telephones_record_is_decoded(codec: str, container: str, rate: int) -> None:
    content = recording(3, codec=codec, container=container, rate=rate)
    sound = transcriber._samples(content, find_type(content) or "")
    assert sound.dtype == np.float32
    assert abs(len(sound) / SAMPLES_PER_SECOND - 3) < 0.1
    assert 0.2 < float(np.abs(sound).max()) < 0.5


@pytest.mark.parametrize("content", [b"", b"OggS" + b"x" * 500])
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(HearingError):
        transcriber._samples(content, "audio/ogg")


def test_a_speech_is_decoded_no_further_than_we_would_listen() -> None:
    content = recording(125, codec="libopus", container="ogg", rate=48_000)
    with pytest.raises(HearingError, match="too long"):
        transcriber._samples(content, "audio/ogg")
