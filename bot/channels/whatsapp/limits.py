"""What WhatsApp and Twilio take, in numbers, and a check of texts against it before anybody sends them.

https://www.twilio.com/docs/content/twilio-quick-reply, twiliolist-picker and using-variables-with-content-api. Lengths
are counted in UTF-16 units, the larger of the two ways to count.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.channels.splitting import split, utf16_units
from bot.conversations.schemas import Button
from bot.senders.schemas import PLACE

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
# Meta's pair rate: what one citizen gets at once, before it is a message in six seconds.
MOST_MESSAGES = 10
# Parts of a long text are numbered.
LONGEST_NUMBERING = len("(999/999)\n")
# In the text of a content, this opens a variable.
PLACEHOLDER = "{{"

_NO_VALUE = re.compile(r"[\n\r\t]| {5}")


class Limit(StrEnum):
    """Which limit a text breaks; WORDS tells it to its editor."""

    EMPTY_TEXT = "empty_text"
    SEVERAL_MESSAGES = "several_messages"
    TOO_MANY_MESSAGES = "too_many_messages"
    TOO_LONG_FOR_BUTTONS = "too_long_for_buttons"
    SEVERAL_PAGES = "several_pages"
    EMPTY_TITLE = "empty_title"
    TITLE_CUT = "title_cut"
    SAME_TITLE = "same_title"
    PAYLOAD_TOO_LONG = "payload_too_long"
    PLACEHOLDER = "placeholder"

    STARTS_WITH_VARIABLE = "starts_with_variable"
    ENDS_WITH_VARIABLE = "ends_with_variable"
    ADJACENT_VARIABLES = "adjacent_variables"
    MALFORMED_VARIABLE = "malformed_variable"
    VARIABLES_NOT_IN_ORDER = "variables_not_in_order"
    TOO_MANY_VARIABLES = "too_many_variables"
    SAMPLE_MISSING = "sample_missing"
    SAMPLE_NOT_PLAIN = "sample_not_plain"
    TEMPLATE_TOO_LONG = "template_too_long"


WORDS: dict[str, str] = {
    Limit.EMPTY_TEXT: "there is no text",
    Limit.SEVERAL_MESSAGES: f"longer than the {LONGEST_TEXT} characters of one message: it arrives cut into several",
    Limit.TOO_MANY_MESSAGES: f"more than {MOST_MESSAGES} messages, and a citizen gets no more at once",
    Limit.TOO_LONG_FOR_BUTTONS: f"with its choices more than {LONGEST_BODY} characters: they can only be numbered",
    Limit.SEVERAL_PAGES: f"more than the {MOST_ITEMS} choices of a list: they come in pages",
    Limit.EMPTY_TITLE: "a choice has no words",
    Limit.TITLE_CUT: f"a choice is longer than {LONGEST_ITEM_DESCRIPTION} characters: a list shows it cut",
    Limit.SAME_TITLE: "two choices have the same words",
    Limit.PAYLOAD_TOO_LONG: f"what a choice sends is longer than {LONGEST_ID} characters: it can only be numbered",
    Limit.PLACEHOLDER: f"{PLACEHOLDER} means a variable: the choices can only be numbered",
    Limit.STARTS_WITH_VARIABLE: "it begins with a variable: put a word before it",
    Limit.ENDS_WITH_VARIABLE: "it ends with a variable: put a word after it; a dot is none",
    Limit.ADJACENT_VARIABLES: "two variables stand side by side: put a word between them",
    Limit.MALFORMED_VARIABLE: "a variable is written {{1}}, with two braces on each side and nothing else between",
    Limit.VARIABLES_NOT_IN_ORDER: "the numbers of variables begin at {{1}} and leave none out",
    Limit.TOO_MANY_VARIABLES: "too few words for so many variables: WhatsApp wants twice as many, and one more",
    Limit.SAMPLE_MISSING: "each variable needs an example of its value",
    Limit.SAMPLE_NOT_PLAIN: "an example has a line break, a tabulator or five spaces: a value is one plain line",
    Limit.TEMPLATE_TOO_LONG: f"longer than {LONGEST_BODY} characters with its examples put in",
}
# Something of it would not arrive; the rest arrives in another form.
FATAL = {Limit.EMPTY_TEXT, Limit.TOO_MANY_MESSAGES, Limit.EMPTY_TITLE}


def check(text: str, buttons: Sequence[Button]) -> list[str]:
    """The names of the limits that an answer breaks, for its editor; an empty list when it arrives as written."""
    titles = [button.title.strip() for button in buttons]
    menu = sum(utf16_units(title) + len("10. \n") for title in titles[:MOST_ITEMS])
    whole = utf16_units(text.strip()) + menu
    broken = {
        Limit.EMPTY_TEXT: not text.strip(),
        Limit.SEVERAL_MESSAGES: whole > LONGEST_TEXT,
        Limit.TOO_MANY_MESSAGES: len(split(text, LONGEST_TEXT - LONGEST_NUMBERING, utf16_units)) > MOST_MESSAGES,
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
    names = PLACE.findall(body)
    pieces = [re.sub(r"[\W_]+", "", piece) for piece in PLACE.split(body)[::2]]
    resolved = PLACE.sub(lambda match: variables.get(match[1], ""), body)
    broken = {
        Limit.EMPTY_TEXT: not body.strip(),
        # Punctuation alone does not count as text.
        Limit.STARTS_WITH_VARIABLE: bool(names) and not pieces[0],
        Limit.ENDS_WITH_VARIABLE: bool(names) and not pieces[-1],
        Limit.ADJACENT_VARIABLES: not all(pieces[1:-1]),
        Limit.MALFORMED_VARIABLE: any(braces in "".join(PLACE.split(body)[::2]) for braces in ("{{", "}}")),
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
    words = len(PLACE.sub(" ", body).split())
    return len(names) > MOST_VARIABLES or (bool(names) and words < 2 * len(set(names)) + 1)
