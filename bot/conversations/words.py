"""What messages are found by: their words with the spelling folded, Arabic ones also without a glued article."""

from bot.nlu.text import normalise, stem

MOST_WORDS = 12


def folded(text: str) -> str:
    """A text as it lies in the index."""
    words = normalise(text).split()
    stems = [stem(word) for word in words]
    return " ".join(dict.fromkeys([*words, *stems]))


def query_of(text: str) -> str:
    """Words that a message must have, each as a beginning, in PostgreSQL's language; "" when there are none."""
    words = normalise(text).split()[:MOST_WORDS]
    return " & ".join(f"({word}:* | {stem(word)}:*)" for word in words)
