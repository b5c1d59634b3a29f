"""Several questions in one message: where one ends and the next begins."""

import re
from typing import List, Optional

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


_CLAUSES = re.compile(r"(?<=[,،.;:!])\s+|\n+")
_ASKS = re.compile(r"(?:(?:w|et|and|ou|و)\s*)?" + _QUESTION_WORD + r"\b", re.IGNORECASE)


def split_questions(text: str) -> List[str]:
    """The parts of a message that may be questions of their own, in order; one part when it is one question."""
    parts: List[str] = []
    for sentence in _MARKS.split(text.strip()):
        parts += [part.strip() for part in _AND.split(sentence)]
    long_enough = [part for part in parts if len(part.split()) >= SHORTEST_WORDS]
    return long_enough[:LONGEST_PARTS] if len(long_enough) > 1 else [text]


def closing_question(text: str) -> Optional[str]:
    """The last clause of a message, when something is told before it and it begins with a question word."""
    clauses = [clause.strip() for clause in _CLAUSES.split(text.strip()) if clause.strip()]
    if len(clauses) > 1 and len(clauses[-1].split()) >= SHORTEST_WORDS and _ASKS.match(clauses[-1]):
        return clauses[-1]
    return None
