"""What the stand-in for Rasa says: each line of an answer names the question that it belongs to."""

import re
from dataclasses import dataclass
from typing import Any

from tests.crash.levers import Levers

# A question is `m012`, the press of a button below its answer `p012`; a line of an answer is `m012.03`.
QUESTION = re.compile(r"\b[mp]\d{3}\b")
LINE = re.compile(r"\b[mp]\d{3}\.\d{2}\b")
LINES_WHEN_LONG = 40
FILLER = "et voici ce que dit le texte de la commune à ce sujet, mot pour mot, pour remplir la ligne jusqu’au bout"
LONG_PAYLOAD = "x" * 60


@dataclass(frozen=True)
class Answers:
    """Answers of one line or of many, with buttons when asked for; the levers hold them back."""

    levers: Levers

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one question."""
        self.levers.hold()
        words = f"{body.get('payload') or ''} {body.get('text') or ''}"
        found = QUESTION.search(words)
        message: dict[str, Any] = {"text": self._text(words, found.group() if found else "")}
        if found and "choix ?" in words:
            message["buttons"] = _buttons(found.group())
        return {
            "acts": [{"intent": {"name": "greet", "confidence": 0.9}, "ranking": []}],
            "understood": ["greet"],
            "messages": [message],
        }

    def _text(self, words: str, token: str) -> str:
        if not token:
            return f"echo: {words.strip()}"
        count = LINES_WHEN_LONG if self.levers.verbose.value or "en détail" in words else 1
        return "\n".join(f"{token}.{number:02} {FILLER}" for number in range(count))


def _buttons(token: str) -> list[dict[str, str]]:
    pressed = f"p{token[1:]}"
    payloads = (f'/ask_fee{{"chosen": "{pressed}"}}', f'/ask_documents{{"chosen": "{pressed} {LONG_PAYLOAD}"}}')
    return [{"title": f"{name} {pressed}", "payload": payload} for name, payload in zip("AB", payloads, strict=True)]
