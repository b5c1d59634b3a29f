"""What staff do with conversations, for the desk's pages: each call is one transaction, and tells the desk after it.

All raise LookupError for what does not exist, and the errors of `bot.cases.errors` for what is not possible now.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.orm import Session

from bot.cases import answers, blocking, canned, news, notes, queries, ratings, service, teams
from bot.cases.errors import NotAwaitedError, NotYoursError, TooLateError
from bot.cases.models import Case
from bot.cases.service import Whither
from bot.channels.base import DeliveryError
from bot.conversations import queries as conversations
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Attachment, TemplateUse
from bot.conversations.service import Origin, ReplyValues
from bot.conversations.states import Author
from bot.db.base import utc_now
from bot.db.news import note
from bot.deliveries import dead, undo
from bot.deliveries.queries import get_delivery
from bot.errors import JawabError
from bot.jobs.engine import pump_bell, ring
from bot.jobs.outgoing import Written, write
from bot.jobs.services import Services, services
from bot.jobs.wording import rating_question
from bot.media import outgoing
from bot.media.outgoing import FileRefusedError, Upload
from bot.media.states import Reason
from bot.nlu.languages import Language

log = structlog.get_logger()

# So long a reply of staff's can be taken back.
UNDO = dt.timedelta(seconds=10)


@contextmanager
def moving() -> Iterator[tuple[Session, list[Written]]]:
    """A transaction in which cases move, and the messages that it wrote: on their way once it is committed."""
    written: list[Written] = []
    with services().database.transaction() as session:
        yield session, written
    for one in written:
        one.wake()


def claim(case_id: uuid.UUID, *, by: uuid.UUID) -> Case:
    """Take a waiting case; raises TakenError, which says who was first."""
    with moving() as (session, _):
        return service.claim(session, case_id, by=by)


def take_over(conversation_id: uuid.UUID, *, by: uuid.UUID) -> Case:
    """Take a conversation of the bot's, unasked: the bot says nothing from now on. Raises TakenError."""
    with moving() as (session, _):
        return service.take_over(session, conversation_id, by=by)


def assign(case_id: uuid.UUID, *, to: uuid.UUID, by: uuid.UUID) -> Case:
    """Give a case to somebody; raises TakenError when it is over."""
    with moving() as (session, _):
        return service.assign(session, case_id, to=to, by=by)


def transfer(case_id: uuid.UUID, whither: Whither, *, by: uuid.UUID, of_anybody: bool = False) -> Case:
    """Hand a case on with a note; of others' only who may assign. Raises ValueError without a note, NotYoursError."""
    with moving() as (session, _):
        return service.transfer(session, case_id, whither, by=by, of_anybody=of_anybody)


def hand_back(case_id: uuid.UUID, *, by: uuid.UUID, seen_id: int | None = None) -> Case:
    """Give a conversation back to the bot and tell the citizen; `seen_id` is the last message that the desk showed.

    Raises NotYoursError, and UnseenError when the citizen wrote more.
    """
    with moving() as (session, written):
        case = service.hand_back(session, case_id, by=by, seen_id=seen_id)
        written.extend(_farewell(session, case, "utter_handoff_returned"))
        return case


def close(case_id: uuid.UUID, *, by: uuid.UUID, seen_id: int | None = None) -> Case:
    """End a conversation and tell the citizen; raises NotYoursError and UnseenError."""
    with moving() as (session, written):
        case = service.close(session, case_id, by=by, seen_id=seen_id)
        written.extend(_farewell(session, case, "utter_handoff_closed"))
        return case


def block(case_id: uuid.UUID, reason: str, *, by: uuid.UUID) -> None:
    """Answer a citizen no more, and tell them; raises ValueError without a reason for colleagues to read."""
    with moving() as (session, written):
        case, is_new = blocking.block(session, case_id, reason, by=by)
        if is_new:
            written.extend(_farewell(session, case, "utter_blocked", asks_rating=False))


def unblock(case_id: uuid.UUID, *, by: uuid.UUID) -> None:
    """Answer a citizen again."""
    with moving() as (session, _):
        blocking.unblock(session, case_id, by=by)


def say(
    case_id: uuid.UUID,
    text: str,
    *,
    by: uuid.UUID,
    key: str,
    template: TemplateUse | None = None,
    upload: Upload | None = None,
) -> int:
    """Answer a citizen, in UNDO's time; gives the message's id. The same `key`, made by the page, is said once.

    Outside of WhatsApp's window the `template` goes instead, if it is approved; else the message is parked. With an
    `upload` the text may be empty. Raises NotYoursError, ValueError for no text, FileRefusedError, and DeliveryError
    where nothing reaches the citizen.
    """
    if not text.strip() and upload is None:
        raise ValueError("there is nothing to say")
    with moving() as (session, written):
        case, conversation = service.locked_own(session, case_id, by=by)
        known = conversations.find_by_key(session, _key(key))
        if known is not None:
            return known.id
        file = _kept_content(session, conversation, upload) if upload else None
        words = ReplyValues(text.strip(), _language(case, conversation).value, template=template, file=file)
        origin = Origin(Author.STAFF, _key(key), staff_id=by, held_until=utc_now() + UNDO)
        written.append(write(session, conversation, words, origin))
        if upload and file:
            outgoing.keep_row(session, written[-1].message_id, file, upload)
        answers.note_staff_message(session, case, written[-1].message_id)
        canned.save_draft(session, conversation.id, "", staff_id=by)
        return written[-1].message_id


