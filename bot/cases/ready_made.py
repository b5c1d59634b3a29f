"""Approved texts for a closed window: what staff may send to a citizen who has not written for a day."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.citizens.models import Address
from bot.nlu.languages import FALLBACKS, Language
from bot.senders.schemas import PLACE
from bot.senders.states import Approval
from bot.senders.templates import list_templates


@dataclass(frozen=True)
class ReadyMade:
    """A template to choose: its words, and the names of the values that it wants."""

    name: str
    body: str
    places: Sequence[str]


def list_ready_made(session: Session, address_id: uuid.UUID, language: str | None) -> list[ReadyMade]:
    """The approved templates of the account that a citizen wrote to, each in their language or the nearest."""
    address = session.get_one(Address, address_id)
    if address.sender_id is None:
        return []
    wanted = Language(language) if language in set(Language) else Language.ARABIC
    languages = [one.value for one in (wanted, *FALLBACKS[wanted])]
    found: dict[str, tuple[int, ReadyMade]] = {}
    for held in list_templates(session, sender_id=address.sender_id):
        text = held.text
        if held.verdict.state is not Approval.APPROVED or text.language.value not in languages:
            continue
        rank = languages.index(text.language.value)
        made = ReadyMade(text.name, text.body, list(dict.fromkeys(PLACE.findall(text.body))))
        if text.name not in found or rank < found[text.name][0]:
            found[text.name] = rank, made
    return [made for _, made in found.values()]
