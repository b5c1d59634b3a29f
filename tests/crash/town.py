"""All that takes part in one run: the gateway's processes, the stand-ins around them, and what is known of them."""

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.citizens.service import AddressBook
from bot.db.session import Database
from bot.senders.service import SenderBook
from bot.settings import Settings
from tests.crash.child import PACE
from tests.crash.engines import Engines, run_settings
from tests.crash.levers import Levers
from tests.crash.plan import Citizen, Line, Plan, Whom
from tests.crash.ports import lasting_ports
from tests.crash.processes import Child, actions_child, rasa_child, web_child, worker_child
from tests.crash.story import Story
from tests.fakes import telegram_api, twilio_api
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi

AWAY_SECONDS = 30.0
OVERRIDES = "#ct=2000&rt=5000&tt=15000&rc=5&rp=all"


@dataclass(frozen=True)
class Spoken:
    """What a citizen did, under the name that the vendor gave it; `queue` is in which it comes in order."""

    line: Line
    text: str
    key: str
    queue: str
    update_id: int = 0


@dataclass
class Town:
    """One run."""

    plan: Plan
    settings: Settings
    telegram: TelegramApi
    twilio: TwilioApi
    levers: Levers
    database: Database
    durable: Database
    children: dict[Whom, Child] = field(default_factory=dict)
    story: Story = field(default_factory=Story)
    spoken: list[Spoken] = field(default_factory=list)
    were_unknown: set[int] = field(default_factory=set)

    @property
    def book(self) -> AddressBook:
        """Finds a citizen's address."""
        keys = self.settings.hash_key, self.settings.encryption_key
        return AddressBook(hash_key=keys[0].get_secret_value(), encryption_key=keys[1].get_secret_value())

    def hash_of(self, citizen: Citizen) -> str:
        """Under which a citizen's address is found."""
        prefix = "whatsapp:" if citizen.channel == "whatsapp" else ""
        return self.book.hash(citizen.channel, prefix + citizen.address)

    def peek(self, query: str, **values: Any) -> Sequence[Mapping[str, Any]]:
        """Rows of our database; none while it is away."""
        return _rows(self.database, query, values) or []

    def ask(self, query: str, *, of: str = "ours", **values: Any) -> Sequence[Mapping[str, Any]]:
        """Rows of our database or of the durable engine's, through any absence of it."""
        deadline = time.monotonic() + AWAY_SECONDS
        while (found := _rows(self.database if of == "ours" else self.durable, query, values)) is None:
            assert time.monotonic() < deadline, "the database stayed away"
            time.sleep(0.1)
        return found

    def wall(self, at: float) -> dt.datetime:
        """A moment of the stand-ins' clock as the database tells the time."""
        return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=time.monotonic() - at)

    def start(self) -> None:
        """Start the gateway, and tell the vendors where it is."""
        for whom in (Whom.ACTIONS, Whom.RASA, Whom.WEB):
            self.children[whom].start()
        for whom in (Whom.ACTIONS, Whom.RASA, Whom.WEB):
            self.children[whom].wait_until_ready()
        book = SenderBook(encryption_key=self.settings.encryption_key.get_secret_value())
        with self.database.transaction() as session:
            number = next(one for one in book.list(session) if one.channel == "whatsapp")
        self.twilio.webhook_url = f"{self.settings.public_url}/webhooks/whatsapp/{number.secrets.path}{OVERRIDES}"
        if Whom.WORKER in self.children:
            self.children[Whom.WORKER].start()
        self.wait_for(lambda: bool(self.telegram.courier.webhook.url), "Telegram's webhook")
        self.story = Story()

    def keep_up(self) -> None:
        """Start again what ended by itself, as `jawab up` would."""
        for child in self.children.values():
            if child.has_ended:
                self.story.tell(f"{child.name} had ended by itself, and is started again")
                child.start()

    def wait_for(self, holds: Any, what: str, seconds: float = AWAY_SECONDS) -> None:
        """Wait for something that others bring about."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"{what} did not come about"
            self.keep_up()
            time.sleep(0.05)


def _rows(database: Database, query: str, values: dict[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    try:
        with database.transaction() as session:
            return [dict(row) for row in session.execute(text(query), values).mappings()]
    except SQLAlchemyError:
        return None


def _environment(town: Town, telegram: str) -> dict[str, str]:
    settings, twilio = town.settings, town.twilio
    return {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "JAWAB_VAR": str(settings.var),
        "JAWAB_RASA_URL": settings.rasa_url,
        "JAWAB_RASA_TOKEN": settings.rasa_token.get_secret_value(),
        "JAWAB_PUBLIC_URL": settings.public_url,
        "TELEGRAM_BOT_TOKEN": telegram_api.TOKEN,
        "JAWAB_TELEGRAM_API_URL": telegram,
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": twilio.courier.token,
        "TWILIO_WHATSAPP_FROM": twilio.sender.removeprefix("whatsapp:"),
        "JAWAB_TWILIO_API_URL": twilio.api_url,
        "OMP_NUM_THREADS": "1",
        PACE: str(town.plan.per_citizen),
    }


@contextmanager
def standing(plan: Plan, engines: Engines, root: Path, folder: Path) -> Iterator[Town]:
    """A town that has just been started; at the end all that was started for it ends."""
    with ExitStack() as stack:
        telegram, twilio = TelegramApi(), TwilioApi()
        if plan.statuses != "usual":
            setattr(twilio, plan.statuses, True)
        telegram_url = stack.enter_context(telegram_api.serve(telegram))
        stack.enter_context(twilio_api.serve(twilio))
        settings = _settings(stack, plan, engines, run_settings(engines, folder, root))
        ours, durable = Database(settings.database_url), Database(settings.dbos_database_url, pool_size=2)
        stack.callback(ours.dispose)
        stack.callback(durable.dispose)
        town = Town(plan, settings, telegram, twilio, Levers(), ours, durable)
        _people(stack, town, engines, _environment(town, telegram_url), folder)
        town.start()
        yield town


def _settings(stack: ExitStack, plan: Plan, engines: Engines, settings: Settings) -> Settings:
    """The settings with databases of the run's own, and addresses for vendors and for Rasa."""
    name = f"crash_{plan.seed}"
    engines.make(name)
    stack.callback(engines.drop, name)
    public, rasa = (f"http://127.0.0.1:{port}" for port in lasting_ports(2))
    changes = {"given_public_url": public, "given_rasa_url": rasa, "given_database_url": SecretStr(engines.url(name))}
    return settings.model_copy(update=changes)


def _people(stack: ExitStack, town: Town, engines: Engines, environment: dict[str, str], folder: Path) -> None:
    """The processes, not started yet."""
    (actions_port,) = lasting_ports(1)
    rasa_port = int(town.settings.rasa_url.rpartition(":")[2])
    town.children = {
        Whom.POSTGRES: engines.postgres,
        Whom.ACTIONS: actions_child(actions_port, town.levers, folder),
        Whom.RASA: rasa_child(rasa_port, actions_port, town.levers, folder),
        Whom.WEB: web_child(town.settings, environment, folder),
    }
    if town.plan.has_worker:
        town.children[Whom.WORKER] = worker_child(town.settings, environment, folder)
    for whom, child in town.children.items():
        if whom is not Whom.POSTGRES:
            stack.callback(child.kill)
