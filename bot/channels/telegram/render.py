"""From our messages to what Telegram takes: HTML in parts, buttons in rows, all within its limits."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from urllib.parse import urlsplit

from bot.channels.splitting import URL, shorten, split, utf16_units
from bot.conversations.schemas import Attachment, Button, Link, Outbound
from bot.nlu.text import clean

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
# More are ignored there, and would let the markup grow past its own limit of 32 768 bytes.
MAX_BOLDS = 100
MAX_DATA_BYTES = 64
MAX_KEYS = 100
MAX_KEYS_IN_ROW = 8
MAX_TITLE_UNITS = 64
# What a telephone shows of one row of buttons before it cuts their titles.
ROW_CHARACTERS = 28
# A message must have a text; this one says in every language that there is something below.
NO_WORDS = "⬇️"

_BOLD = re.compile(rf"(?P<url>{URL.pattern})|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])", re.IGNORECASE)
_HOST = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")

Short = Callable[[str], str]
Spans = list[tuple[int, int]]


class Limit(StrEnum):
    """What Telegram would cut, move or refuse of a content; WORDS tells it to its editor."""

    TEXT_EMPTY = "text_empty"
    TEXT_SPLIT = "text_split"
    BUTTON_COUNT = "button_count"
    BUTTON_TITLE_EMPTY = "button_title_empty"
    BUTTON_TITLE_LONG = "button_title_long"
    BUTTON_PAYLOAD_EMPTY = "button_payload_empty"
    LINK_INVALID = "link_invalid"


WORDS: dict[str, str] = {
    Limit.TEXT_EMPTY: "there is no text",
    Limit.TEXT_SPLIT: f"longer than the {MAX_TEXT_UNITS} characters of one message: it arrives cut into several",
    Limit.BUTTON_COUNT: f"more than {MAX_KEYS} choices: the rest is left out",
    Limit.BUTTON_TITLE_EMPTY: "a choice has no words",
    Limit.BUTTON_TITLE_LONG: f"a choice is longer than {MAX_TITLE_UNITS} characters: its button shows it cut",
    Limit.BUTTON_PAYLOAD_EMPTY: "a choice sends nothing",
    Limit.LINK_INVALID: "a link is no address for a button: it stands in the text",
}
# Something of it would not arrive; the rest arrives in another form.
FATAL = {Limit.TEXT_EMPTY, Limit.BUTTON_COUNT, Limit.BUTTON_TITLE_EMPTY, Limit.BUTTON_PAYLOAD_EMPTY}


@dataclass(frozen=True)
class Key:
    """A button as Telegram has it: it carries either `data`, at most 64 bytes, or a `url` to open."""

    title: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True)
class TelegramPart:
    """One message to send: as HTML, and the same in plain text should the HTML be refused; below its file, if any."""

    html: str
    plain: str
    rows: tuple[tuple[Key, ...], ...] = ()
    file: Attachment | None = None


def render(outbound: Outbound, short: Short) -> list[TelegramPart]:
    """The messages that say it, in order, with the buttons under the last one; none for a message with no content.

    `short` gives an opaque id of at most 64 bytes for a payload that is longer than that.
    """
    rows = _rows(list(_keys(outbound, short))[:MAX_KEYS])
    plain, bolds = unmark(_text_with_bare_links(outbound))
    texts = split(plain, MAX_TEXT_UNITS, utf16_units)
    if not texts and rows:
        plain, texts = NO_WORDS, [NO_WORDS]
    parts, at = [], 0
    for text in texts:
        at = plain.index(text, at)
        parts.append(TelegramPart(_html(text, _within(bolds, at, at + len(text))), text))
        at += len(text)
    if outbound.file is not None:
        parts = _with_file(parts, outbound.file)
    return [*parts[:-1], replace(parts[-1], rows=rows)] if parts else []


def _with_file(parts: list[TelegramPart], file: Attachment) -> list[TelegramPart]:
    """The file bears the text where that is short enough; else it follows it."""
    if len(parts) == 1 and utf16_units(parts[0].plain) <= MAX_CAPTION_UNITS:
        return [replace(parts[0], file=file)]
    return [*parts, TelegramPart("", "", file=file)]


def check(text: str, buttons: Sequence[Button | Link]) -> list[str]:
    """The names of the limits that a content would break, for editors to read before citizens do."""
    links = [one for one in buttons if isinstance(one, Link)]
    payloads = [one.payload for one in buttons if isinstance(one, Button)]
    titles = [clean(one.title) for one in buttons]
    plain, _ = unmark(text)
    broken = {
        Limit.TEXT_EMPTY: not plain.strip(),
        Limit.TEXT_SPLIT: utf16_units(plain) > MAX_TEXT_UNITS,
        Limit.BUTTON_COUNT: len(buttons) > MAX_KEYS,
        Limit.BUTTON_TITLE_EMPTY: not all(titles),
        Limit.BUTTON_TITLE_LONG: any(utf16_units(title) > MAX_TITLE_UNITS for title in titles),
        Limit.BUTTON_PAYLOAD_EMPTY: not all(payloads),
        Limit.LINK_INVALID: not all(is_valid_url(link.url) for link in links),
    }
    return [limit.value for limit, is_broken in broken.items() if is_broken]


def is_valid_url(url: str) -> bool:
    """Whether Telegram takes it for a button: http or https, and a host with a dot; one bad button stops a message."""
    try:
        parsed = urlsplit(url)
        has_good_port = parsed.port is None or parsed.port > 0
    except ValueError:
        return False
    is_one_word = url.isprintable() and not re.search(r"\s", url)
    is_web = parsed.scheme in ("http", "https") and "@" not in parsed.netloc
    return is_one_word and is_web and has_good_port and bool(_HOST.fullmatch(parsed.hostname or ""))


def unmark(text: str) -> tuple[str, Spans]:
    """A text without its `*…*`, and where in it the bold stands; asterisks in URLs and sums stay."""
    plain, bolds, at = "", [], 0
    for match in _BOLD.finditer(text):
        if (bold := match["bold"]) is None:
            continue
        plain += text[at : match.start()]
        bolds.append((len(plain), len(plain) + len(bold)))
        plain += bold
        at = match.end()
    return plain + text[at:], bolds


def _text_with_bare_links(outbound: Outbound) -> str:
    bare = [link for link in outbound.links if not is_valid_url(link.url)]
    lines = [f"{link.title}: {link.url}" if link.title != link.url else link.url for link in bare]
    return clean("\n".join([outbound.text, *lines]), sys.maxsize)


def _within(bolds: Spans, start: int, end: int) -> Spans:
    cut = [(max(first, start) - start, min(last, end) - start) for first, last in bolds]
    return [(first, last) for first, last in cut if first < last][:MAX_BOLDS]


def _html(text: str, bolds: Spans) -> str:
    pieces, at = [], 0
    for start, end in bolds:
        pieces += [escape(text[at:start], quote=False), "<b>", escape(text[start:end], quote=False), "</b>"]
        at = end
    return "".join([*pieces, escape(text[at:], quote=False)])


def _keys(outbound: Outbound, short: Short) -> Iterator[Key]:
    for button in outbound.buttons:
        if button.payload and (title := _title(button.title)):
            is_long = len(button.payload.encode()) > MAX_DATA_BYTES
            yield Key(title, data=short(button.payload) if is_long else button.payload)
    for link in outbound.links:
        if is_valid_url(link.url):
            yield Key(_title(link.title) or _title(link.url), url=link.url)


def _title(title: str) -> str:
    return shorten(" ".join(clean(title).split()), MAX_TITLE_UNITS, utf16_units)


def _rows(keys: list[Key]) -> tuple[tuple[Key, ...], ...]:
    """Short titles side by side, as a telephone gives all buttons of a row the same width; each link on its own."""
    rows: list[list[Key]] = []
    for key in keys:
        if rows and _has_room(rows[-1], key):
            rows[-1].append(key)
        else:
            rows.append([key])
    return tuple(tuple(row) for row in rows)


def _has_room(row: list[Key], key: Key) -> bool:
    widest = max(len(one.title) for one in [*row, key])
    is_narrow = widest * (len(row) + 1) <= ROW_CHARACTERS
    return is_narrow and len(row) < MAX_KEYS_IN_ROW and not (key.url or row[-1].url)
