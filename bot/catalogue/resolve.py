"""Which service a message is about: named in it, carried on from before, to be chosen, or not in the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.catalogue.search import Hit
from bot.catalogue.snapshot import Snapshot

# A score from which on the text itself names the entry.
NAMED = 0.20
# Beside a current service, something else must be named this clearly to replace it, and by this much more.
NAMED_ANEW = 0.24
SWITCH_MARGIN = 0.09
# Candidates this close to the best one are a choice for the citizen.
CLOSE = 0.025
# A question that is an entry of the FAQ must match it this well.
FAQ_SURE = 0.42
# A topic outside the catalogue wins when it beats the best service by this.
TOPIC_MARGIN = 0.02
MOST_CHOICES = 3
RANKED = 5


class Found(StrEnum):
    """How the search ended."""

    SERVICE = "service"
    CHOICE = "choice"
    FAQ = "faq"
    TOPIC = "topic"
    UNKNOWN = "unknown"
    NOTHING_NAMED = "nothing_named"


@dataclass(frozen=True)
class Resolution:
    """The outcome, the entry (or the closest service), the services to choose from, and the ranking."""

    found: Found
    entry_id: str | None = None
    choices: Sequence[str] = ()
    ranked: Sequence[str] = ()
    score: float = 0.0
    hits: Sequence[Hit] = field(default=(), repr=False)


def resolve(
    snapshot: Snapshot,
    text: str,
    *,
    current: str | None = None,
    chosen: str | None = None,
    pending: Sequence[str] = (),
    needs_service: bool = True,
) -> Resolution:
    """Decide which service is meant; `chosen` came with a button, `pending` were offered before."""
    if chosen and chosen in snapshot.services:
        return Resolution(Found.SERVICE, chosen, ranked=[chosen], score=1.0)
    hits = snapshot.index.search(text, kinds=("services", "topics", "faq"), limit=RANKED * 3)
    services = [hit for hit in hits if hit.kind == "services"]
    if current not in snapshot.services:
        current = None
    ranked = [hit.entry_id for hit in services][:RANKED]
    among = [hit for hit in services if hit.entry_id in pending]
    if among and pending:
        return _found(among[0], ranked, hits)
    if not services:
        return Resolution(Found.NOTHING_NAMED if needs_service else Found.UNKNOWN, ranked=ranked)
    outside = _outside(hits, services[0], current)
    if outside is not None:
        return outside
    if current and not _replaces(services, current):
        carried = [current, *[one for one in ranked if one != current]][:RANKED]
        return Resolution(Found.SERVICE, current, ranked=carried, score=services[0].score, hits=hits)
    if services[0].score < NAMED:
        return Resolution(Found.NOTHING_NAMED, services[0].entry_id, ranked=ranked, score=services[0].score)
    return _one_or_choice(services, ranked, hits)


def _found(hit: Hit, ranked: Sequence[str], hits: Sequence[Hit]) -> Resolution:
    first = [hit.entry_id, *[one for one in ranked if one != hit.entry_id]]
    return Resolution(Found.SERVICE, hit.entry_id, ranked=first[:RANKED], score=hit.score, hits=hits)


def _outside(hits: Sequence[Hit], best: Hit, current: str | None) -> Resolution | None:
    """A question of the FAQ or a topic that the catalogue does not hold, when it is the better match."""
    top = hits[0]
    needed = NAMED_ANEW if current else NAMED
    if top.kind == "faq" and top.score >= FAQ_SURE and top.score > best.score:
        return Resolution(Found.FAQ, top.entry_id, score=top.score, hits=hits)
    if top.kind == "topics" and top.score >= needed and top.score - best.score >= TOPIC_MARGIN:
        return Resolution(Found.TOPIC, top.entry_id, choices=[best.entry_id], score=top.score, hits=hits)
    return None


def _replaces(services: Sequence[Hit], current: str) -> bool:
    """Whether the best hit is clearly another service than the current one."""
    best = services[0]
    mine = next((hit.score for hit in services if hit.entry_id == current), 0.0)
    return best.entry_id != current and best.score >= NAMED_ANEW and best.score - mine >= SWITCH_MARGIN


def _one_or_choice(services: Sequence[Hit], ranked: Sequence[str], hits: Sequence[Hit]) -> Resolution:
    best = services[0]
    close = [hit.entry_id for hit in services if best.score - hit.score <= CLOSE][:MOST_CHOICES]
    if len(close) > 1:
        return Resolution(Found.CHOICE, choices=close, ranked=ranked, score=best.score, hits=hits)
    return _found(best, ranked, hits)
