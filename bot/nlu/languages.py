"""The language varieties that citizens write and that Jawab answers in."""

from enum import Enum


class Language(str, Enum):
    """A variety of written language; the value is its code in data files, slots and the database."""

    ARABIC = "ar"
    DARIJA = "ary"
    DARIJA_LATIN = "ary-latn"
    FRENCH = "fr"
    ENGLISH = "en"

    @property
    def is_right_to_left(self) -> bool:
        """Whether the variety is written in Arabic letters."""
        return self in (Language.ARABIC, Language.DARIJA)


# Where to look next when a text is missing in a variety: the nearest first.
FALLBACKS: "dict[Language, tuple[Language, ...]]" = {
    Language.ARABIC: (Language.FRENCH, Language.ENGLISH),
    Language.DARIJA: (Language.ARABIC, Language.FRENCH, Language.ENGLISH),
    Language.DARIJA_LATIN: (Language.FRENCH, Language.ARABIC, Language.ENGLISH),
    Language.FRENCH: (Language.ARABIC, Language.ENGLISH),
    Language.ENGLISH: (Language.FRENCH, Language.ARABIC),
}
