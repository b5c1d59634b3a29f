"""A conversation in the terminal with the running system, over the same web API as the page."""

import json
import queue
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx2
from rich.console import Console
from rich.text import Text

from bot.errors import JawabError
from bot.settings import Settings

FIRST_REPLY_SECONDS = 45
# After a reply, how long to wait for a second one before it is the citizen's turn.
NEXT_REPLY_SECONDS = 1.2
# The same for measuring.
QUIET_SECONDS = 0.2
QUIT_WORDS = frozenset({"/quit", "/exit", "quit", "exit"})


class ChatError(JawabError):
    """The running system cannot be talked to."""


@dataclass
class Reply:
    """A message to the citizen, as the web chat shows it."""

    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    links: list[Any] = field(default_factory=list)


def converse(settings: Settings, questions: Sequence[str], console: Console) -> None:
    """Ask the questions and leave, or take turns with whoever is at the keyboard."""
    with connected(settings.web_url) as chat:
        if questions:
            for question in questions:
                console.print(Text(f"› {question}", style="bold"))
                _show(chat.ask({"text": question}), console)
        else:
            _take_turns(chat, console)


class Chat:
    """One conversation: sends messages, and listens to the stream of events on a thread of its own."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._events: queue.Queue[Reply | None] = queue.Queue()
        self._listening = threading.Event()

    def __enter__(self) -> "Chat":
        self._post("/chat/session", {})
        threading.Thread(target=self._listen, daemon=True).start()
        self._listening.wait(FIRST_REPLY_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, message: dict[str, str]) -> list[Reply]:
        """Send a message and give the replies to it; an empty list when none came in time."""
        self._post("/chat/messages", {"id": str(uuid.uuid4()), **message})
        return list(self._replies())

    def seconds_to_reply(self, text: str) -> float | None:
        """Send a text and give the time to its first reply; None when none came in time."""
        began = monotonic()
        self._post("/chat/messages", {"id": str(uuid.uuid4()), "text": text})
        seconds = None
        for _ in self._replies(QUIET_SECONDS):
            seconds = seconds or monotonic() - began
        return seconds

    def _replies(self, quiet_seconds: float = NEXT_REPLY_SECONDS) -> Iterator[Reply]:
        patience: float = FIRST_REPLY_SECONDS
        while True:
            try:
                reply = self._events.get(timeout=patience)
            except queue.Empty:
                return
            if reply is None:
                raise ChatError("The connection to Jawab was lost.")
            yield reply
            patience = quiet_seconds

    def _post(self, path: str, body: dict[str, str]) -> None:
        try:
            response = self._client.post(path, json=body)
        except httpx2.TransportError as error:
            raise ChatError(f"Nobody answers at {self._client.base_url}: run `jawab up` first.") from error
        if response.is_error:
            raise ChatError(f"Jawab refused the message ({response.status_code}): {response.text[:300]}")

    def _listen(self) -> None:
        try:
            with self._client.stream("GET", "/chat/events", timeout=None) as response:
                self._listening.set()
                for event in events(response.iter_lines()):
                    if event.get("author") in ("bot", "staff", "system"):
                        self._events.put(_reply(event))
        except (httpx2.HTTPError, RuntimeError):
            pass  # The end of the stream is told to whoever asks next.
        self._listening.set()
        self._events.put(None)


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The data of the events named `message` in a stream of server-sent events."""
    name, data = "message", ""
    for line in lines:
        key, _, value = line.partition(":")
        if key == "event":
            name = value.strip()
        elif key == "data":
            data += value.removeprefix(" ")
        elif not line:
            if name == "message" and data:
                yield json.loads(data)
            name, data = "message", ""


def connected(web_url: str) -> Chat:
    """A new conversation, open inside a `with` block."""
    return Chat(
        httpx2.Client(base_url=web_url, headers={"Origin": web_url, "X-Requested-With": "jawab-chat"}, timeout=30)
    )


def _reply(event: dict[str, Any]) -> Reply:
    return Reply(str(event.get("text", "")), list(event.get("buttons") or []), list(event.get("links") or []))


def _take_turns(chat: Chat, console: Console) -> None:
    console.print("Write as a citizen does; a number chooses a button; Ctrl-D ends.", style="dim")
    buttons: list[dict[str, str]] = []
    while True:
        try:
            words = console.input("[bold]› [/bold]").strip()
        except EOFError:
            return
        if words in QUIT_WORDS:
            return
        if words:
            replies = chat.ask(message_of(words, buttons))
            _show(replies, console)
            buttons = [button for reply in replies for button in reply.buttons]


def message_of(words: str, buttons: Sequence[dict[str, str]]) -> dict[str, str]:
    """What to send for what was typed: the number of a button means the button."""
    if words.isascii() and words.isdigit() and 1 <= int(words) <= len(buttons):
        return {"payload": buttons[int(words) - 1]["payload"]}
    return {"text": words}


def _show(replies: Sequence[Reply], console: Console) -> None:
    if not replies:
        console.print("(no answer came)", style="yellow")
    number = 0
    for reply in replies:
        console.print(Text(reply.text), soft_wrap=True)
        for link in reply.links:
            console.print(
                Text(f"  {link.get('url', link) if isinstance(link, dict) else link}", style="blue"),
                soft_wrap=True,
            )
        for button in reply.buttons:
            number += 1
            console.print(Text(f"  {number}. {button['title']}", style="cyan"))
    console.print()
