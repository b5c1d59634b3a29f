"""Which service a message is about: named in it, carried on from before, to be chosen, or not in the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.catalogue.mentions import family_of
from bot.catalogue.schemas import Service
from bot.catalogue.search import Hit
from bot.catalogue.snapshot import Snapshot

# A score from which on the text itself means the entry.
NAMED = 0.20
# With a current service, another replaces it when it is called by name, or described this well and this much better.
DESCRIBED = 0.42
DESCRIBED_MARGIN = 0.25
# A name must be this much more telling than a name of the current service.
MENTION_MARGIN = 0.5
# A sibling (the child's passport instead of the adult's) replaces the current service by this.
SIBLING_MARGIN = 0.05
# "And for my daughter who is 8?": so few words of some length that mark a sibling, and name nothing else, mean it.
FEW_WORDS, SHORTEST_WORD = 5, 3
# With a current service, a topic outside the catalogue must be met this well, and this much better than any service.
TOPIC_ANEW = 0.30
TOPIC_ANEW_MARGIN = 0.12
# Candidates this close to the best one are a choice for the citizen.
CLOSE = 0.025
# A question that is an entry of the FAQ must match it this well.
FAQ_SURE = 0.42
# A topic outside the catalogue wins when it beats the best service by this.
TOPIC_MARGIN = 0.02
# What a name in the text adds to a service's score, and what a sibling's word that is not in the text takes off.
CALLED = 0.05
UNSAID = 0.1
MOST_CHOICES = 3
# Categories of people for whom many papers are another service; how far such a sibling may lie behind.
APART = {"moroccans_abroad"}
APART_MARGIN = 0.15
# What a citizen types to choose from a list.
NUMBERS = ("1", "2", "3")
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
    if text.strip() in NUMBERS[: len(pending)]:
        return Resolution(Found.SERVICE, pending[int(text) - 1], ranked=[pending[int(text) - 1]], score=1.0)
    is_strange = snapshot.index.has_strange_word(text)
    text = snapshot.index.repair(text)
    hits = snapshot.index.search(text, kinds=("services", "topics", "faq"), limit=RANKED * 3)
    services = _weighed(snapshot, text, [hit for hit in hits if hit.kind == "services"])
    if not services:
        return Resolution(Found.NOTHING_NAMED if needs_service else Found.UNKNOWN)
    offered = next((hit for hit in services if hit.entry_id in pending), None)
    if offered and _kept(snapshot, text, services, offered.entry_id):
        return _found(offered.entry_id, services, hits)
    is_vague = services[0].score < DESCRIBED and _is_vague(snapshot, text, services[0].entry_id, is_strange=is_strange)
    current = current if current in snapshot.services else None
    return _by_search(snapshot, text, services, hits, current, is_vague=is_vague)


def _by_search(
    snapshot: Snapshot,
    text: str,
    services: Sequence[Hit],
    hits: Sequence[Hit],
    current: str | None,
    *,
    is_vague: bool,
) -> Resolution:
    """What the hits mean, in a talk about the current service if there is one."""
    if current is None:
        return _outside(hits, services[0], None) or _named(services, hits, is_vague=is_vague)
    if not _speaks_of_sibling(snapshot, text, services, current) and (found := _outside(hits, services[0], current)):
        return found
    kept = _kept(snapshot, text, services, current)
    if kept:
        return _found(kept, services, hits)
    return _named(_of_same_life(snapshot, services, current), hits, is_vague=is_vague)


def _is_vague(snapshot: Snapshot, text: str, service_id: str, *, is_strange: bool) -> bool:
    mentions = snapshot.index.mentions
    return not mentions.find(text) and mentions.is_vague(text, service_id, is_strange=is_strange)


def _speaks_of_sibling(snapshot: Snapshot, text: str, services: Sequence[Hit], current: str) -> bool:
    """Whether a word marks a sibling of the current service ("my daughter's"), and no other subject is named."""
    mentions = snapshot.index.mentions
    siblings = [hit.entry_id for hit in services if hit.entry_id != current]
    siblings = [one for one in siblings if _are_siblings(snapshot, one, current)]
    return not mentions.find(text) and any(mentions.marks(text, one, current) for one in siblings)


def _of_same_life(snapshot: Snapshot, services: Sequence[Hit], current: str) -> list[Hit]:
    """Who lives abroad asks for the card of those abroad: a sibling of the current service's category comes first."""
    best, category = services[0], snapshot.services[current].category
    if category not in APART or snapshot.services[best.entry_id].category == category:
        return list(services)
    for hit in services:
        related = _are_siblings(snapshot, hit.entry_id, best.entry_id) and hit.entry_id != best.entry_id
        if related and snapshot.services[hit.entry_id].category == category and best.score - hit.score <= APART_MARGIN:
            return [replace(hit, score=best.score + CLOSE * 2), *(one for one in services if one is not hit)]
    return list(services)


