"""What the workflows work with, put together once a process; the workflows themselves are plain functions."""

import gc
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
import yaml

from bot.channels.base import Credentials, Gateway
from bot.channels.registry import Channels
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import BASE_URL
from bot.channels.webchat.delivery import WebChat
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.citizens.service import AddressBook
from bot.conversations.schemas import Button, Link
from bot.db.session import Database
from bot.dialogue.client import DialogueClient
from bot.dialogue.language import Detector, load_detector
from bot.errors import JawabError
from bot.jobs.bells import Ringer
from bot.jobs.buttons import short
from bot.jobs.events import Events
from bot.jobs.hearing import Hearing
from bot.jobs.reminder_wording import NAMES as REMINDER_RESPONSES
from bot.jobs.wording import NAMES as HANDOFF_RESPONSES
from bot.media.folder import Folder
from bot.media.links import link_to
from bot.media.transcriber import Transcriber, Whisper, is_installed
from bot.nlu.courtesies import NOTIONS, read_notions
from bot.nlu.languages import Language
from bot.senders.service import Account, Contents, SenderBook
from bot.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Services:
    """Database, keys, Rasa, channels, events."""

    settings: Settings
    database: Database
    book: AddressBook
    dialogue: DialogueClient
    detector: Detector
    channels: Channels
    events: Events
    ringer: Ringer
    senders: SenderBook
    responses: Mapping[str, Mapping[Language, str]]
    folder: Folder
    hearing: Hearing

    def gateway(self, account: Account) -> Gateway:
        """The way out of one of our accounts."""
        public, path = self.settings.public_url, account.secrets.path
        status_url = f"{public}/webhooks/{account.channel}/{path}/status" if self.settings.is_reachable else ""
        found = Credentials(account.id, account.account, account.address, account.secrets.tokens, status_url)
        return self.channels.gateway(account.channel, found)

    def tell(self, conversation_id: uuid.UUID, message_ids: Sequence[int]) -> None:
        """Wake whoever looks at a conversation: nobody is typing any more, and there is something to read."""
        self.events.publish(conversation_id, {"typing": False}, *({"message": one} for one in message_ids))

    @staticmethod
    def unpack(reply: dict[str, Any]) -> dict[str, Any]:
        """A reply's buttons, links and page from plain values."""
        return {
            "text": reply["text"],
            "buttons": [Button(**button) for button in reply["buttons"]],
            "links": [Link(**link) for link in reply["links"]],
            "page": reply.get("page", 0),
        }

    def close(self) -> None:
        """Close all connections."""
        self.dialogue.close()
        self.events.close()
        self.ringer.close()
        self.database.dispose()


GATEWAY_RESPONSES = (
    *("utter_failed", "utter_opted_out", "utter_opted_in", "utter_flood", "utter_blocked"),
    *("utter_voice_write", "utter_voice_heard", "utter_voice_unclear", "utter_voice_rewrite"),
    *("utter_button_heard_yes", "utter_button_heard_no"),
    *HANDOFF_RESPONSES,
    *REMINDER_RESPONSES,
)
FROM_SETTINGS = "settings"
_present: list[Services] = []


def build(settings: Settings) -> Services:
    """Put the services of this process together."""
    database, events = Database(settings.database_url, pool_size=20), Events(settings.redis_url)
    database.tell = events.publish_to_desk
    folder = Folder(settings.media_path, encryption_key=settings.encryption_key.get_secret_value())
    return Services(
        settings=settings,
        database=database,
        book=AddressBook(
            hash_key=settings.hash_key.get_secret_value(),
            encryption_key=settings.encryption_key.get_secret_value(),
        ),
        dialogue=DialogueClient(settings.rasa_urls, settings.rasa_token.get_secret_value()),
        detector=load_detector(settings.root),
        channels=_channels(settings, database, folder),
        events=events,
        ringer=Ringer(settings.redis_url),
        senders=SenderBook(encryption_key=settings.encryption_key.get_secret_value()),
        responses=_responses(settings),
        folder=folder,
        hearing=Hearing(read_notions(settings.root / NOTIONS), _transcriber(settings)),
    )


def _channels(settings: Settings, database: Database, folder: Folder) -> Channels:
    telegram = TelegramChannel(short, folder.read, base_url=settings.telegram_api_url or BASE_URL)
    to_files = partial(link_to, settings) if settings.is_reachable else None
    whatsapp = WhatsAppChannel(partial(Contents, database), link_to=to_files, base_url=settings.twilio_api_url)
    return Channels([WebChat(), telegram, whatsapp])


def _transcriber(settings: Settings) -> Transcriber | None:
    if settings.voice_model is None:
        return None
    if not is_installed():
        log.warning("voice_extra_missing", advice="python3 scripts/setup.py voice")
        return None
    return Whisper(settings.voice_model)


def _responses(settings: Settings) -> dict[str, dict[Language, str]]:
    """What the gateway says without Rasa, by name and language: also that Rasa is away."""
    found: dict[str, Any] = {}
    for file in ("answers.yml", "conversation.yml", "deadlines.yml", "gateway.yml", "handoff.yml"):
        found |= yaml.safe_load((settings.root / "domain" / file).read_text(encoding="utf-8"))["responses"]
    return {name: _by_language(found[name]) for name in GATEWAY_RESPONSES}


def _by_language(variations: list[dict[str, Any]]) -> dict[Language, str]:
    return {Language(one["condition"][0]["value"]): one["text"] for one in variations}


def enlist(box: Services) -> None:
    """Put the accounts that the settings name into the book of senders."""
    given, book = box.settings, box.senders
    with box.database.transaction() as session:
        if given.telegram_bot_token is not None:
            token = given.telegram_bot_token.get_secret_value()
            bot_id = token.partition(":")[0]
            book.ensure(session, channel="telegram", name=FROM_SETTINGS, account=bot_id, address="", token=token)
        if given.twilio_account_sid and given.twilio_auth_token and given.twilio_whatsapp_from:
            number = f"whatsapp:{given.twilio_whatsapp_from.removeprefix('whatsapp:')}"
            token = given.twilio_auth_token.get_secret_value()
            account = given.twilio_account_sid
            book.ensure(session, channel="whatsapp", name=FROM_SETTINGS, account=account, address=number, token=token)


def provide(services: Services) -> None:
    """Make these the services of the process."""
    _present[:] = [services]
    # What is there by now stays, and a full collection over it takes 0.2 s, in which no webhook gets its 200.
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def services() -> Services:
    """The services of this process; raises JawabError before `provide`."""
    if not _present:
        raise JawabError("The services of this process are not put together yet")
    return _present[0]
