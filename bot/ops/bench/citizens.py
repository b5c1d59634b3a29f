"""Citizens who write through the web API, as fast as one may, and note when the reply is on their page."""

import queue
import time
import uuid
from typing import Self

import httpx2

from bot.channels.webchat.delivery import NAME
from bot.citizens.service import AddressBook
from bot.conversations.schemas import Inbound, Kind
from bot.jobs.engine import Inbox
from bot.ops.chat import FIRST_REPLY_SECONDS, Chat, ChatError, Reply

QUESTIONS = (
    "بشحال التامبر ديال الباسبور؟",
    "chno lwra9 dyal la carte nationale",
    "quand faut-il payer la vignette ?",
    "where do I file a complaint",
    "ما هي مدة الحصول على جواز السفر؟",
    "merci",
)
# The web chat takes 40 messages in 10 seconds of one citizen, and refuses more.
PACE_SECONDS = 0.26
COOKIE = "jawab_chat"


class Citizen(Chat):
    """One conversation; keep it open with `with`."""

    def __init__(self, web_url: str) -> None:
        headers = {"Origin": web_url, "X-Requested-With": "jawab-chat"}
        super().__init__(httpx2.Client(base_url=web_url, headers=headers, timeout=30))
        self._free_at = 0.0
        self.moments: list[tuple[float, float, float]] = []

    def __enter__(self) -> Self:
        """Begin the conversation, and listen."""
        super().__enter__()
        return self

    def seconds_to_answer(self, text: str) -> float | None:
        """The time from the POST of a text to the event with its reply; None when none came."""
        self._wait_for_turn()
        sent_at, began = time.time(), time.monotonic()
        self._post("/chat/messages", {"id": str(uuid.uuid4()), "text": text})
        accepted_at = time.time()
        if self.next_reply() is None:
            return None
        seconds = time.monotonic() - began
        self.moments.append((sent_at, accepted_at, sent_at + seconds))
        return seconds

    def say(self, web_url: str, text: str) -> str:
        """Send a text through a web process of one's choice, without waiting for the reply; gives the message's id."""
        self._wait_for_turn()
        message_id = str(uuid.uuid4())
        self._post(f"{web_url}/chat/messages", {"id": message_id, "text": text})
        return message_id

    def next_reply(self, seconds: float = FIRST_REPLY_SECONDS) -> Reply | None:
        """The next reply that arrives, or None after the time."""
        try:
            reply = self._events.get(timeout=seconds)
        except queue.Empty:
            return None
        if reply is None:
            raise ChatError("The connection to Jawab was lost.")
        return reply

    def _wait_for_turn(self) -> None:
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        self._free_at = time.monotonic() + PACE_SECONDS

    def live_through(self, inbox: Inbox, book: AddressBook, messages: int) -> None:
        """Have a past: so many messages of this conversation, each answered, by the same durable way but for HTTP."""
        token = self._client.cookies[COOKIE]
        for number in range(messages):
            inbound = Inbound(
                channel=NAME,
                vendor_id=str(uuid.uuid4()),
                address=token,
                address_kind="session",
                kind=Kind.TEXT,
                text=QUESTIONS[number % len(QUESTIONS)],
            )
            inbox.accept(inbound, partition=book.hash(NAME, token)[:32])
        for _ in range(messages):
            if self.next_reply() is None:
                raise ChatError("The past of a conversation was not answered.")


def question(number: int) -> str:
    """One of the questions, never twice the same words: what was embedded before costs less."""
    return f"{QUESTIONS[number % len(QUESTIONS)]} {uuid.uuid4().hex[:4]}"
