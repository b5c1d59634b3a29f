"""What a message can be marked as, and what comes of that."""

from enum import StrEnum


class Kind(StrEnum):
    """Why somebody should look at it."""

    WRONG_ANSWER = "wrong_answer"  # Of the bot's: an example for training.
    NEW_ENTRY = "new_entry"  # Of staff's: a question and its answer for the catalogue.


class Verdict(StrEnum):
    """What a reviewer says of it."""

    DONE = "done"  # It is said what would have been right, or the entry is there.
    BOT_WAS_RIGHT = "bot_was_right"
    DROPPED = "dropped"  # Nothing to be learned from it.


# Whose messages may be marked so.
OF = {Kind.WRONG_ANSWER: "bot", Kind.NEW_ENTRY: "staff"}
OUT_OF_SCOPE = "out_of_scope"
# What a message can be meant as: the intents of domain.yml but for the one that means none.
ACTS = (
    *("ask_procedure", "ask_documents", "ask_fee", "ask_duration", "ask_eligibility", "ask_office", "ask_deadline"),
    *("list_deadlines", "subscribe_alerts", "unsubscribe_alerts", "find_office", "talk_to_human", "file_complaint"),
    *("track_case", "check_rumour", "verify_message", "emergency", "give_feedback", "take_survey", "change_language"),
    *("privacy_request", "ask_capabilities", "greet", "goodbye", "thank", "affirm", "deny", OUT_OF_SCOPE),
)
