"""What is measured of the desk: its pages over many conversations, and how soon open pages hear of something."""

import asyncio
import datetime as dt
import itertools
import shutil
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from cryptography.fernet import Fernet
from sqlalchemy import func, insert, select, text

from bot.accounts.permissions import Role
from bot.accounts.schemas import Browser
from bot.accounts.service import create_staff
from bot.accounts.sessions import open_session
from bot.accounts.signing_in import Accounts
from bot.accounts.states import Stage
from bot.cases import counts
from bot.cases.models import Case
from bot.cases.service import Opening, open_case
from bot.cases.states import Count, Ending, Reason
from bot.cases.teams import list_teams
from bot.citizens.models import Address, Citizen
from bot.conversations.models import Conversation, Message
from bot.conversations.queries import get_conversation
from bot.conversations.states import Author, Delivery, Direction, Owner
from bot.conversations.words import folded
from bot.db.base import utc_now
from bot.db.session import Database
from bot.desk.security import cookie_name
from bot.jobs.events import Events
from bot.ops.bench.channels.installation import engines_and_web
from bot.ops.bench.markdown import pair, table
from bot.ops.bench.numbers import loop_seconds, summary
from bot.ops.bench.plan import Plan
from bot.ops.bench.system import own_installation
from bot.settings import Settings

PARTS = ("desk",)
LISTS = ("all", "waiting", "closed")
AT_ONCE = 2_000
BROWSER = Browser("127.0.0.1", "bench")
QUESTIONS = (
    "بشحال كيسوى تجديد جواز السفر ديال ولدي الصغير؟",
    "Ma carte nationale est perdue, que faire ?",
    "wach khassni nji b rasi bach n3ewed la carte",
    "When do I have to pay the vehicle tax?",
)
SPREAD = dt.timedelta(days=180)
PATIENCE_SECONDS = 10.0
# The first views of a page fill caches.
WARM_VIEWS = 3
# Between two things that happen: what the first one costs is over by then.
PAUSE_SECONDS = 0.3
Say = Callable[[str], None]


@dataclass(frozen=True)
class Person:
    """A member of staff, signed in."""

    id: uuid.UUID
    cookies: dict[str, str]


def measure(settings: Settings, plan: Plan, _wanted: Sequence[str], say: Say, *, quick: bool) -> dict[str, Any]:
    """The figures of the desk, with when and on what they were taken."""
    folder = settings.var / "bench" / "desk"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    own = own_installation(settings).model_copy(update={"var": folder, "worker": "separate"})
    about = {"measured_on": utc_now().date().isoformat(), "quick": quick, "loop_seconds": loop_seconds()}
    say("Database and web process start …")
    with engines_and_web(own):
        town = _Town(own)
        try:
            say(f"{plan.closed_cases:,} conversations that are over, and {plan.open_cases} that are not …")
            town.fill(plan)
            staff = [town.hire() for _ in range(plan.agents)]
            say("Pages …")
            pages = _pages(own, town, staff[0], plan)
            say(f"{plan.agents} pages listen …")
            heard = asyncio.run(_heard(own, town, staff, plan))
        finally:
            town.close()
    return {"desk": {**about, "closed": plan.closed_cases, "agents": plan.agents, "pages": pages, "heard": heard}}


def page(found: Mapping[str, Any]) -> str:
    """The table of what was seen, beside what is asked."""
    rows: list[tuple[object, ...]] = [
        (
            f"a new case is told to {found['agents']} open pages, p50 / p95 ms ({found['heard']['failed']} not told)",
            pair(found["heard"]),
            "≤ 500 (p95)",
        )
    ]
    for name, one in found["pages"].items():
        asked = "≤ 150 (p95)" if name in LISTS else "–"
        rows.append((f"page “{name}” over {found['closed']:,} conversations, {one['kilobytes']} KB", pair(one), asked))
    quick = "; a quick run, the figures mean little" if found["quick"] else ""
    head = (
        f"The desk: measured on {found['measured_on']}, 5 million multiplications in {found['loop_seconds']} s{quick}."
    )
    return f"{head}\n\n{table(('', 'seen', 'asked'), rows)}"


