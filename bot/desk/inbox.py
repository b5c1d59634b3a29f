"""What the pages of conversations are made of: the queue as its address narrows it, and an opened case."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.orm import Session

from bot.accounts.models import Staff
from bot.accounts.own import read_switches
from bot.accounts.states import Switch
from bot.cases import counts
from bot.cases.access import Colleague, list_colleagues, may_see, scope_of
from bot.cases.canned import list_drafts, list_labels
from bot.cases.lists import list_cases
from bot.cases.models import Label, Team
from bot.cases.panel import Person, get_person
from bot.cases.ready_made import ReadyMade, list_ready_made
from bot.cases.reminders import ReminderLine, list_reminders
from bot.cases.schemas import Card, Filters, Page, Thread
from bot.cases.states import View
from bot.cases.teams import list_teams
from bot.cases.threads import get_card, read_thread
from bot.catalogue.calendar import local_now
from bot.catalogue.names import list_names
from bot.conversations.states import Direction, Owner
from bot.db.base import utc_now
from bot.deliveries.window import MARGIN
from bot.desk.errors import DeskError, MissingError
from bot.desk.security import HOME, Viewer
from bot.jobs.services import Services
from bot.nlu.languages import Language

WHATSAPP = "whatsapp"
ROWS = 40
CURSOR = re.compile(r"\d{1,18}(\.\d{1,18}){2}", re.ASCII)
Word = Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)]


class Asked(BaseModel):
    """What the address of a page narrows the queue to; what it does not know is not there."""

    model_config = ConfigDict(extra="ignore")

    view: Word = View.MINE.value
    team: Word = ""
    language: Word = ""
    label: Word = ""
    overdue: Word = ""
    cursor: Annotated[str, StringConstraints(max_length=128)] = ""

    @property
    def shown(self) -> View:
        """The list; one's own where the address names none."""
        return View(self.view) if self.view in set(View) else View.MINE

    def query(self, **changes: str) -> str:
        """The same as the part of an address after the question mark, with changes, and from the first page on."""
        values = {**self.model_dump(exclude={"cursor"}), "view": self.shown.value, **changes}
        return urlencode({name: value for name, value in values.items() if value})

    def filters(self, scope: Sequence[str] | None) -> Filters:
        """The same for the lists."""
        return Filters(
            team_ids=scope,
            team_id=self.team or None,
            language=self.language or None,
            label=self.label or None,
            is_overdue=bool(self.overdue),
        )


@dataclass(frozen=True)
class Queue:
    """The left pane."""

    asked: Asked
    page: Page
    counts: Mapping[View, int]
    teams: Sequence[Team]
    labels: Sequence[Label]
    is_paused: bool
    switches: frozenset[Switch]
    languages: Sequence[str] = tuple(one.value for one in Language)


@dataclass(frozen=True)
class Opened:
    """A case with all that stands beside its thread."""

    card: Card
    thread: Thread
    person: Person
    reminders: Sequence[ReminderLine]
    colleagues: Sequence[Colleague]
    teams: Sequence[Team]
    labels: Sequence[Label]
    drafts: Mapping[str, str]
    templates: Sequence[ReadyMade]
    is_mine: bool
    is_window_closed: bool
    takes_files: bool
    cursor: str
    # What the entries of the card are called, by `kind:id`.
    names: Mapping[str, Mapping[str, str]]
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def template_keys(self) -> list[str]:
        """A key for each template: whatever is sent, is sent once."""
        return [str(uuid.uuid4()) for _ in self.templates]

    @property
    def seen_id(self) -> int:
        """The citizen's last message that is shown."""
        return max((one.id for one in self.thread.lines if one.direction == Direction.IN), default=0)

    @property
    def promised_at(self) -> dt.datetime | None:
        """The moment that the citizen was told."""
        at = self.card.promised.get("at")
        return dt.datetime.fromisoformat(at) if at else None

    @property
    def is_with_bot(self) -> bool:
        """Whether it is over, and the bot has the conversation again."""
        return self.state is Owner.CLOSED and self.card.owner is Owner.BOT

    @property
    def state(self) -> Owner:
        """Where it stands."""
        return self.card.row.state if self.card.row.closed_at is None else Owner.CLOSED


