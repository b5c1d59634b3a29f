"""From a message to what WhatsApp shows: texts of at most 1600 characters, choices to press, the same as a menu.

The choices are always in the text too, so that a bare number is an answer on every device, also long after the buttons
went. More of them than a list has room for come in pages, whose last line leads to the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.channels.splitting import split, utf16_units
from bot.channels.whatsapp.limits import (
    LONGEST_BODY,
    LONGEST_ID,
    LONGEST_NUMBERING,
    LONGEST_REPLY_TITLE,
    LONGEST_TEXT,
    MOST_ITEMS,
    MOST_REPLIES,
    PLACEHOLDER,
)
from bot.channels.whatsapp.words import language_of, words_of
from bot.conversations.schemas import Attachment, Button, Link, Offer, Outbound
from bot.formats import isolate
from bot.nlu.languages import Language
from bot.nlu.text import has_arabic, normalise

PAGE_SIZE = MOST_ITEMS - 1
_NUMBERING = "({number}/{count})\n"
_MORE = re.compile(r"more:([0-9]{1,18}):([0-9]{1,3})", re.ASCII)
_CHOSEN = re.compile(
    r"(?:(?:numero|number|num|nr|no|n|choix|choice|option|رقم|الرقم|نمره|نمرا|خيار|الخيار|اختيار|الاختيار) ?)?"
    r"([0-9]{1,3})"
)


class Style(StrEnum):
    """How the choices of a part are shown."""

    TEXT = "text"
    QUICK_REPLIES = "quick_replies"
    LIST = "list"
    FILE = "file"
    TEMPLATE = "template"


@dataclass(frozen=True)
class WhatsAppPart:
    """One vendor call: a text, and what can be pressed below it; or a file, with the text that it bears.

    `first` is the number of the first choice, `more` the payload that asks for the next page.
    """

    body: str
    style: Style = Style.TEXT
    choices: tuple[Button, ...] = ()
    first: int = 1
    more: str = ""
    file: Attachment | None = None


def render(outbound: Outbound) -> list[WhatsAppPart]:
    """The parts of a message, the choices of its page on the last one; a later page is these choices alone."""
    if outbound.approved is not None:
        return [WhatsAppPart(outbound.approved.text, Style.TEMPLATE)]
    if outbound.file is not None:
        return _with_file(outbound, outbound.file)
    language = Language.ARABIC if has_arabic(outbound.text) else Language.FRENCH
    start, end = _span(len(outbound.buttons), outbound.page)
    choices, more = outbound.buttons[start:end], ""
    menu = _menu([button.title for button in choices], start, language)
    if end < len(outbound.buttons):
        more = f"more:{outbound.message_id}:{start // PAGE_SIZE + 1}"
        menu += "\n" + _menu([words_of(language_of(outbound))["more"]], end, language)
    head = "" if start else _paragraphs(outbound.text.strip(), _listing(outbound, language))
    *texts, last = _bodies(head, menu) or [""]
    if not last:
        return []
    style = _style(last, choices, more)
    if choices and style is Style.TEXT:  # Nothing can be pressed: say what to do with the numbers.
        *texts, last = _bodies(head, f"{menu}\n{words_of(language_of(outbound))['number']}")
    pressed = WhatsAppPart(last, style, tuple(choices), start + 1, more)
    return [*(WhatsAppPart(text) for text in texts), WhatsAppPart(last) if style is Style.TEXT else pressed]


def _with_file(outbound: Outbound, file: Attachment) -> list[WhatsAppPart]:
    """A picture bears a short text; of documents only the name is sure to be shown, so that the text goes before."""
    bodies = [body for body in _bodies(outbound.text.strip(), "") if body]
    caption = ""
    if file.is_picture and len(bodies) == 1 and utf16_units(bodies[0]) <= LONGEST_BODY:
        caption = bodies.pop()
    return [*(WhatsAppPart(body) for body in bodies), WhatsAppPart(caption, Style.FILE, file=file)]


def more_of(payload: str) -> tuple[int, int] | None:
    """Message and page that a press on "more" asks for; None for every other payload."""
    match = _MORE.fullmatch(payload)
    return (int(match[1]), int(match[2])) if match else None


def next_page(offer: Offer, number: int) -> tuple[int, int] | None:
    """Message and page that the number of the line "more" asks for; None for the number of a choice, or of nothing."""
    start, end = _span(offer.count, offer.page)
    return (offer.message_id, start // PAGE_SIZE + 1) if end < offer.count and number == end + 1 else None


def number_chosen(text: str, count: int = 99) -> int | None:
    """The choice, from 1 to `count`, that a text names and says nothing else: 1, ١, "1.", "رقم 1", "n° 1"."""
    match = _CHOSEN.fullmatch(normalise(text))
    number = int(match[1]) if match else 0
    return number if 1 <= number <= count else None


def _span(count: int, page: int) -> tuple[int, int]:
    """Where the choices of a page begin and end, of so many; a page that does not exist is the last one."""
    if count <= MOST_ITEMS:
        return 0, count
    start = min(max(page, 0), (count - 2) // PAGE_SIZE) * PAGE_SIZE
    return start, count if count - start <= MOST_ITEMS else start + PAGE_SIZE


def _menu(titles: Sequence[str], start: int, language: Language) -> str:
    """The choices with their numbers, a line each."""
    shown = (isolate(" ".join(title.split()), language) for title in titles)
    return "\n".join(f"{number}. {title}" for number, title in enumerate(shown, start + 1))


def _listing(outbound: Outbound, language: Language) -> str:
    """The pages to open, each address on a line of its own; those that the text names already are left out."""
    colon = "\u00a0:" if language_of(outbound) is Language.FRENCH else ":"
    return "\n".join(_lines(link, language, colon) for link in outbound.links if link.url not in outbound.text)


def _lines(link: Link, language: Language, colon: str) -> str:
    title = link.title.strip()
    if title in ("", link.url):
        return link.url
    # Some titles have a colon of their own.
    return f"{isolate(title, language)}{'' if ':' in title else colon}\n{link.url}"


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def _bodies(head: str, menu: str) -> list[str]:
    """The texts of the parts, numbered when there are several; the menu is not torn from the end if it has room."""
    whole = _paragraphs(head, menu)
    if utf16_units(whole) <= LONGEST_TEXT:
        return [whole]
    room = LONGEST_TEXT - LONGEST_NUMBERING
    pieces = split(head, room, utf16_units)
    if menu and pieces and utf16_units(_paragraphs(pieces[-1], menu)) <= room:
        pieces[-1] = _paragraphs(pieces[-1], menu)
    else:
        pieces += split(menu, room, utf16_units)
    count = len(pieces)
    return [_NUMBERING.format(number=number, count=count) + piece for number, piece in enumerate(pieces, 1)]


def _style(body: str, choices: Sequence[Button], more: str) -> Style:
    """As buttons if they are few and short, else as a list, else only in the text."""
    titles = [button.title.strip() for button in choices]
    if not choices or not _can_be_pressed(body, choices, titles):
        return Style.TEXT
    are_short = all(utf16_units(title) <= LONGEST_REPLY_TITLE for title in titles)
    if len(choices) <= MOST_REPLIES and are_short and not more and len(set(titles)) == len(titles):
        return Style.QUICK_REPLIES
    return Style.LIST


def _can_be_pressed(body: str, choices: Sequence[Button], titles: Sequence[str]) -> bool:
    payloads = [button.payload for button in choices]
    return (
        utf16_units(body) <= LONGEST_BODY
        and all(titles)
        and all(0 < utf16_units(payload) <= LONGEST_ID for payload in payloads)
        and len(set(payloads)) == len(payloads)
        and not any(PLACEHOLDER in text for text in (body, *titles, *payloads))
    )
