"""What happened in a run, in lines that a person can read."""

import time
from dataclasses import dataclass, field


@dataclass
class Story:
    """Lines with their moment; any thread may tell one."""

    began_at: float = field(default_factory=time.monotonic)
    lines: list[tuple[float, str]] = field(default_factory=list)

    def tell(self, words: str, at: float | None = None) -> None:
        """Note what happened now, or at a moment of the monotonic clock."""
        self.lines.append((time.monotonic() if at is None else at, words))

    def __str__(self) -> str:
        """The lines in the order of their moments."""
        return "\n".join(f"{at - self.began_at:8.3f} s  {words}" for at, words in sorted(self.lines))
