"""Days, rules and holidays to try, real and made up."""

import datetime as dt

from hypothesis import strategies as st

from bot.catalogue.calendar import Calendar
from bot.catalogue.rules import AnnualRule, DatesRule, MonthlyRule, Shift, WindowRule
from bot.catalogue.schemas import Confidence, FixedHoliday, MovingHoliday
from bot.nlu.languages import Language

NAMES = {Language.ARABIC: "عيد", Language.FRENCH: "Fête", Language.ENGLISH: "Feast"}
# Hijri month, day and length of Morocco's lunar holidays: new year, Mawlid, Eid al-Fitr, Eid al-Adha.
LUNAR = {"new_year": (1, 1, 1), "mawlid": (3, 12, 2), "eid_fitr": (10, 1, 2), "eid_adha": (12, 10, 2)}


def fixed(month: int, day: int) -> FixedHoliday:
    """A holiday on the same day each year."""
    holiday_id = f"fixed_{month}_{day}"
    return FixedHoliday(id=holiday_id, type="fixed", month=month, day=day, names=NAMES, confidence=Confidence.HIGH)


def moving(name: str, *announced_on: dt.date) -> MovingHoliday:
    """One of the lunar holidays, with the dates that were announced."""
    month, day, days = LUNAR[name]
    return MovingHoliday(
        id=name,
        type="moving",
        hijri_month=month,
        hijri_day=day,
        days=days,
        announced_on=list(announced_on),
        names=NAMES,
        confidence=Confidence.HIGH,
    )


MOROCCO = Calendar(
    [
        *(
            fixed(m, d)
            for m, d in ((1, 1), (1, 11), (1, 14), (5, 1), (7, 30), (8, 14), (8, 20), (8, 21), (11, 6), (11, 18))
        ),
        *(moving(name) for name in LUNAR),
    ]
)

days = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
leap_days = st.sampled_from([dt.date(year, 2, 29) for year in range(2000, 2060, 4)])
any_day = days | leap_days
shifts = st.sampled_from(Shift)
days_of_month = st.integers(1, 31) | st.just("last")
month_days = any_day.map(lambda day: f"{day:%m-%d}")

annual_rules = st.builds(
    lambda day, opens, shift, is_last: AnnualRule(
        type="annual", month=day.month, day="last" if is_last else day.day, opens=opens, shift=shift
    ),
    any_day,
    st.none() | month_days,
    shifts,
    st.booleans(),
)
monthly_rules = st.builds(MonthlyRule, type=st.just("monthly"), day=days_of_month, shift=shifts)
window_rules = st.builds(WindowRule, type=st.just("window"), start=month_days, end=month_days, shift=shifts)
dates_rules = st.builds(
    DatesRule, type=st.just("dates"), dates=st.lists(month_days, min_size=1, max_size=5, unique=True), shift=shifts
)
rules = annual_rules | monthly_rules | window_rules | dates_rules
