"""What the vendors' logs and the database say of a run, in plain values that can be compared."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.channels.base import REPEATED
from tests.crash.answers import LINE
from tests.crash.campaign import NAME
from tests.crash.town import Spoken, Town

# Telegram's calls carry no id of ours.
TELLS_NO_ID = "telegram"
MESSAGES = """
    SELECT m.id, m.direction, m.channel, m.vendor_id, m.body, m.status, m.outcome, m.answers_id, a.value_hash,
        d.state, d.reason, d.fault, d.repeats, d.parts_total, d.parts_sent, a.opted_out_at, m.created_at
    FROM messages m JOIN conversations c ON c.id = m.conversation_id JOIN addresses a ON a.id = c.address_id
    LEFT JOIN deliveries d ON d.message_id = m.id ORDER BY m.id
"""
# The mark of what may have been said before, and then which part of how many it is.
_AROUND = re.compile(rf"^(?:{REPEATED} )?(?:\(\d+/\d+\)\n)?")


@dataclass(frozen=True)
class Row:
    """A message in the database, with its delivery if it has one."""

    id: int
    direction: str
    channel: str
    vendor_id: str | None
    body: str
    status: str
    outcome: str | None
    answers_id: int | None
    value_hash: str
    created_at: dt.datetime
    state: str | None = None
    reason: str | None = None
    fault: str | None = None
    repeats: int | None = None
    parts_total: int | None = None
    parts_sent: int | None = None
    opted_out_at: dt.datetime | None = None

    @property
    def is_campaign(self) -> bool:
        """Whether nobody asked for it."""
        return self.body.startswith(NAME)

    @property
    def lines(self) -> frozenset[str]:
        """What a citizen must see of it."""
        return lines_of(self.body)


@dataclass(frozen=True)
class Call:
    """A message that a vendor took: to whom, when, what it says, and our own id where the call carried it."""

    channel: str
    value_hash: str
    at: dt.datetime
    text: str
    message_id: int | None = None
    code: str = ""

    @property
    def is_marked(self) -> bool:
        """Whether it says that it may have been said before."""
        return self.text.startswith(REPEATED)

    @property
    def lines(self) -> frozenset[str]:
        """What of an answer it holds."""
        return lines_of(self.text)


@dataclass
class Records:
    """Everything that the promises look at; `taken` are the keys for which a vendor got a 200."""

    spoken: list[Spoken]
    taken: set[str]
    rows: list[Row]
    calls: list[Call]
    were_unknown: set[int] = field(default_factory=set)
    restless: str = ""

    def row_of(self, spoken: Spoken) -> list[Row]:
        """What we kept of something that was said."""
        return [row for row in self.rows if row.direction == "in" and (row.vendor_id or "").endswith(spoken.key)]

    def twins_of(self, row: Row) -> list[Row]:
        """What reads the same to the same citizen, where nobody can tell which is which; the row itself is one.

        Telegram's calls tell it never; Twilio's listing, which is asked when an end is unknown, tells words alone.
        """
        twins = [one for one in self.rows if (one.direction, one.value_hash) == (row.direction, row.value_hash)]
        twins = [one for one in twins if one.lines == row.lines]
        if row.channel != TELLS_NO_ID:
            twins = [one for one in twins if self.was_unknown(one)] if self.was_unknown(row) else []
        return twins or [row]

    def was_unknown(self, row: Row) -> bool:
        """Whether there was a call for it of which nobody knew the end."""
        return row.id in self.were_unknown or row.fault == "unknown"

    def answers_to(self, row: Row) -> list[Row]:
        """What we kept to say to it."""
        return [one for one in self.rows if one.answers_id == row.id]

    def calls_for(self, row: Row) -> list[Call]:
        """What the vendor took of a message, in order."""
        return [call for call in self.calls if self._is_for(call, row)]

    def _is_for(self, call: Call, row: Row) -> bool:
        if call.value_hash != row.value_hash or row.direction != "out":
            return False
        if call.message_id is None:
            return bool(call.lines & row.lines)
        return any(call.message_id == one.id for one in self.twins_of(row))


def lines_of(text: str) -> frozenset[str]:
    """The lines of an answer by their names; a text without any is one line, whatever stands around it."""
    return frozenset(LINE.findall(text)) or frozenset([_AROUND.sub("", text).strip()])


def collect(town: Town, restless: str) -> Records:
    """Look at everything, once all is quiet."""
    rows = [Row(**row) for row in town.ask(MESSAGES)]
    calls = [*_telegram_calls(town), *_whatsapp_calls(town)]
    return Records(town.spoken, _taken(town), rows, calls, town.were_unknown, restless)


def _taken(town: Town) -> set[str]:
    taken = {one.update_id for one in town.telegram.courier.deliveries if 200 <= one.status < 300}
    forms = (one.form for one in town.twilio.courier.attempts if one.is_taken)
    sids = {f":{form['MessageSid']}" for form in forms}
    return sids | {spoken.key for spoken in town.spoken if spoken.update_id in taken}


def _telegram_calls(town: Town) -> list[Call]:
    return [
        Call("telegram", town.book.hash("telegram", str(one.chat_id)), town.wall(one.at), one.text)
        for one in town.telegram.sent
    ]


def _whatsapp_calls(town: Town) -> list[Call]:
    return [
        Call(
            "whatsapp",
            town.book.hash("whatsapp", one.to),
            town.wall(one.at),
            one.body,
            _our_id(one.form),
            str(town.twilio.messages[one.sid]["error_code"] or ""),
        )
        for one in town.twilio.sent
    ]


def _our_id(form: dict[str, Any]) -> int | None:
    found = parse_qs(urlsplit(str(form.get("StatusCallback", ""))).query).get("message")
    return int(found[0]) if found else None