def _weighed(snapshot: Snapshot, text: str, services: Sequence[Hit]) -> list[Hit]:
    """Hits anew: more for a service called by name, less where only a sibling's question was alike.

    "The stamp of the passport" is nearer to "the stamp of the passport for a child" than to many a question about the
    passport; but nobody spoke of a child.
    """
    mentions = snapshot.index.mentions
    called = mentions.find(text)
    most = max(called.values(), default=1.0)
    said = set(snapshot.index.glossary.tokens_of(text))
    found = []
    for hit in services:
        siblings = [other.entry_id for other in services if _are_siblings(snapshot, other.entry_id, hit.entry_id)]
        needed = [mentions.needs(hit.entry_id, sibling) for sibling in siblings if sibling != hit.entry_id]
        alike = mentions.tokens_of([hit.phrase])
        unsaid = any(tokens & alike and not tokens & said for tokens in needed)
        score = hit.score + CALLED * called.get(hit.entry_id, 0.0) / most - (UNSAID if unsaid else 0.0)
        found.append(replace(hit, score=score))
    return sorted(found, key=lambda hit: -hit.score)


def _named(services: Sequence[Hit], hits: Sequence[Hit], *, is_vague: bool) -> Resolution:
    """What the text alone means: one service, two or three to choose from, or nothing."""
    best = services[0]
    close = [hit.entry_id for hit in services if best.score - hit.score <= CLOSE][:MOST_CHOICES]
    ranked = [hit.entry_id for hit in services][:RANKED]
    if best.score < NAMED or is_vague:
        return Resolution(Found.NOTHING_NAMED, best.entry_id, ranked=ranked, score=best.score)
    if len(close) > 1:
        return Resolution(Found.CHOICE, choices=close, ranked=ranked, score=best.score, hits=hits)
    return _found(best.entry_id, services, hits)


def _found(entry_id: str, services: Sequence[Hit], hits: Sequence[Hit]) -> Resolution:
    ranked = [entry_id, *[hit.entry_id for hit in services if hit.entry_id != entry_id]]
    return Resolution(Found.SERVICE, entry_id, ranked=ranked[:RANKED], score=services[0].score, hits=hits)


def _outside(hits: Sequence[Hit], best: Hit, current: str | None) -> Resolution | None:
    """A question of the FAQ or a topic that the catalogue does not hold, when it is the better match."""
    top = hits[0]
    needed, margin = (TOPIC_ANEW, TOPIC_ANEW_MARGIN) if current else (NAMED, TOPIC_MARGIN)
    if top.kind == "faq" and top.score >= FAQ_SURE and top.score > best.score:
        return Resolution(Found.FAQ, top.entry_id, score=top.score, hits=hits)
    if top.kind == "topics" and top.score >= needed and top.score - best.score >= margin:
        return Resolution(Found.TOPIC, top.entry_id, choices=[best.entry_id], score=top.score, hits=hits)
    return None


def _kept(snapshot: Snapshot, text: str, services: Sequence[Hit], current: str) -> str | None:
    """The current service, or its sibling, when the text does not clearly turn to something else."""
    scores = {hit.entry_id: hit.score for hit in services}
    mine = scores.get(current, 0.0)
    best = services[0]
    mentions = snapshot.index.mentions
    of_current = mentions.tokens_of(_facts(snapshot.services[current]))
    mentioned = mentions.find(text, of_current, least=mentions.TURNING)
    siblings = {one for one in scores if one != current and _are_siblings(snapshot, one, current)}
    telling = max((weight for one, weight in mentioned.items() if one not in siblings), default=0.0)
    if telling - max((mentioned.get(one, 0.0) for one in (current, *siblings)), default=0.0) > MENTION_MARGIN:
        return None
    marked = [one for one in siblings if mentions.marks(text, one, current)]
    if not mentioned and marked and sum(len(word) >= SHORTEST_WORD for word in text.split()) <= FEW_WORDS:
        return max(marked, key=lambda one: scores[one])
    if not mentioned and best.score >= DESCRIBED and best.score - mine >= DESCRIBED_MARGIN:
        return None
    closest = max(marked, key=lambda one: scores[one], default=None)
    if closest is None:
        return current
    called = mentioned.get(closest, 0.0) - mentioned.get(current, 0.0) > MENTION_MARGIN
    return closest if called or scores[closest] - mine >= SIBLING_MARGIN else current


def _are_siblings(snapshot: Snapshot, one: str, other: str) -> bool:
    return family_of(one) == family_of(other) and one in snapshot.services


def _facts(service: Service) -> list[str]:
    """What the catalogue says of a service, in all languages."""
    texts = [service.who_can_apply, service.authority, *service.documents, *service.steps]
    texts += [note.text for note in (*service.notes, *service.unverified)]
    texts += [fee.label for fee in service.fees]
    return [one for by_language in texts for one in by_language.values()]
