"""What paying late costs: the surcharge of a penalty with rates, from the last day and the day of payment."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bot.catalogue.fees import normalise_digits
from bot.catalogue.schemas import Penalty
from bot.nlu.text import normalise

LONGEST_DELAY_MONTHS = 120
_MONTH = r"(?:mois|months?|[sc]hh?ou?r|[sc]hh?[ae]r|[sc]hhr|اشهر|شهور|شهرا?)"
_MONTHS = re.compile(rf"\b(\d{{1,3}})\s*(?:d\s+)?{_MONTH}\b")
_TWO = re.compile(r"\b(?:ب?شهرين|شهران|[sc]h[ae]?hr[ae]?[iy]e?n|deux mois|two months|jouj [sc]hh?ou?r|جوج شهور)\b")
_ONE = re.compile(
    r"\b(?:un mois|one month|a month|شهر واحد|شهرا واحدا|واحد الشهر|غير شهر|شي شهر|بشهر"
    r"|(?:wa7d|wahd|ghir|chi|b) [sc]hh?e?r|[sc]hh?e?r wa7e?d)\b"
)


@dataclass(frozen=True)
class Surcharge:
    """A surcharge after `months` (begun months count): a percentage of what is due, within bounds; money in centimes.

    `centimes` is None when what is due is not known.
    """

    months: int
    percent: Decimal
    minimum_centimes: int | None
    centimes: int | None


def months_late(due_on: dt.date, paid_on: dt.date) -> int:
    """Months or parts of a month since the last day; 0 when paid in time."""
    if paid_on <= due_on:
        return 0
    first_late = due_on + dt.timedelta(days=1)
    whole = (paid_on.year - first_late.year) * 12 + paid_on.month - first_late.month
    return whole + (1 if paid_on.day >= first_late.day else 0)


def surcharge(penalty: Penalty, months: int, due_centimes: int | None = None) -> Surcharge | None:
    """What a delay of so many begun months costs; None when the penalty has no rates or there is no delay."""
    if penalty.first_month_percent is None or months < 1:
        return None
    percent = penalty.first_month_percent + (months - 1) * (penalty.monthly_percent or Decimal(0))
    if due_centimes is None:
        return Surcharge(months, percent, penalty.minimum_centimes, None)
    centimes = int((due_centimes * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
    centimes = max(centimes, penalty.minimum_centimes or 0)
    if penalty.maximum_centimes is not None:
        centimes = min(centimes, penalty.maximum_centimes)
    return Surcharge(months, percent, penalty.minimum_centimes, centimes)


def delay_said(text: str) -> int | None:
    """The months of delay that a text speaks of ("deux mois", شهرين, "3 chhour"), or None."""
    folded = normalise(normalise_digits(text))
    matched = _MONTHS.search(folded)
    if matched:
        return min(int(matched[1]), LONGEST_DELAY_MONTHS) or None
    if _TWO.search(folded):
        return 2
    return 1 if _ONE.search(folded) else None
