"""The rules that deadlines follow, as files hold them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.catalogue.schema_types import MonthDay, NameTexts, Strict, check_day


class Shift(StrEnum):
    """What happens to a last day that is no working day."""

    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"


class AnnualRule(Strict):
    """The same day each year; `last` is the last day of the month."""

    type: Literal["annual"]
    month: int = Field(ge=1, le=12)
    day: Annotated[int, Field(ge=1, le=31)] | Literal["last"]
    opens: MonthDay | None = None
    shift: Shift = Shift.NONE

    @model_validator(mode="after")
    def _real_day(self) -> "AnnualRule":
        if self.day != "last":
            check_day(self.month, self.day)
        return self


class MonthlyRule(Strict):
    """The same day each month; a day past the month's end means its last day."""

    type: Literal["monthly"]
    day: Annotated[int, Field(ge=1, le=31)] | Literal["last"]
    shift: Shift = Shift.NONE


class WindowRule(Strict):
    """A period each year; it may run over the new year."""

    type: Literal["window"]
    start: MonthDay
    end: MonthDay
    shift: Shift = Shift.NONE


class DatesRule(Strict):
    """Several days each year."""

    type: Literal["dates"]
    dates: list[MonthDay] = Field(min_length=1)
    shift: Shift = Shift.NONE


class Span(Strict):
    """A length of time on the calendar."""

    amount: int = Field(ge=1)
    unit: Literal["days", "months", "years"]


class RelativeRule(Strict):
    """So long after something that happened to the citizen."""

    type: Literal["relative"]
    event: NameTexts
    within: Span
    within_abroad: Span | None = None
    shift: Shift = Shift.NONE


Rule = Annotated[AnnualRule | MonthlyRule | WindowRule | DatesRule | RelativeRule, Field(discriminator="type")]