def _kept_content(session: Session, conversation: Conversation, upload: Upload) -> Attachment:
    channel = conversations.channel_of(session, conversation)
    if not services().channels.get(channel).takes_files:
        raise FileRefusedError(Reason.CHANNEL)
    return outgoing.keep_content(services().folder, upload)


def withdraw(message_id: int, *, by: uuid.UUID) -> None:
    """Take back what one has just said; raises TooLateError when it is on its way, and NotYoursError."""
    with moving() as (session, _):
        message = _own_message(session, message_id, by=by)
        conversation = conversations.get_conversation(session, message.conversation_id, lock=True)
        if not undo.withdraw(session, message_id):
            raise TooLateError("it is on its way")
        answers.note_withdrawn(session, conversation, message_id)


def retry(message_id: int, *, by: uuid.UUID) -> None:
    """Send once more what failed for good; raises NotAwaitedError when there is nothing to send, and NotYoursError."""
    with moving() as (session, _):
        message = _own_message(session, message_id, by=by)
        try:
            dead.retry(session, message_id)
        except dead.NoSuchDeliveryError as failure:
            raise NotAwaitedError("it did not fail") from failure
        sender_id = get_delivery(session, message_id).sender_id
        case = queries.find_open_case(session, message.conversation_id)
        if case is not None:
            news.note_message(session, case, message_id, Author.STAFF)
    ring(pump_bell(sender_id), services().ringer)


def add_note(case_id: uuid.UUID, body: str, *, by: uuid.UUID, mentions: Collection[uuid.UUID] = ()) -> int:
    """Note something for staff, on a case that is over too; gives the note's id. Raises ValueError for no text."""
    if not body.strip():
        raise ValueError("there is nothing to note")
    with moving() as (session, _):
        case = queries.get_case(session, case_id)
        kept = notes.add_note(session, case, body, by=by, mentions=mentions)
        canned.save_draft(session, case.conversation_id, "", staff_id=by, is_note=True)
        return kept.id


def mark_seen(case_id: uuid.UUID, *, by: uuid.UUID) -> None:
    """Somebody looks at a case: what called them to it has done so."""
    with moving() as (session, _):
        notes.mark_seen(session, case_id, by=by)


def set_labels(case_id: uuid.UUID, labels: Collection[str], *, by: uuid.UUID) -> None:
    """Sort a case by labels."""
    with moving() as (session, _):
        case, _ = service.locked(session, case_id)
        canned.set_labels(session, case, list(labels), by=by)


def set_pause(staff_id: uuid.UUID, *, is_paused: bool) -> None:
    """Somebody takes no new cases for now, or takes them again."""
    with moving() as (session, _):
        teams.set_pause(session, staff_id, is_paused=is_paused)
        note(session, "presence", staff=str(staff_id), paused=is_paused)


def end_idle(box: Services) -> None:
    """Give back the conversations in which nobody said anything for long; upkeep calls this."""
    now = utc_now()
    with box.database.transaction() as session:
        idle = queries.list_idle(session, now)
    for case_id in idle:
        _end_idle(case_id, now)
    if idle:
        log.info("idle_cases_ended", count=len(idle))


def _end_idle(case_id: uuid.UUID, now: dt.datetime) -> None:
    try:
        with moving() as (session, written):
            case = service.end_idle(session, case_id, now)
            if case is not None and case.closed_at is not None:
                written.extend(_farewell(session, case, "utter_handoff_idle"))
    except (JawabError, LookupError) as failure:  # The others are looked at all the same.
        log.warning("idle_case_not_ended", case=str(case_id), reason=type(failure).__name__)


def show_held(box: Services) -> None:
    """Show on the page what staff did not take back; upkeep calls this."""
    with box.database.transaction() as session:
        shown = undo.release_due(session, channels=box.channels.immediate)
    for message_id, conversation_id in shown:
        box.events.publish(conversation_id, {"message": message_id})


def _farewell(session: Session, case: Case, response: str, *, asks_rating: bool = True) -> list[Written]:
    """Let go what is held, tell the citizen that people have finished, and ask how it was."""
    conversation = conversations.get_conversation(session, case.conversation_id)
    undo.release(session, conversation.id)
    language, box = _language(case, conversation), services()
    text = box.responses[response][language]
    words = ReplyValues(text, language.value)
    if asks_rating and ratings.is_asked(case):
        words = rating_question(text, box.responses, language)
    try:
        return [write(session, conversation, words, Origin(Author.SYSTEM, f"case:{case.id}:{case.version}"))]
    except DeliveryError as failure:  # Staff are done all the same.
        log.warning("farewell_not_said", fault=failure.fault.value)
        return []


def _own_message(session: Session, message_id: int, *, by: uuid.UUID) -> Message:
    message = conversations.get_message(session, message_id)
    if message.staff_id != by:
        raise NotYoursError("only who wrote a message may do this")
    return message


def _language(case: Case, conversation: Conversation) -> Language:
    known = conversation.language or case.language
    return Language(known) if known in set(Language) else Language.ARABIC


def _key(key: str) -> str:
    return f"staff:{key}"
