"""What the workflows work with, put together once a process; the workflows themselves are plain functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bot.channels.registry import Channels
from bot.channels.webchat.delivery import WebChat
from bot.citizens.service import AddressBook
from bot.conversations.schemas import Button, Link
from bot.db.session import Database
from bot.dialogue.client import DialogueClient
from bot.dialogue.language import Detector, load_detector
from bot.errors import JawabError
from bot.jobs.events import Events
from bot.nlu.languages import Language
from bot.settings import Settings


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
    apologies: Mapping[Language, str]

    @staticmethod
    def unpack(reply: dict[str, Any]) -> dict[str, Any]:
        """A reply's buttons and links from plain values."""
        return {
            "text": reply["text"],
            "buttons": [Button(**button) for button in reply["buttons"]],
            "links": [Link(**link) for link in reply["links"]],
        }

    def close(self) -> None:
        """Close all connections."""
        self.dialogue.close()
        self.events.close()
        self.database.dispose()


_present: list[Services] = []


def build(settings: Settings) -> Services:
    """Put the services of this process together."""
    return Services(
        settings=settings,
        database=Database(settings.database_url, pool_size=20),
        book=AddressBook(
            hash_key=settings.hash_key.get_secret_value(),
            encryption_key=settings.encryption_key.get_secret_value(),
        ),
        dialogue=DialogueClient(settings.rasa_urls, settings.rasa_token.get_secret_value()),
        detector=load_detector(settings.root),
        channels=Channels([WebChat()]),
        events=Events(settings.redis_url),
        apologies=_responses(settings, "utter_failed"),
    )


def _responses(settings: Settings, name: str) -> dict[Language, str]:
    """The texts of one response of the domain, by language: for when Rasa is the one that is away."""
    document = yaml.safe_load((settings.root / "domain" / "conversation.yml").read_text(encoding="utf-8"))
    variations = document["responses"][name]
    return {Language(one["condition"][0]["value"]): one["text"] for one in variations}


def provide(services: Services) -> None:
    """Make these the services of the process."""
    _present[:] = [services]


def services() -> Services:
    """The services of this process; raises JawabError before `provide`."""
    if not _present:
        raise JawabError("The services of this process are not put together yet")
    return _present[0]