def load_queue(session: Session, viewer: Viewer, asked: Asked) -> Queue:
    """The queue of somebody, in six queries; raises DeskError for a cursor that is none."""
    scope = scope_of(session, viewer.staff_id, viewer.role)
    try:
        page = list_cases(
            session,
            asked.shown,
            asked.filters(scope),
            staff_id=viewer.staff_id,
            cursor=asked.cursor or None,
            limit=ROWS,
        )
    except ValueError as error:
        raise DeskError from error
    teams = [one for one in list_teams(session) if scope is None or one.id in scope]
    found = counts.read(session, staff_id=viewer.staff_id, team_ids=scope)
    is_paused = session.get_one(Staff, viewer.staff_id).is_paused
    switches = read_switches(session, staff_id=viewer.staff_id)
    return Queue(asked, page, found, teams, list_labels(session), is_paused, switches)


def open_case(session: Session, box: Services, viewer: Viewer, case_id: uuid.UUID) -> Opened:
    """A case for somebody to look at; raises MissingError where it is not there, or not theirs to see."""
    check_seen_by(session, viewer, case_id)
    card = get_card(session, case_id)
    now = utc_now()
    thread = read_thread(session, card.row.conversation_id)
    drafts = list_drafts(session, card.row.conversation_id, staff_id=viewer.staff_id)
    is_closed = card.row.channel == WHATSAPP and not _is_open(card.window_expires_at, now)
    return Opened(
        card=card,
        thread=thread,
        person=get_person(session, box.book, card.citizen_id),
        reminders=list_reminders(session, card.citizen_id, box.settings.today or local_now(now).date()),
        colleagues=list_colleagues(session, now),
        teams=list_teams(session),
        labels=list_labels(session),
        drafts={"note" if one.is_note else "reply": one.body for one in drafts},
        templates=list_ready_made(session, card.address_id, card.row.language) if is_closed else (),
        is_mine=card.row.assignee_id == viewer.staff_id and card.row.closed_at is None,
        is_window_closed=is_closed,
        takes_files=box.channels.has(card.row.channel) and box.channels.get(card.row.channel).takes_files,
        cursor=cursor_of(thread),
        names=list_names(session, _entries_of(card.tried)),
    )


def _entries_of(tried: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The entries that a card names."""
    found = [(one["kind"], one["id"]) for one in tried.get("entries") or ()]
    deadline = tried.get("deadline")
    return [*found, ("deadlines", deadline["id"])] if deadline else found


def check_seen_by(session: Session, viewer: Viewer, case_id: uuid.UUID) -> None:
    """Raises MissingError where a case is not there, or not somebody's to see."""
    if not may_see(session, case_id, viewer.staff_id, scope_of(session, viewer.staff_id, viewer.role)):
        raise MissingError


def case_path(case_id: uuid.UUID, query: str = "") -> str:
    """Where a case is looked at."""
    return f"{HOME}/cases/{case_id}{f'?{query}' if query else ''}"


def timeline(thread: Thread) -> list[dict[str, Any]]:
    """Messages, notes and events as they follow each other, each with its `sort`."""
    lines: list[tuple[str, Any]] = [
        *(("message", one) for one in thread.lines),
        *(("note", one) for one in thread.notes),
        *(("event", one) for one in thread.events),
    ]
    lines.sort(key=lambda one: (one[1].created_at, one[0]))
    return [{"sort": sort, "one": one} for sort, one in lines]


def cursor_of(thread: Thread) -> str:
    """How far a thread has been seen: its last message, note and event."""
    lasts = [max((one.id for one in part), default=0) for part in (thread.lines, thread.notes, thread.events)]
    return ".".join(str(one) for one in lasts)


def read_cursor(cursor: str) -> tuple[int, int, int]:
    """The reverse; the beginning for anything else."""
    if not CURSOR.fullmatch(cursor):
        return 0, 0, 0
    message, note, event = (int(part) for part in cursor.split("."))
    return message, note, event


def newer(thread: Thread, cursor: tuple[int, int, int]) -> Thread:
    """The part of a thread that was not seen yet."""
    message, note, event = cursor
    return Thread(
        [one for one in thread.lines if one.id > message],
        [one for one in thread.notes if one.id > note],
        [one for one in thread.events if one.id > event],
        thread.has_earlier,
    )


def _is_open(expires_at: dt.datetime | None, now: dt.datetime) -> bool:
    return expires_at is not None and expires_at - MARGIN > now
