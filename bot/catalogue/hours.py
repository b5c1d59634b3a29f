"""Whether an office is open now, and when it opens or closes next."""

import datetime as dt
from dataclasses import dataclass

from bot.catalogue.calendar import Calendar, is_ramadan, local_now
from bot.catalogue.schemas import Hours, Office

LOOK_AHEAD_DAYS = 15


@dataclass(frozen=True)
class OpenState:
    """`is_open` is None when no hours are known; `until` closes it, `next_at` opens it, both local times."""

    is_open: bool | None
    until: dt.datetime | None = None
    next_at: dt.datetime | None = None
    holiday_id: str | None = None
    ramadan: bool = False


def hours_on(office: Office, day: dt.date, holidays: Calendar) -> list[Hours]:
    """The periods of a day: none on a holiday, those of Ramadan in Ramadan where they are known."""
    if holidays.holiday_on(day):
        return []
    table = office.ramadan_hours if is_ramadan(day) and office.ramadan_hours else office.hours
    return [period for period in table if day.isoweekday() in period.weekdays]


def open_state(office: Office, now: dt.datetime, holidays: Calendar) -> OpenState:
    """The state of an office at an aware moment."""
    if office.always_open:
        return OpenState(is_open=True)
    if not office.hours:
        return OpenState(is_open=None)
    local = local_now(now)
    ramadan = is_ramadan(local.date())
    for period in hours_on(office, local.date(), holidays):
        if period.opens <= local.time() < period.closes:
            return OpenState(is_open=True, until=_at(local, 0, period.closes), ramadan=ramadan)
    holiday = holidays.holiday_on(local.date())
    return OpenState(
        is_open=False,
        next_at=_next_opening(office, local, holidays),
        holiday_id=holiday.holiday_id if holiday else None,
        ramadan=ramadan,
    )


def _next_opening(office: Office, local: dt.datetime, holidays: Calendar) -> dt.datetime | None:
    for days in range(LOOK_AHEAD_DAYS):
        day = local.date() + dt.timedelta(days=days)
        for period in sorted(hours_on(office, day, holidays), key=lambda p: p.opens):
            if days or period.opens > local.time():
                return _at(local, days, period.opens)
    return None


def _at(local: dt.datetime, days: int, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(local.date() + dt.timedelta(days=days), time, tzinfo=local.tzinfo)
