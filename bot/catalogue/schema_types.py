"""The kinds of values that catalogue files hold, and what makes one wrong."""

import calendar
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from bot.nlu.languages import Language

EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
# No letter that the database cannot hold.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]
Texts = dict[Language, Text]
TextLists = dict[Language, list[Text]]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=600)]
SOME_LEAP_YEAR = 2000


def check_day(month: int, day: int, year: int = SOME_LEAP_YEAR) -> None:
    """Raises ValueError when a month has no such day; without a year, February has 29."""
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise ValueError(f"month {month} has no day {day}")


def _month_day(text: str) -> str:
    month, day = map(int, text.split("-"))
    check_day(month, day)
    return text


def _loose_date(text: str) -> str:
    year, *month_day = map(int, text.split("-"))
    if len(month_day) > 1:
        check_day(month_day[0], month_day[1], year)
    return text


MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-[0-9]{2}$"), AfterValidator(_month_day)]
# A day, a month or a year, as precise as the source is: 2026-01-21, 2026-01 or 2026.
LooseDate = Annotated[
    str, StringConstraints(pattern=r"^[12][0-9]{3}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?$"), AfterValidator(_loose_date)
]


def check_languages(texts: Texts, *languages: Language) -> Texts:
    """The same texts; raises the fault `language_missing` when they lack one of these languages."""
    missing = ", ".join(language.value for language in languages if language not in texts)
    if missing:
        raise PydanticCustomError("language_missing", "language missing: {missing}", {"missing": missing})
    return texts


def _require(*languages: Language) -> AfterValidator:
    return AfterValidator(lambda texts: check_languages(texts, *languages))


# The languages of names, and of whatever is told in full.
PUBLIC = (Language.ARABIC, Language.FRENCH, Language.ENGLISH)
PublicTexts = Annotated[Texts, _require(Language.ARABIC, Language.FRENCH)]
NameTexts = Annotated[Texts, _require(*PUBLIC)]


class Strict(BaseModel):
    """The base of all file models: unknown fields are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
