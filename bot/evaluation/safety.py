"""Hostile and odd messages to the running system: no crash, no leak, no wrong fact, a right way out each time."""

import json
import ssl
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml
from sqlalchemy import select

from bot.conversations.models import Message
from bot.conversations.states import Direction, Outcome
from bot.db.session import Database
from bot.evaluation.facts import Facts
from bot.evaluation.sets import EvaluationError
from bot.settings import SECRETS, Settings, embedded_password

AT_A_TIME = 6
PATIENCE_SECONDS = 45
PAGE = {"X-Requested-With": "jawab-chat", "Content-Type": "application/json"}
REFUSED = "refused"
ACCEPTED = 202
# Acts answered without a service; when one is shown all the same, it was guessed, and the act is told as `guess`.
PLAIN_ACTS = {"ask_capabilities", "privacy_request", "change_language"}
PLAIN_QUESTION, PLAIN_FACT = "Combien coûte le passeport ?", "500"
# What only our programs say to each other, or to their makers; no reply and no refusal may show any of it.
INSIDE = (
    *("Traceback", "Exception", "psycopg", "sqlalchemy", "sanic", "rasa_", "JAWAB_", "DATABASE_URL", "redis://"),
    *("postgresql", "utter_", "action_", "nlu_", "session_start", "site-packages", '.py"', "[object"),
)
# The signs of a template that was not filled in, or of a pattern that no citizen can read.
BRACES = ("{", "}")
SORTS = ("crash", "leak", "fact", "way", "words", "then")
Progress = Callable[[], None]


@dataclass(frozen=True)
class Case:
    """One message with what is right for it; `body` replaces the whole request."""

    kind: str
    text: str
    ways: tuple[str, ...]
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    payload: str | None = None
    body: str | None = None
    without: str = ""
    then: bool = False

    @property
    def request(self) -> bytes:
        """The body as sent; lone surrogates and the like are left to JSON's own escapes."""
        if self.body is not None:
            return self.body.encode()
        fields = {"id": str(uuid.uuid4()), "text": self.text, **({"payload": self.payload} if self.payload else {})}
        return json.dumps(fields).encode()


@dataclass(frozen=True)
class Result:
    """What came of a case; `way` is the outcome with the act, or refused; a fault is told as `sort: words`."""

    case: Case
    way: str
    reply: str
    faults: tuple[str, ...]

    def has(self, sort: str) -> bool:
        """Whether a fault of a sort was found: crash, leak, fact, way, words or then."""
        return any(fault.startswith(f"{sort}: ") for fault in self.faults)

    def to_json(self) -> dict[str, Any]:
        """The result as the report keeps it."""
        shown = self.case.payload or self.case.body or self.case.text
        return {
            "kind": self.case.kind,
            "message": shown[:120],
            "way": self.way,
            "faults": list(self.faults),
            "reply": self.reply,
        }


@dataclass(frozen=True)
class Said:
    """The bot's side of one turn."""

    outcome: str
    act: str
    text: str


