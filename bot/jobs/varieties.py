"""In which variety a message is replied to, given what its conversation knows."""

from bot.conversations.models import Conversation
from bot.conversations.schemas import Inbound
from bot.dialogue.language import Detector, has_words, reply_language
from bot.nlu.languages import Language


def language_of(detector: Detector, inbound: Inbound, conversation: Conversation) -> Language:
    """The variety to reply in; the page's own language serves until the citizen has written."""
    known = conversation.language or inbound.language
    previous = Language(known) if known in set(Language) else None
    if not inbound.text or inbound.payload:
        return previous or Language.ARABIC
    if conversation.language is None:
        # What the citizen writes tells more than the page that they came by.
        is_telling = has_words(inbound.text)
        return reply_language(detector, inbound.text, None) if is_telling else previous or Language.ARABIC
    return reply_language(detector, inbound.text, previous, chosen=conversation.language_chosen)


def spoken_language_of(detector: Detector, inbound: Inbound, conversation: Conversation) -> Language:
    """The same for words that were spoken: their letters are the transcriber's choice, not the citizen's."""
    found = language_of(detector, inbound, conversation)
    writes_latin = conversation.language == Language.DARIJA_LATIN.value
    return Language.DARIJA_LATIN if writes_latin and found.is_right_to_left else found
