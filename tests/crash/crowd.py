"""Citizens, each in a thread of their own: what they write, press and repeat, until their vendor took it."""

import threading
import time
from collections.abc import Callable
from typing import Any

from tests.channels.telegram.citizens import Sent as TelegramSent
from tests.channels.whatsapp.citizens import Sent as WhatsAppSent
from tests.channels.whatsapp.citizens import address_of
from tests.crash.plan import Act, Citizen, Line
from tests.crash.town import Spoken, Town

# A vendor tries again and again; Twilio gives up after some seconds, and here somebody sends it once more.
TRIES, BREATH_SECONDS = 120, 0.25
PATIENCE_SECONDS = 2.0
DAY_SECONDS = 25 * 3600
BEHIND = """
    SELECT 1 FROM addresses a LEFT JOIN conversations c ON c.address_id = a.id
    WHERE a.value_hash = :hash AND (
        EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.direction = 'in' AND m.outcome IS NULL)
        OR EXISTS (SELECT 1 FROM deliveries d WHERE d.address_id = a.id AND d.state IN ('sending', 'unknown')))
"""
RECORDED = """
    SELECT count(*) AS count FROM messages m JOIN conversations c ON c.id = m.conversation_id
    JOIN addresses a ON a.id = c.address_id WHERE a.value_hash = :hash AND m.direction = 'in'
"""
CLOSE = "UPDATE addresses SET window_expires_at = NULL WHERE value_hash = :hash RETURNING id"
# Whoever began before still believes that the window is open: a claim of a moment ago, which may leave a little later.
BEGUN_BEFORE = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < :moment
"""


class Crowd:
    """All citizens of a run."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._threads = [threading.Thread(target=self._live, args=(one,), daemon=True) for one in town.plan.citizens]
        self._troubles: list[BaseException] = []

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    @property
    def has_ended(self) -> bool:
        """Whether all have said what they had to say."""
        assert not self._troubles, f"a citizen stumbled: {self._troubles[0]!r}"
        return not any(thread.is_alive() for thread in self._threads)

    def _live(self, citizen: Citizen) -> None:
        person = (OnTelegram if citizen.channel == "telegram" else OnWhatsApp)(self._town, citizen)
        try:
            for line in self._town.plan.lines:
                if line.citizen == citizen:
                    wait = self._town.story.began_at + line.at - time.monotonic()
                    time.sleep(max(wait, 0))
                    person.do(line)
        except BaseException as trouble:  # noqa: BLE001 (it is raised where the test looks)
            self._troubles.append(trouble)


class Person:
    """What both kinds of citizens have in common."""

    def __init__(self, town: Town, citizen: Citizen) -> None:
        self.town, self.citizen, self.said = town, citizen, ""

    def do(self, line: Line) -> None:
        """Do what the plan says."""
        if line.act is Act.NIGHT:
            self.sleep(line)
        elif line.act is not Act.PRESS:
            self.said = self.said if line.act is Act.AGAIN and self.said else _words(line)
            self.say(line, self.said)
        elif (found := self._look_for(self.choices)) is not None:
            self.press(line, found)

    def _look_for(self, find: Callable[[], Any]) -> Any:
        until = time.monotonic() + 1.0
        while (found := find()) is None and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def note(self, line: Line, text: str, key: str, queue: str, update_id: int = 0) -> None:
        """Remember what was said."""
        self.town.spoken.append(Spoken(line, text, key, f"{queue} {self.citizen.address}", update_id))
        what = f"{self.citizen.address} does {line.act.value}: {text!r} ({key}, update {update_id})"
        self.town.story.tell(f"{self.citizen.channel} {what}")

    def choices(self) -> Any:
        """A message with buttons that were not pressed yet."""
        raise NotImplementedError

    def say(self, line: Line, text: str) -> None:
        """Write."""
        raise NotImplementedError

    def press(self, line: Line, found: Any) -> None:
        """Press a button."""
        raise NotImplementedError

    def sleep(self, line: Line) -> None:
        """Let a day pass."""
        raise NotImplementedError


def _words(line: Line) -> str:
    if line.act is Act.STOP:
        return line.words
    if line.act is Act.START:
        return "START"
    more = {Act.CHOICES: " quel choix ?", Act.LONG: " en détail"}.get(line.act, "")
    return f"question m{line.number:03}{more}"


