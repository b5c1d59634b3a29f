"""The citizens' side of Telegram: what they write, press and block, and what they see."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from tests.channels.telegram.courier import Courier

BOT = {"id": 7000000001, "is_bot": True, "first_name": "Jawab", "username": "jawab_bot"}


@dataclass
class Sent:
    """A message that a citizen sees: what was sent, what it reads like, when."""

    chat_id: int
    message_id: int
    text: str
    entities: list[dict[str, Any]]
    rows: list[list[dict[str, Any]]]
    source: str
    file: tuple[str, str, bytes] | None = None
    at: float = field(default_factory=time.monotonic)

    def as_message(self) -> dict[str, Any]:
        """As Telegram shows it to the bot."""
        chat = {"id": self.chat_id, "type": "private", "first_name": "Citizen"}
        message = {"message_id": self.message_id, "from": BOT, "chat": chat, "date": int(time.time())}
        message |= self._content()
        return message | ({"reply_markup": {"inline_keyboard": self.rows}} if self.rows else {})

    def _content(self) -> dict[str, Any]:
        if self.file is None:
            return {"text": self.text, "entities": self.entities}
        kind, name, content = self.file
        found: dict[str, Any] = {"file_id": "f", "file_unique_id": "u", "file_size": len(content)}
        found |= {"width": 1, "height": 1} if kind == "photo" else {"file_name": name}
        said = {"caption": self.text, "caption_entities": self.entities} if self.text else {}
        return {kind: [found] if kind == "photo" else found} | said


@dataclass
class Citizens:
    """Who has an open chat with the bot ("open", "blocked" or "deactivated"), what they were sent, what they did."""

    sent: list[Sent] = field(default_factory=list)
    chats: dict[int, str] = field(default_factory=dict)
    open_presses: set[str] = field(default_factory=set)
    courier: Courier = field(default_factory=Courier)
    message_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    press_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(4_000_000_000_000_000_000))

    def citizen_says(self, chat: int, text: str, *, language: str = "ar") -> dict[str, Any]:
        """A text from a citizen; gives the update."""
        return self.citizen_sends(chat, language=language, text=text)

    def citizen_sends_location(self, chat: int, latitude: float, longitude: float) -> dict[str, Any]:
        """A citizen's place; gives the update."""
        return self.citizen_sends(chat, location={"latitude": latitude, "longitude": longitude})

    def citizen_sends(self, chat: int, *, language: str = "ar", **content: Any) -> dict[str, Any]:
        """Any message from a citizen, who thereby opens the chat; gives the update."""
        self.chats[chat] = "open"
        message = self._from(chat, language) | {"message_id": next(self.message_ids)} | content
        return self.courier.bring(f"chat {chat}", "message", message)

    def citizen_edits(self, chat: int, message_id: int, text: str) -> dict[str, Any]:
        """A citizen writes an earlier message anew; gives the update."""
        message = self._from(chat) | {"message_id": message_id, "text": text, "edit_date": int(time.time())}
        return self.courier.bring(f"chat {chat}", "edited_message", message)

    def citizen_presses(self, chat: int, message_id: int, data: str, *, is_forged: bool = False) -> dict[str, Any]:
        """A press on a button that the message has, or that a forger says it has; gives the update."""
        message = next(one for one in self.sent if (one.chat_id, one.message_id) == (chat, message_id))
        known = {button.get("callback_data") for row in message.rows for button in row}
        assert is_forged or data in known, f"there is no button with {data!r}"
        press_id = str(next(self.press_ids))
        self.open_presses.add(press_id)
        press = {"id": press_id, "chat_instance": "1", "data": data, "message": message.as_message()}
        press["from"] = self._from(chat)["from"]
        # Buttons have a queue of their own, and so may overtake a text.
        return self.courier.bring(f"presses {chat}", "callback_query", press)

    def citizen_blocks(self, chat: int, *, is_back: bool = False) -> dict[str, Any]:
        """A citizen blocks the bot, or takes it back; gives the update."""
        self.chats[chat] = "open" if is_back else "blocked"
        statuses = ("kicked", "member") if is_back else ("member", "kicked")
        old, new = ({"user": BOT, "status": status, "until_date": 0} for status in statuses)
        change = self._from(chat) | {"old_chat_member": old, "new_chat_member": new}
        return self.courier.bring(f"chat {chat}", "my_chat_member", change)

    def _from(self, chat: int, language: str = "ar") -> dict[str, Any]:
        user = {"id": chat, "is_bot": False, "first_name": "Citizen", "language_code": language}
        return {"from": user, "chat": {"id": chat, "type": "private"}, "date": int(time.time())}
