"""A measure that a citizen has to stay below, compared with the number that they tell."""

import re
from decimal import Decimal

from bot.catalogue.fees import without_amounts
from bot.catalogue.schemas import Ceiling
from bot.nlu.features import Glossary

# A bare whole number may be an age or an amount; one with a fraction is a score.
_FRACTION = re.compile(r"(?<![\d.,/])(\d{1,3})[.,٫](\d{1,9})(?![.,/]?\d)")
_WHOLE = re.compile(r"(?<![\d.,/])(\d{1,3})(?![.,/]?\d)")
# What is so many times the ceiling is something else.
FAR = 3


def measure_said(text: str, ceiling: Ceiling, glossary: Glossary) -> Decimal | None:
    """The citizen's own measure, if the text tells one."""
    digits = without_amounts(text)
    found = [Decimal(f"{whole}.{fraction}") for whole, fraction in _FRACTION.findall(digits)]
    if not found and f"§{ceiling.measure}" in glossary.tokens_of(text):
        found = [Decimal(whole) for whole in _WHOLE.findall(digits)]
    return next((one for one in found if 0 < one < FAR * ceiling.below), None)
