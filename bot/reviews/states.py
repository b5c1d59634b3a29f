"""What a message can be marked as."""

from enum import StrEnum


class Kind(StrEnum):
    """Why somebody should look at it."""

    WRONG_ANSWER = "wrong_answer"  # Of the bot's: an example for training.
    NEW_ENTRY = "new_entry"  # Of staff's: a question and its answer for the catalogue.


# Whose messages may be marked so.
OF = {Kind.WRONG_ANSWER: "bot", Kind.NEW_ENTRY: "staff"}
