"""A small made-up catalogue, and ways to spoil it."""

from pathlib import Path

EVERY_KIND = Path(__file__).parent / "every_kind.yaml"


def spoilt(old: str, new: str) -> str:
    """The sample with the first `old` replaced."""
    text = EVERY_KIND.read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1)
