"""Our own words around choices, in the language of the message or the nearest that has some."""

import json
from functools import lru_cache
from pathlib import Path

from bot.conversations.schemas import Outbound
from bot.nlu.languages import FALLBACKS, Language
from bot.nlu.text import has_arabic

FOLDER = Path(__file__).parent / "locale"


def language_of(outbound: Outbound) -> Language:
    """The message's own, else one with its letters."""
    if outbound.language in set(Language):
        return Language(outbound.language)
    return Language.ARABIC if has_arabic(outbound.text) else Language.FRENCH


@lru_cache(maxsize=len(Language))
def words_of(language: str) -> dict[str, str]:
    """The words in a variety, or in the nearest one that has its own; `language` among them is whose they are."""
    wanted = Language(language) if language in set(Language) else Language.ARABIC
    for one in (wanted, *FALLBACKS[wanted]):
        path = FOLDER / f"{one.value}.json"
        if path.is_file():
            return {"language": one.value, **json.loads(path.read_text(encoding="utf-8"))}
    raise LookupError(f"there are no words in {FOLDER}")
