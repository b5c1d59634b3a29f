"""What being late costs: months begun, rates, bounds; and the delay that a citizen speaks of."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.deadlines import last_date
from bot.catalogue.penalties import delay_said, months_late, surcharge
from bot.catalogue.rules import AnnualRule, RelativeRule
from bot.catalogue.schemas import Penalty
from bot.nlu.languages import Language
from tests.actions.catalogue import shipped_snapshot

TEXT = {Language.ARABIC: "غرامة", Language.FRENCH: "amende", Language.ENGLISH: "fine"}
TAX = Penalty(text=TEXT, first_month_percent=Decimal(15), monthly_percent=Decimal("0.5"), minimum_centimes=10_000)
END_OF_JANUARY = dt.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("paid_on", "months"),
    [
        ("2026-01-31", 0),
        ("2026-02-01", 1),
        ("2026-02-20", 1),
        ("2026-02-28", 1),
        ("2026-03-01", 2),
        ("2026-11-22", 10),
        ("2027-02-01", 13),
    ],
)
def test_a_month_begun_counts_whole(paid_on: str, months: int) -> None:
    assert months_late(END_OF_JANUARY, dt.date.fromisoformat(paid_on)) == months


@given(due=st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), days=st.integers(-400, 4000))
def test_the_longer_the_delay_the_more_months(due: dt.date, days: int) -> None:
    paid = due + dt.timedelta(days=days)
    months = months_late(due, paid)
    assert (months == 0) == (days <= 0)
    assert months <= months_late(due, paid + dt.timedelta(days=1)) <= months + 1


@pytest.mark.parametrize(
    ("months", "due", "percent", "centimes"),
    [
        (1, 150_000, "15", 22_500),
        (3, 150_000, "16.0", 24_000),
        (1, 35_000, "15", 10_000),  # 52.50 DH: the least is 100 DH.
        (10, None, "19.5", None),
    ],
)
def test_the_surcharge_follows_the_rates_and_the_minimum(
    months: int, due: int | None, percent: str, centimes: int | None
) -> None:
    found = surcharge(TAX, months, due)
    assert found is not None
    assert (found.percent, found.centimes) == (Decimal(percent), centimes)


def test_a_maximum_bounds_the_surcharge() -> None:
    capped = TAX.model_copy(update={"maximum_centimes": 20_000})
    found = surcharge(capped, 1, 1_000_000)
    assert found is not None
    assert found.centimes == 20_000


def test_no_rates_or_no_delay_cost_nothing_that_can_be_computed() -> None:
    assert surcharge(Penalty(text=TEXT, minimum_centimes=30_000), 3, 10_000) is None
    assert surcharge(TAX, 0, 10_000) is None


def test_every_shipped_penalty_with_rates_can_be_computed() -> None:
    rated = [one.penalty for one in shipped_snapshot().deadlines if one.penalty and one.penalty.first_month_percent]
    assert len(rated) >= 3
    assert all(surcharge(penalty, 2, 100_000) for penalty in rated)


def test_the_last_missed_date_is_before_today() -> None:
    rule = AnnualRule(type="annual", month=1, day=31)
    missed = last_date(rule, dt.date(2026, 2, 1))
    assert missed is not None
    assert missed.due_on == END_OF_JANUARY
    on_the_day = last_date(rule, END_OF_JANUARY)
    assert on_the_day is not None
    assert on_the_day.due_on.year == 2025


def test_a_delay_after_an_event_has_no_last_date() -> None:
    relative = next(one.rule for one in shipped_snapshot().deadlines if isinstance(one.rule, RelativeRule))
    assert last_date(relative, END_OF_JANUARY) is None


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("un retard de 2 mois", 2),
        ("I am 3 months late", 3),
        ("تأخرت شهرين", 2),
        ("تعطلت بشهر واحد", 1),
        ("t3ettelt b chehrayn", 2),
        ("t3ettelt 3 chhour", 3),
        ("تعطلت ٤ شهور", 4),
        ("avant le mois de janvier", None),
        ("في شهر يناير", None),
        ("je n'ai pas payé", None),
    ],
)
def test_a_delay_is_read_from_the_citizens_words(text: str, months: int | None) -> None:
    assert delay_said(text) == months
