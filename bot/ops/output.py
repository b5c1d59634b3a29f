"""The lines that processes write: on the terminal after the process's name, and in a file for each."""

import logging
import logging.handlers
import re
from collections import deque
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLOURS = {
    "postgres": "blue",
    "redis": "red",
    "actions": "yellow",
    "rasa": "magenta",
    "web": "green",
    "worker": "cyan",
}
NAME_WIDTH = 9
FILE_BYTES = 5_000_000
KEPT_FILES = 3
KEPT_LINES = 15
MAX_LINE = 8_000
# What old libraries say to their authors; the file has it, the terminal does without.
NOISE = re.compile(r"\.py:\d+: \w*DeprecationWarning: |^Implementing implicit namespace packages ")
CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


class Output:
    """Takes the bytes that one process writes, and remembers its last lines."""

    def __init__(self, name: str, folder: Path, console: Console) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.last: deque[str] = deque(maxlen=KEPT_LINES)
        self._console = console
        self._style = COLOURS.get(name, "white")
        self._rest = b""
        self._is_noisy = False
        self._file = logging.handlers.RotatingFileHandler(
            folder / f"{name}.log", maxBytes=FILE_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
        )

    def feed(self, data: bytes) -> None:
        """Take some bytes; a line is shown when it is complete or too long to wait for its end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._line(line)

    def finish(self) -> None:
        """Show what came without an end of line."""
        if self._rest:
            self._line(self._rest)
            self._rest = b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _line(self, raw: bytes) -> None:
        line = CONTROL.sub("", raw.decode("utf-8", "replace")).rstrip()[:MAX_LINE]
        if not line:
            return
        self.last.append(line)
        self._file.emit(logging.LogRecord(self.name, logging.INFO, "", 0, line, None, None))
        if self._is_noise(line):
            return
        prefix = (f"{self.name:<{NAME_WIDTH}} ", self._style)
        self._console.print(Text.assemble(prefix, line), soft_wrap=True)

    def _is_noise(self, line: str) -> bool:
        """A deprecation warning, or the line of source that Python shows after it."""
        if NOISE.search(line):
            self._is_noisy = True
            return True
        follows, self._is_noisy = self._is_noisy, False
        return follows and line.startswith("  ")
