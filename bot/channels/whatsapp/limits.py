"""What WhatsApp and Twilio take, in numbers, and a check of texts against it before anybody sends them.

https://www.twilio.com/docs/content/twilio-quick-reply, twiliolist-picker and using-variables-with-content-api. Lengths
are counted in UTF-16 units, the larger of the two ways to count.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.channels.splitting import utf16_units
from bot.conversations.schemas import Button

LONGEST_TEXT = 1600
# The text above choices, and a template with its variables put in.
LONGEST_BODY = 1024
LONGEST_ID = 200
LONGEST_REPLY_TITLE = 20
LONGEST_ITEM_TITLE = 24
LONGEST_ITEM_DESCRIPTION = 72
MOST_REPLIES = 3
MOST_ITEMS = 10
MOST_VARIABLES = 100
# In the text of a content, this opens a variable.
PLACEHOLDER = "{{"

_VARIABLE = re.compile(r"\{\{([A-Za-z0-9_]{1,16})\}\}")
_NO_VALUE = re.compile(r"[\n\r\t]| {5}")


class Limit(StrEnum):
    """Which limit a text breaks; pages have the words for it."""

    EMPTY_TEXT = "empty_text"
    SEVERAL_MESSAGES = "several_messages"  # Longer than one message: it is cut.
    TOO_LONG_FOR_BUTTONS = "too_long_for_buttons"  # The choices are only numbered.
    SEVERAL_PAGES = "several_pages"  # More choices than a list has room for.
    EMPTY_TITLE = "empty_title"
    TITLE_CUT = "title_cut"  # Longer than a list shows.
    SAME_TITLE = "same_title"
    PAYLOAD_TOO_LONG = "payload_too_long"  # The choices are only numbered.
    PLACEHOLDER = "placeholder"  # Double braces mean a variable.

    STARTS_WITH_VARIABLE = "starts_with_variable"
    ENDS_WITH_VARIABLE = "ends_with_variable"
    ADJACENT_VARIABLES = "adjacent_variables"
    MALFORMED_VARIABLE = "malformed_variable"
    VARIABLES_NOT_IN_ORDER = "variables_not_in_order"
    TOO_MANY_VARIABLES = "too_many_variables"
    SAMPLE_MISSING = "sample_missing"
    SAMPLE_NOT_PLAIN = "sample_not_plain"  # Line breaks, tabs or long gaps in a value.
    TEMPLATE_TOO_LONG = "template_too_long"


def check(text: str, buttons: Sequence[Button]) -> list[str]:
    """The names of the limits that an answer breaks, for its editor; an empty list when it arrives as written."""
    titles = [button.title.strip() for button in buttons]
    menu = sum(utf16_units(title) + len("10. \n") for title in titles)
    whole = utf16_units(text.strip()) + menu
    broken = {
        Limit.EMPTY_TEXT: not text.strip(),
        Limit.SEVERAL_MESSAGES: whole > LONGEST_TEXT,
        Limit.TOO_LONG_FOR_BUTTONS: bool(buttons) and whole > LONGEST_BODY,
        Limit.SEVERAL_PAGES: len(buttons) > MOST_ITEMS,
        Limit.EMPTY_TITLE: "" in titles,
        Limit.TITLE_CUT: any(utf16_units(title) > LONGEST_ITEM_DESCRIPTION for title in titles),
        Limit.SAME_TITLE: len(set(titles)) < len(titles),
        Limit.PAYLOAD_TOO_LONG: any(utf16_units(button.payload) > LONGEST_ID for button in buttons),
        Limit.PLACEHOLDER: PLACEHOLDER in "\n".join([text, *titles]),
    }
    return [limit.value for limit, is_broken in broken.items() if is_broken]


def check_template(body: str, variables: Mapping[str, str]) -> list[str]:
    """The names of the rules by which WhatsApp would not approve a template; `variables` are its samples by name."""
    names = _VARIABLE.findall(body)
    pieces = [re.sub(r"[\W_]+", "", piece) for piece in _VARIABLE.split(body)[::2]]
    resolved = _VARIABLE.sub(lambda match: variables.get(match[1], ""), body)
    broken = {
        Limit.EMPTY_TEXT: not body.strip(),
        # Punctuation alone does not count as text.
        Limit.STARTS_WITH_VARIABLE: bool(names) and not pieces[0],
        Limit.ENDS_WITH_VARIABLE: bool(names) and not pieces[-1],
        Limit.ADJACENT_VARIABLES: not all(pieces[1:-1]),
        Limit.MALFORMED_VARIABLE: any(braces in "".join(_VARIABLE.split(body)[::2]) for braces in ("{{", "}}")),
        Limit.VARIABLES_NOT_IN_ORDER: not _is_complete(names),
        Limit.TOO_MANY_VARIABLES: _are_too_many(body, names),
        Limit.SAMPLE_MISSING: not all(variables.get(name, "").strip() for name in names),
        Limit.SAMPLE_NOT_PLAIN: any(_NO_VALUE.search(value) for value in variables.values()),
        Limit.TEMPLATE_TOO_LONG: utf16_units(resolved) > LONGEST_BODY,
    }
    return [limit.value for limit, is_broken in broken.items() if is_broken]


def _is_complete(names: Sequence[str]) -> bool:
    """Numbers begin at 1 and leave none out, in whatever order they stand."""
    numbers = {int(name) for name in names if name.isdecimal()}
    return numbers == set(range(1, len(numbers) + 1))


def _are_too_many(body: str, names: Sequence[str]) -> bool:
    """For x variables, WhatsApp wants 2x + 1 other words."""
    words = len(_VARIABLE.sub(" ", body).split())
    return len(names) > MOST_VARIABLES or (bool(names) and words < 2 * len(set(names)) + 1)