class OnTelegram(Person):
    """Telegram brings updates until they are taken."""

    def __init__(self, town: Town, citizen: Citizen) -> None:
        super().__init__(town, citizen)
        self._chat, self._pressed = int(citizen.address), set[str]()

    def say(self, line: Line, text: str) -> None:
        """Write; the courier sees to the rest."""
        self.town.telegram.courier.duplicates += line.copies
        update = self.town.telegram.citizen_says(self._chat, text, language="fr")
        self.note(line, text, f":{update['message']['message_id']}", "telegram chat", update["update_id"])

    def choices(self) -> TelegramSent | None:
        """A message with buttons that were not pressed yet."""
        mine = (one for one in list(self.town.telegram.sent) if one.chat_id == self._chat and one.rows)
        return next((one for one in mine if _title(one) not in self._pressed), None)

    def press(self, line: Line, found: TelegramSent) -> None:
        """Press one of its buttons."""
        keys = [key for row in found.rows for key in row]
        key = keys[line.number % len(keys)]
        self._pressed.add(_title(found))
        update = self.town.telegram.citizen_presses(self._chat, found.message_id, key["callback_data"])
        press_id = update["callback_query"]["id"]
        self.note(line, key["text"], f":cb:{press_id}", "telegram presses", update["update_id"])

    def sleep(self, line: Line) -> None:
        """Telegram has no window."""


def _title(message: TelegramSent) -> str:
    """What its first button says: the same when the message was said once more."""
    return str(message.rows[0][0]["text"])


class OnWhatsApp(Person):
    """Twilio's own tries end soon: whatever was not taken is brought again, under the same id."""

    def __init__(self, town: Town, citizen: Citizen) -> None:
        super().__init__(town, citizen)
        self._pressed: set[str] = set()

    def say(self, line: Line, text: str) -> None:
        """Write, until it is taken."""
        attempts = self.town.twilio.citizen_says(self.citizen.address, text)
        self._insist(line, text, attempts[0].form, is_taken=attempts[-1].is_taken)

    def choices(self) -> WhatsAppSent | None:
        """A message with choices that were not pressed yet."""
        mine = (one for one in list(self.town.twilio.sent) if one.to == address_of(self.citizen.address))
        return next((one for one in mine if one.choices and one.sid not in self._pressed), None)

    def press(self, line: Line, found: WhatsAppSent) -> None:
        """Press one of its choices."""
        self._pressed.add(found.sid)
        title, payload = found.choices[line.number % len(found.choices)]
        attempts = self.town.twilio.citizen_presses(self.citizen.address, payload, title)
        self._insist(line, title, attempts[0].form, is_taken=attempts[-1].is_taken)

    def _insist(self, line: Line, text: str, form: dict[str, str], *, is_taken: bool) -> None:
        self.note(line, text, f":{form['MessageSid']}", "whatsapp")
        twilio = self.town.twilio
        for _ in range(TRIES):
            if is_taken:
                break
            time.sleep(BREATH_SECONDS)
            is_taken = twilio.courier.bring(twilio.webhook_url, form)[-1].is_taken
        for _ in range(line.copies):
            twilio.courier.bring(twilio.webhook_url, form)

    def sleep(self, line: Line) -> None:
        """A day passes: our window closes, then WhatsApp's, if all that came before is settled within a moment."""
        town, mine = self.town, {"hash": self.town.hash_of(self.citizen)}
        count = sum(one.line.citizen == self.citizen for one in town.spoken)
        if not self._settles(lambda: town.peek(RECORDED, **mine)[:1] == [{"count": count}] and self._is_settled(mine)):
            return
        town.ask(CLOSE, **mine)
        ((closed,),) = (one.values() for one in town.ask("SELECT clock_timestamp()"))
        if count and self._settles(lambda: not town.peek(BEGUN_BEFORE, moment=closed) and self._is_settled(mine)):
            town.twilio.windows[address_of(self.citizen.address)] = time.monotonic() - DAY_SECONDS
            town.story.tell(f"whatsapp {self.citizen.address} is silent for a day")

    def _is_settled(self, mine: dict[str, str]) -> bool:
        return bool(self.town.peek("SELECT 1")) and not self.town.peek(BEHIND, **mine)

    def _settles(self, holds: Callable[[], bool]) -> bool:
        until = time.monotonic() + PATIENCE_SECONDS
        while not holds() and time.monotonic() < until:
            time.sleep(0.1)
        return holds()
