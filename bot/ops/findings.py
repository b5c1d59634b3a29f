"""What a look at the installation finds."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad a finding is; only FAIL stops a start."""

    OK = "✓"
    NOTE = "!"
    FAIL = "✗"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it (empty when nothing)."""

    level: Level
    subject: str
    words: str
    advice: str = ""
