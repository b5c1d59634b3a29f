"""The domain's words in the citizen's language: actions have none of their own."""

from collections.abc import Mapping
from typing import Any

from bot.errors import JawabError
from bot.formats import isolate
from bot.nlu.languages import FALLBACKS, Language

# Reading the next variety needs no apology here: Darija is told in Arabic, Latin-letter Darija beside French.
CLOSE_ENOUGH = {
    Language.DARIJA: {Language.ARABIC},
    Language.DARIJA_LATIN: {Language.FRENCH},
}


class PhraseError(JawabError):
    """A response is missing in the domain, or in one language."""


class Phrases:
    """Looks up responses and catalogue texts in one language, and remembers when another had to serve."""

    def __init__(self, domain: Mapping[str, Any], language: Language) -> None:
        self._responses: Mapping[str, Any] = domain.get("responses", {})
        self.language = language
        self.borrowed: set[Language] = set()

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of response `name` with its placeholders filled; raises PhraseError when it has none."""
        for variation in self._responses.get(name, ()):
            if _is_for(variation, self.language):
                return str(variation["text"]).format(**values)
        raise PhraseError(f"The domain has no {name} in {self.language.value}")

    def into(self, language: Language) -> "Phrases":
        """The same responses in another language."""
        return Phrases({"responses": self._responses}, language)

    def text(self, texts: Mapping[Language, str]) -> str:
        """A catalogue text in the language, or in the nearest one that it exists in."""
        if self.language in texts:
            return self.mark(texts[self.language])
        for other in FALLBACKS[self.language]:
            if other in texts:
                if other not in CLOSE_ENOUGH.get(self.language, ()):
                    self.borrowed.add(other)
                return self.mark(texts[other])
        raise PhraseError("A catalogue text has no language at all")

    def mark(self, text: str) -> str:
        """Keep Latin words together in right-to-left text."""
        return isolate(text, self.language)

    def apology(self) -> list[str]:
        """A line for each language that had to serve instead."""
        return [
            self("utter_other_language", language_name=self(f"utter_language_name_{other.value}"))
            for other in sorted(self.borrowed)
        ]


def _is_for(variation: Mapping[str, Any], language: Language) -> bool:
    return any(
        condition.get("name") == "language" and condition.get("value") == language.value
        for condition in variation.get("condition", ())
    )