class _Town:
    """Citizens and staff, beside the web process."""

    def __init__(self, own: Settings) -> None:
        self._settings, self._events = own, Events(own.redis_url)
        self._cipher = Fernet(own.encryption_key.get_secret_value().encode())
        self._questions = itertools.cycle(QUESTIONS)
        self.database = Database(own.database_url, pool_size=4)
        self.database.tell = self._events.publish_to_desk

    def hire(self) -> Person:
        """Somebody who leads: all lists are theirs to see, which is the most work."""
        times = Accounts(self._settings).times
        email = f"{uuid.uuid4().hex}@example.ma"
        with self.database.transaction() as session:
            staff_id = create_staff(session, by=None, email=email, name="Agent", role=Role.SUPERVISOR, language="ar")
            key = open_session(session, staff_id, Stage.SIGNED_IN, BROWSER, times).key
        return Person(staff_id, {cookie_name(self._settings): key})

    def fill(self, plan: Plan) -> None:
        """Conversations that are over, put in at once; those that are open come as they do."""
        with self.database.transaction() as session:
            team_id = list_teams(session)[0].id
        for begin in range(0, plan.closed_cases, AT_ONCE):
            self._add_closed(team_id, min(AT_ONCE, plan.closed_cases - begin))
        for _ in range(plan.open_cases):
            self.ask()
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))

    def ask(self) -> uuid.UUID:
        """A citizen asks for a person; gives the case."""
        (conversation_id,) = self._add_talks(1)
        with self.database.transaction() as session:
            conversation = get_conversation(session, conversation_id, lock=True)
            return open_case(session, conversation, Opening(Reason.ASKED, "ary", next(self._questions))).id

    def some_open(self) -> uuid.UUID:
        """A case that is open."""
        with self.database.transaction() as session:
            query = select(Case.id).where(Case.closed_at.is_(None)).order_by(func.random()).limit(1)
            return session.scalars(query).one()

    def close(self) -> None:
        """Close the connections."""
        self._events.close()
        self.database.dispose()

    def _add_talks(self, count: int) -> list[uuid.UUID]:
        """Conversations with a question and an answer each."""
        people = [{"id": uuid.uuid4()} for _ in range(count)]
        addresses = [self._address(one["id"]) for one in people]
        talks = [
            {"id": uuid.uuid4(), "citizen_id": one["citizen_id"], "address_id": one["id"], "language": "ary"}
            for one in addresses
        ]
        lines = [line for one in talks for line in (self._line(one["id"], is_ours=False), self._line(one["id"]))]
        with self.database.transaction() as session:
            for table, rows in ((Citizen, people), (Address, addresses), (Conversation, talks), (Message, lines)):
                session.execute(insert(table), rows)
        return [one["id"] for one in talks]

    def _address(self, citizen_id: uuid.UUID) -> dict[str, Any]:
        value = uuid.uuid4().hex
        return {
            "id": uuid.uuid4(),
            "citizen_id": citizen_id,
            "channel": "webchat",
            "kind": "session",
            "value_encrypted": self._cipher.encrypt(value.encode()),
            "value_hash": value,
        }

    def _line(self, conversation_id: uuid.UUID, *, is_ours: bool = True) -> dict[str, Any]:
        words = next(self._questions)
        return {
            "conversation_id": conversation_id,
            "channel": "webchat",
            "direction": (Direction.OUT if is_ours else Direction.IN).value,
            "author": (Author.BOT if is_ours else Author.CITIZEN).value,
            "kind": "text",
            "body": words,
            "folded": folded(words),
            "status": (Delivery.READ if is_ours else Delivery.RECEIVED).value,
        }

    def _add_closed(self, team_id: str, count: int) -> None:
        talks, now = self._add_talks(count), utc_now()
        rows = []
        for number, conversation_id in enumerate(talks):
            closed_at = now - SPREAD * (number / count)
            opened_at = closed_at - dt.timedelta(hours=1)
            rows.append(
                {
                    "conversation_id": conversation_id,
                    "team_id": team_id,
                    "state": Owner.CLOSED,
                    "version": 3,
                    "reason": Reason.ASKED,
                    "question": next(self._questions),
                    "language": "ary",
                    "opened_at": opened_at,
                    "last_citizen_at": opened_at,
                    "closed_at": closed_at,
                    "ending": Ending.CLOSED,
                }
            )
        with self.database.transaction() as session:
            session.execute(insert(Case), rows)
            counts.change(session, [], [(Count.CLOSED, team_id)] * count)


def _pages(own: Settings, town: _Town, who: Person, plan: Plan) -> dict[str, Any]:
    """Milliseconds of whole pages, one after the other, as a browser's navigation asks for them."""
    case_id = town.some_open()
    paths = {
        "all": "/desk/inbox?view=all",
        "waiting": "/desk/inbox?view=waiting",
        "closed": "/desk/inbox?view=closed",
        "case": f"/desk/cases/{case_id}?view=all",
        "search": "/desk/inbox/search?words=carte",
    }
    found: dict[str, Any] = {}
    with httpx2.Client(base_url=own.web_url, cookies=who.cookies, timeout=30) as client:
        for name, path in paths.items():
            seconds = []
            for number in range(WARM_VIEWS + plan.page_views):
                began = time.perf_counter()
                response = client.get(path)
                response.raise_for_status()
                if number >= WARM_VIEWS:
                    seconds.append(time.perf_counter() - began)
            found[name] = {**summary(seconds), "kilobytes": round(len(response.content) / 1000)}
    return found


async def _heard(own: Settings, town: _Town, staff: Sequence[Person], plan: Plan) -> dict[str, Any]:
    """From the moment before a case is opened to the moment that each open page has been told of it."""
    news: list[asyncio.Queue[tuple[str, float]]] = [asyncio.Queue() for _ in staff]
    ready = [asyncio.Event() for _ in staff]
    seconds: list[float | None] = []
    async with asyncio.TaskGroup() as group:
        ears = [
            group.create_task(_listen(own, one, queue, event))
            for one, queue, event in zip(staff, news, ready, strict=True)
        ]
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in ready)), PATIENCE_SECONDS)
        for _ in range(plan.desk_events):
            await asyncio.sleep(PAUSE_SECONDS)
            began = time.perf_counter()
            case_id = str(await asyncio.to_thread(town.ask))
            seconds += await asyncio.gather(*(_arrival(queue, case_id, began) for queue in news))
        for ear in ears:
            ear.cancel()
    return summary(seconds)


async def _listen(own: Settings, who: Person, news: "asyncio.Queue[tuple[str, float]]", ready: asyncio.Event) -> None:
    headers = {"Accept": "text/event-stream"}
    async with (
        httpx2.AsyncClient(base_url=own.web_url, cookies=who.cookies, timeout=60) as client,
        client.stream("GET", "/desk/events", headers=headers) as response,
    ):
        async for line in response.aiter_lines():
            if line == "event: ready":
                ready.set()
            elif line.startswith("data: "):
                news.put_nowait((line, time.perf_counter()))


async def _arrival(news: "asyncio.Queue[tuple[str, float]]", case_id: str, began: float) -> float | None:
    """The seconds until a page was told of a case; None when it was not."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                line, at = await news.get()
                if case_id in line:
                    return at - began
    except TimeoutError:
        return None
