"""Several questions in one message: where one ends and the next begins."""

import re
from typing import List

LONGEST_PARTS = 3
SHORTEST_WORDS = 2

# A question mark or a full stop ends a question; so does "and" before a question word, in every variety.
_MARKS = re.compile(r"(?<=[?؟!.;؛])\s+|\n+")
_QUESTION_WORD = (
    r"(?:b?ch+[7h]al|b?ch[7h]al|chno|chnou|achno|chnahiya|kif(?:ach|ash)?|fin|fayn|imta|fo9ach|wa?ch|ch7al"
    r"|combien|comment|o[uù]|quand|quels?|quelles?|est-ce|c'est|what|how|where|when|which|who|is|do|can"
    r"|ب?شحال|شنو|شنوا|أشنو|اشنو|كيفاش|فين|فاين|إمتى|امتى|فوقاش|واش|كم|ما|ماذا|كيف|أين|اين|متى|هل|من)"
)
_AND = re.compile(
    r"\s*[,،]?\s+(?:(?:w|ou|o|wou|et|and|puis|also|aussi|و|أو|ثم)\s+(?="
    + _QUESTION_WORD
    + r"\b)|و(?="
    + _QUESTION_WORD
    + r"\b))",
    re.IGNORECASE,
)


def split_questions(text: str) -> List[str]:
    """The parts of a message that may be questions of their own, in order; one part when it is one question."""
    parts: List[str] = []
    for sentence in _MARKS.split(text.strip()):
        parts += [part.strip() for part in _AND.split(sentence)]
    long_enough = [part for part in parts if len(part.split()) >= SHORTEST_WORDS]
    return long_enough[:LONGEST_PARTS] if len(long_enough) > 1 else [text]
