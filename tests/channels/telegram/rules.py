"""Telegram's rules for what a bot sends, in its own words: those of TDLib (MessageEntity.cpp, LinkManager.cpp)."""

import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TAGS = frozenset("b strong i em u ins s strike del code pre a blockquote tg-spoiler".split())  # noqa: SIM905
MAX_UNITS = 4096
MAX_BYTES = 32_768
MAX_CAPTION_UNITS = 1024
LARGEST_PHOTO, LARGEST_DOCUMENT = 10 * 1024 * 1024, 50 * 1024 * 1024
MAX_DATA_BYTES = 64
MAX_IN_ROW = 8
MAX_BUTTONS = 100

Params = dict[str, str]

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[^\s>/]*)[^>]*(?P<end>>?)")
_KNOWN = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


class Refusal(Exception):
    """An answer that is not ok."""

    def __init__(self, code: int, description: str, retry_after: int = 0) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def content(self) -> dict[str, Any]:
        """The body of the answer."""
        parameters = {"parameters": {"retry_after": self.retry_after}} if self.retry_after else {}
        return {"ok": False, "error_code": self.code, "description": self.description} | parameters


def bad_request(words: str) -> Refusal:
    """A refusal for what the call holds."""
    return Refusal(400, f"Bad Request: {words}")


@dataclass
class Markup:
    """HTML as it is read: the text so far, the tags that are open, what is found."""

    source: str
    text: str = ""
    open: list[tuple[str, int]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)

    def take(self, words: str) -> None:
        """Add text between tags; unknown references stay as they are."""
        self.text += _KNOWN.sub(lambda known: unescape(known.group()), words)

    def tag(self, tag: re.Match[str]) -> None:
        """Open or close an entity."""
        at = len(self.source[: tag.start()].encode())
        name = tag["name"].lower()
        if not tag["close"]:
            self._open(name, at, is_closed=bool(tag["end"]))
        elif not self.open:
            raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {at}")
        elif not tag["end"]:
            raise bad_request(f"can't parse entities: Unclosed end tag at byte offset {at}")
        else:
            self._close(name, at)

    def _open(self, name: str, at: int, *, is_closed: bool) -> None:
        if name not in TAGS:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {at}')
        if not is_closed:
            raise bad_request(f"can't parse entities: Unclosed start tag at byte offset {at}")
        self.open.append((name, units(self.text)))

    def _close(self, name: str, at: int) -> None:
        opened, offset = self.open.pop()
        if name and name != opened:
            words = f'Unmatched end tag at byte offset {at}, expected "</{opened}>", found "</{name}>"'
            raise bad_request(f"can't parse entities: {words}")
        if length := units(self.text) - offset:
            kind = "bold" if opened in ("b", "strong") else opened
            self.entities.append({"type": kind, "offset": offset, "length": length})


def read_params(content_type: str, body: bytes) -> Params:
    """The parameters of a call, as a form or as JSON; what is no string is a string of JSON."""
    if not content_type.startswith("application/json"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    given = json.loads(body or b"{}")
    return {name: one if isinstance(one, str) else json.dumps(one) for name, one in given.items()}


def units(text: str) -> int:
    """UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and entities of parse_mode HTML; refuses what Telegram refuses."""
    markup, at = Markup(source), 0
    for tag in _TAG.finditer(source):
        markup.take(source[at : tag.start()])
        markup.tag(tag)
        at = tag.end()
    markup.take(source[at:])
    if markup.open:
        name = markup.open[-1][0]
        raise bad_request(f"can't parse entities: Can't find end tag corresponding to start tag \"{name}\"")
    return markup.text, markup.entities


def read_text(source: str, parse_mode: str) -> tuple[str, list[dict[str, Any]]]:
    """The text of a message as citizens see it, with its entities."""
    if not source:
        raise bad_request("message text is empty")
    if len(source.encode()) > MAX_BYTES:
        raise bad_request("message is too long")
    text, entities = parse_html(source) if parse_mode.upper() == "HTML" else (source, [])
    if not text.strip():
        raise bad_request("text must be non-empty")
    if units(text.strip()) > MAX_UNITS:
        raise bad_request("message is too long")
    return text.strip(), entities


def read_caption(source: str, parse_mode: str) -> tuple[str, list[dict[str, Any]]]:
    """The words below a file, if there are any."""
    if not source:
        return "", []
    text, entities = read_text(source, parse_mode)
    if units(text) > MAX_CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return text, entities


def check_upload(kind: str, content: bytes) -> None:
    """Refuse what is empty or too large; of a photo, what is no picture."""
    if not content:
        raise bad_request("file must be non-empty")
    if len(content) > (LARGEST_PHOTO if kind == "photo" else LARGEST_DOCUMENT):
        raise Refusal(413, "Request Entity Too Large")
    if kind == "photo" and not content.startswith((b"\xff\xd8\xff", b"\x89PNG")):
        raise bad_request("IMAGE_PROCESS_FAILED")


def read_keyboard(source: str) -> list[list[dict[str, Any]]]:
    """The rows of an inline keyboard."""
    try:
        rows = json.loads(source)["inline_keyboard"] if source else []
    except (ValueError, KeyError, TypeError):
        raise bad_request("object expected as reply markup") from None
    if sum(len(row) for row in rows) > MAX_BUTTONS or any(len(row) > MAX_IN_ROW for row in rows):
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return [list(row) for row in rows if row]


def _check_button(button: dict[str, Any]) -> None:
    if not str(button.get("text") or "").strip():
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if button.get("url"):
        _check_url(button["url"])
    elif not button.get("callback_data"):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    elif len(button["callback_data"].encode()) > MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_url(url: str) -> None:
    problem = _problem_of(url)
    if problem:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {problem}")


def _problem_of(url: str) -> str:
    try:
        parsed = urlsplit(url)
        port = parsed.port
    except ValueError:
        return "Wrong port number specified in the URL"
    host = parsed.hostname or ""
    if parsed.scheme not in ("http", "https", "tg"):
        return "Unsupported URL protocol"
    if not host:
        return "URL host is empty"
    if re.search(r"[^\w.:-]", host) or re.search(r"\s", parsed.netloc):
        return "Disallowed character in URL host"
    return "Wrong HTTP URL" if "." not in host or port == 0 else ""
