"""Citizens who write to the desk of a test, as the gateway keeps what they say."""

import uuid
from typing import Any

from sqlalchemy import select, update

from bot.accounts.models import AuditEntry
from bot.cases import answers, service
from bot.cases.canned import save_canned
from bot.cases.models import Case, CaseEvent, Note
from bot.cases.service import Opening
from bot.cases.states import Reason
from bot.cases.teams import list_teams, save_team, set_members
from bot.citizens.models import Address
from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.service import record_inbound
from bot.jobs.services import Services
from bot.nlu.languages import Language
from bot.reviews.models import Review
from tests.conversations.records import message

ALWAYS = {"always_open": True}


class Scene:
    """What happens at a desk, from the citizens' side."""

    def __init__(self, box: Services) -> None:
        self._box = box

    def team(self, team_id: str = "front", **values: Any) -> None:
        """Add or change a team."""
        with self._box.database.transaction() as session:
            list_teams(session)
            save_team(session, team_id, {"names": {"fr": team_id}, "hours": ALWAYS} | values)

    def chat(self, text: str) -> uuid.UUID:
        """A citizen writes to the bot; gives the conversation."""
        inbound = message(uuid.uuid4().hex, address=uuid.uuid4().hex, text=text)
        with self._box.database.transaction() as session:
            list_teams(session)
            return record_inbound(session, self._box.book, inbound).conversation_id

    def ask(self, text: str = "je veux un agent", *, address: str = "", language: str = "fr", **opening: Any) -> Case:
        """A citizen writes, and waits for a person."""
        given = {"closest": [], "deadline": None, "question": "", "reason": Reason.ASKED} | opening
        inbound = message(uuid.uuid4().hex, address=address or uuid.uuid4().hex, text=text)
        with self._box.database.transaction() as session:
            list_teams(session)
            recorded = record_inbound(session, self._box.book, inbound)
            conversation = queries.get_conversation(session, recorded.conversation_id, lock=True)
            return service.open_case(session, conversation, Opening(language=language, **given))

    def write(self, case: Case, text: str) -> int:
        """The citizen of a case writes once more."""
        with self._box.database.transaction() as session:
            conversation = queries.get_conversation(session, case.conversation_id, lock=True)
            kept, _ = queries.add_inbound(
                session,
                {
                    "conversation_id": conversation.id,
                    "channel": "webchat",
                    "vendor_id": uuid.uuid4().hex,
                    "kind": "text",
                    "body": text,
                    "payload": {},
                },
            )
            answers.note_citizen_message(session, conversation, kept.id)
            return kept.id

    def case(self, case: Case) -> Case:
        """A case as it is kept now."""
        with self._box.database.transaction() as session:
            return session.get_one(Case, case.id)

    def said(self, case: Case, author: str = "staff") -> list[str]:
        """What somebody said in a case."""
        query = select(Message.body).where(Message.conversation_id == case.conversation_id, Message.author == author)
        with self._box.database.transaction() as session:
            return list(session.scalars(query.order_by(Message.id)))

    def notes(self, case: Case) -> list[str]:
        """What staff noted of it."""
        with self._box.database.transaction() as session:
            return list(session.scalars(select(Note.body).where(Note.case_id == case.id).order_by(Note.id)))

    def story(self, case: Case) -> list[str]:
        """What happened to it, in order."""
        with self._box.database.transaction() as session:
            query = select(CaseEvent.kind).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
            return list(session.scalars(query))

    def change(self, row: type[Any], key: Any, **values: Any) -> None:
        """Have a row otherwise than it came to be."""
        with self._box.database.transaction() as session:
            session.execute(update(row).where(row.id == key).values(**values))

    def address_of(self, case: Case) -> uuid.UUID:
        """The address that a case's citizen writes from."""
        with self._box.database.transaction() as session:
            return session.get_one(Conversation, case.conversation_id).address_id

    def join(self, case: Case, *others: Case) -> None:
        """Have the citizen of a case be the one of others too."""
        with self._box.database.transaction() as session:
            citizen_id = session.get_one(Conversation, case.conversation_id).citizen_id
            for one in others:
                talk = session.get_one(Conversation, one.conversation_id)
                talk.citizen_id = session.get_one(Address, talk.address_id).citizen_id = citizen_id

    def put(self, case: Case, **columns: Any) -> int:
        """A message of a case, whatever it is."""
        values = {"direction": "in", "author": "citizen", "kind": "text", "status": "received", "channel": "webchat"}
        with self._box.database.transaction() as session:
            kept = Message(conversation_id=case.conversation_id, **(values | columns))
            session.add(kept)
        return kept.id

    def members(self, team_id: str, *staff_ids: uuid.UUID) -> None:
        """Who is in a team."""
        with self._box.database.transaction() as session:
            set_members(session, team_id, staff_ids)

    def acts(self) -> list[str]:
        """What was recorded, but for accounts that were made."""
        with self._box.database.transaction() as session:
            found = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number))
            return [one for one in found if one != "staff_created"]

    def can(self, shortcut: str, title: str, bodies: dict[str, str]) -> None:
        """Keep a reply ready."""
        with self._box.database.transaction() as session:
            by_language = {Language(code): body for code, body in bodies.items()}
            save_canned(session, shortcut, title=title, bodies=by_language)

    def reviews(self) -> list[tuple[str, str, str]]:
        """What was marked, with question and answer."""
        query = select(Review.kind, Review.question, Review.answer).order_by(Review.id)
        with self._box.database.transaction() as session:
            return [(kind, question, answer) for kind, question, answer in session.execute(query)]
