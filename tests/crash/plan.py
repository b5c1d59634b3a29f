"""What a seed stands for: who writes what and when, what vendors do wrong, and who is killed when."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

# The load lasts so long; blows may fall a little later.
LOAD_SECONDS = 4.0
WISHES = ("STOP", "arrêt", "حبس")


class Act(StrEnum):
    """What a citizen does."""

    TEXT = "text"
    CHOICES = "choices"  # A text whose answer has buttons.
    LONG = "long"  # A text whose answer takes several parts.
    AGAIN = "again"  # The same words as the time before.
    PRESS = "press"
    STOP = "stop"
    START = "start"
    NIGHT = "night"  # A day passes without a word.


class Whom(StrEnum):
    """Who is killed."""

    WEB = "web"
    WORKER = "worker"
    RASA = "rasa"
    ACTIONS = "actions"
    POSTGRES = "postgres"
    ALL = "all"


class Fault(StrEnum):
    """What a vendor does wrong."""

    BUSY = "429"
    BROKEN = "500"
    SILENT = "taken, never answered"
    SLOW = "slow"


@dataclass(frozen=True)
class Citizen:
    """Who writes: a chat's number, or a telephone's."""

    channel: str
    address: str


@dataclass(frozen=True)
class Line:
    """One thing that a citizen does, and how often its webhook comes again."""

    number: int
    at: float
    citizen: Citizen
    act: Act
    copies: int
    words: str = ""


@dataclass(frozen=True)
class Trouble:
    """A vendor's next calls go wrong."""

    at: float
    channel: str
    fault: Fault
    count: int


@dataclass(frozen=True)
class Blow:
    """A kill: after a pause, when a point is reached, for so long."""

    pause: float
    point: str
    whom: Whom
    down: float


@dataclass(frozen=True)
class Plan:
    """All of it."""

    seed: int
    lines: tuple[Line, ...]
    troubles: tuple[Trouble, ...]
    blows: tuple[Blow, ...]
    campaigns: tuple[float, ...]
    has_worker: bool
    per_citizen: float
    statuses: str
    rasa_faults: int

    @property
    def citizens(self) -> list[Citizen]:
        """Those who write."""
        return list(dict.fromkeys(line.citizen for line in self.lines))


def draw(seed: int, points: list[str]) -> Plan:
    """The plan of a seed; the same each time, though what comes of it may differ by milliseconds."""
    chance = random.Random(seed)  # noqa: S311 (it must come out the same each time)
    has_worker = chance.random() < 0.35
    lines = tuple(_lines(chance))
    return Plan(
        seed=seed,
        lines=lines,
        troubles=tuple(_troubles(chance)),
        blows=tuple(_blows(chance, points, has_worker=has_worker)),
        campaigns=tuple(sorted(chance.uniform(1.0, LOAD_SECONDS) for _ in range(chance.randint(0, 2)))),
        has_worker=has_worker,
        per_citizen=chance.choice((2.0, 10.0, 10.0)),
        statuses=chance.choice(("usual", "early", "duplicated", "shuffled")),
        rasa_faults=chance.randint(0, 3),
    )


def _lines(chance: random.Random) -> Iterator[Line]:
    citizens = [_citizen(chance, number) for number in range(chance.randint(5, 10))]
    moments = sorted(chance.uniform(0, LOAD_SECONDS) for _ in range(chance.randint(20, 60)))
    stopped: dict[Citizen, int] = {}
    for number, at in enumerate(moments):
        citizen = chance.choice(citizens)
        act = _act(chance, citizen, stopped.get(citizen, 0))
        stopped[citizen] = stopped.get(citizen, 0) + (act in (Act.STOP, Act.START))
        words = chance.choice(WISHES) if act is Act.STOP else ""
        yield Line(number, at, citizen, act, chance.choice((0, 0, 0, 0, 1, 2)), words)


def _citizen(chance: random.Random, number: int) -> Citizen:
    if chance.random() < 0.5:
        return Citizen("telegram", str(42_000 + number))
    return Citizen("whatsapp", f"+2126000000{number:02}")


def _act(chance: random.Random, citizen: Citizen, wishes: int) -> Act:
    """Each citizen says STOP once at most, and START once after it."""
    acts = {Act.TEXT: 12, Act.CHOICES: 3, Act.LONG: 3, Act.PRESS: 3}
    acts |= {Act.STOP: 2} if wishes == 0 else {Act.START: 3} if wishes == 1 else {}
    # Telegram's calls carry no id of ours: there the same answer twice could not be told from one sent twice.
    acts |= {Act.AGAIN: 2, Act.NIGHT: 1} if citizen.channel == "whatsapp" else {}
    return chance.choices(list(acts), weights=list(acts.values()))[0]


def _troubles(chance: random.Random) -> Iterator[Trouble]:
    for _ in range(chance.randint(0, 4)):
        channel = chance.choice(("telegram", "whatsapp"))
        fault = chance.choice(list(Fault))
        yield Trouble(chance.uniform(0, LOAD_SECONDS), channel, fault, chance.randint(1, 2))


def _blows(chance: random.Random, points: list[str], *, has_worker: bool) -> Iterator[Blow]:
    whom = [Whom.WEB, Whom.WEB, Whom.POSTGRES, Whom.POSTGRES, Whom.RASA, Whom.ACTIONS, Whom.ALL]
    whom += [Whom.WORKER] * 3 * has_worker
    for _ in range(chance.randint(1, 3)):
        yield Blow(chance.uniform(0.1, 1.2), chance.choice(points), chance.choice(whom), chance.uniform(0, 0.6))