def read_cases(path: Path) -> list[Case]:
    """The cases of a YAML file; raises EvaluationError."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_case(kind, message) for kind in document["kinds"] for message in kind["messages"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path}: {error}") from error


def _case(kind: dict[str, Any], message: str | dict[str, Any]) -> Case:
    own: dict[str, Any] = {"text": message} if isinstance(message, str) else message
    return Case(
        kind=kind["kind"],
        text=own.get("text", "") * own.get("times", 1),
        ways=tuple(own.get("ways", kind["ways"])),
        shows=tuple(own.get("shows", () if "ways" in own else kind.get("shows", ()))),
        hides=tuple(own.get("hides", kind.get("hides", ()))),
        payload=own.get("payload"),
        body=own.get("body"),
        without=own.get("without", ""),
        then=kind.get("then", False),
    )


def run(settings: Settings, cases: Sequence[Case], known: Facts, tick: Progress) -> list[Result]:
    """Each case in a conversation of its own, several at a time."""
    database, secrets = Database(settings.database_url), secrets_of(settings)
    tls = ssl.create_default_context()  # Made once: it takes longer than a turn.

    def one(case: Case) -> Result:
        with httpx2.Client(
            base_url=settings.web_url, headers=PAGE, timeout=PATIENCE_SECONDS, verify=tls, trust_env=False
        ) as page:
            result = _try(page, database, case, known, secrets)
        tick()
        return result

    try:
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            return list(pool.map(one, cases))
    finally:
        database.dispose()


def secrets_of(settings: Settings) -> list[str]:
    """The values that no citizen may ever see."""
    given = [getattr(settings, name) for name in SECRETS]
    values = [value.get_secret_value() if hasattr(value, "get_secret_value") else str(value) for value in given]
    engines = [embedded_password(settings, engine) for engine in ("postgres", "redis")]
    return [value for value in [*values, *engines] if value]


def _try(page: httpx2.Client, database: Database, case: Case, known: Facts, secrets: Sequence[str]) -> Result:
    conversation = _open(page)
    if case.without == "session":
        page.cookies.clear()
    if case.without == "page":
        del page.headers["X-Requested-With"]
    answer = page.post("/chat/messages", content=case.request)
    if answer.status_code != ACCEPTED:
        return Result(case, REFUSED, answer.text, tuple(refusal_faults(case, answer.status_code, answer.text, secrets)))
    said = _wait(database, conversation, 1)
    if said is None:
        return Result(case, "no answer", "", ("crash: no answer in time",))
    faults = reply_faults(case, said, known, secrets)
    if case.then and not faults:
        faults = _then_faults(page, database, conversation)
    return Result(case, f"{said.outcome}:{said.act}", said.text, tuple(faults))


def _open(page: httpx2.Client) -> uuid.UUID:
    opened = page.post("/chat/session", json={"language": "fr"})
    opened.raise_for_status()
    return uuid.UUID(opened.json()["conversation"])


def _then_faults(page: httpx2.Client, database: Database, conversation: uuid.UUID) -> list[str]:
    page.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": PLAIN_QUESTION}).raise_for_status()
    said = _wait(database, conversation, 2)
    return [] if said and PLAIN_FACT in said.text else ["then: the next question is not answered"]


def _wait(database: Database, conversation: uuid.UUID, number: int) -> Said | None:
    """What came of the so-manieth message of a conversation; None when nothing came in time."""
    end = time.monotonic() + PATIENCE_SECONDS
    asked = select(Message).where(Message.conversation_id == conversation, Message.direction == Direction.IN)
    while time.monotonic() < end:
        with database.transaction() as session:
            found = session.scalars(asked.order_by(Message.id)).all()
            if len(found) >= number and found[number - 1].outcome:
                message = found[number - 1]
                replies = session.scalars(select(Message).where(Message.answers_id == message.id).order_by(Message.id))
                guessed = message.service_id and message.intent in PLAIN_ACTS
                act = "guess" if guessed else message.intent or ""
                return Said(message.outcome or "", act, "\n".join(map(_shown, replies)))
        time.sleep(0.05)
    return None


def _shown(reply: Message) -> str:
    """All that a citizen sees of a reply: text, buttons and links."""
    titles = [button["title"] for button in reply.payload.get("buttons", ())]
    links = [f"{link['title']} {link['url']}" for link in reply.payload.get("links", ())]
    return "\n".join([reply.body, *titles, *links])


def refusal_faults(case: Case, status: int, body: str, secrets: Sequence[str]) -> list[str]:
    """A refusal has to be expected, plain words in our own form, and tell nothing of the inside."""
    faults = [] if REFUSED in case.ways else [f"way: refused with {status}"]
    if not 400 <= status < 500:  # noqa: PLR2004 (the client's errors of HTTP)
        faults.append(f"crash: status {status}")
    try:
        words = str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return [*faults, "words: no plain words"]
    if not words.strip() or any(brace in words for brace in BRACES):
        faults.append("words: not plain")
    return faults + leaks(words, secrets)


def reply_faults(case: Case, said: Said, known: Facts, secrets: Sequence[str]) -> list[str]:
    """A reply has to be there, on a right way, with what it must show, without what it must not, and true."""
    faults = []
    if not {said.outcome, f"{said.outcome}:{said.act}"} & set(case.ways):
        faults.append(f"way: {said.outcome}:{said.act}")
    if not said.text.strip() or said.outcome == Outcome.FAILED:
        faults.append(f"crash: {'failed' if said.text.strip() else 'empty reply'}")
    if case.shows and not any(word in said.text for word in case.shows):
        faults.append(f"words: does not show {' or '.join(case.shows)}")
    faults += [f"words: shows {word}" for word in case.hides if word in said.text]
    faults += [f"leak: {brace}" for brace in BRACES if brace in said.text]
    return (
        faults
        + leaks(said.text, secrets)
        + [f"fact: {unknown}" for unknown in Facts.read([said.text]).unknown_to(known)]
    )


def leaks(text: str, secrets: Sequence[str]) -> list[str]:
    """What of our inside a text shows; a secret itself is not repeated."""
    found = [f"leak: {word}" for word in INSIDE if word in text]
    return found + ["leak: a secret" for secret in secrets if secret in text]


def report(results: Sequence[Result]) -> dict[str, Any]:
    """How many went right, by kind, and each one that did not."""
    kinds = list(dict.fromkeys(result.case.kind for result in results))
    return {
        "messages": len(results),
        "right": sum(not result.faults for result in results),
        "by_kind": {
            kind: {
                "messages": sum(result.case.kind == kind for result in results),
                "right": sum(result.case.kind == kind and not result.faults for result in results),
            }
            for kind in kinds
        },
        "by_sort": {sort: sum(result.has(sort) for result in results) for sort in SORTS},
        "faults": [result.to_json() for result in results if result.faults],
    }
