"""The one fact of a service that a question's own words are about, whatever aspect it asks: "at the post office?"."""

from collections.abc import Mapping

from bot.catalogue.schemas import Service
from bot.catalogue.search import SearchIndex
from bot.nlu.languages import Language

# A notion or word counts when this few families of services speak of it: e to the power of this, one in so many.
TELLING = 2.0
# Sounds shorter than this are too often the same for different words.
SHORTEST_SOUND = 4
Texts = Mapping[Language, str]


def fact_meant(service: Service, text: str, index: SearchIndex) -> Texts | None:
    """The fact that shares the most telling words with a question; None when none does, or all facts are alike."""
    own = _tokens(index, *service.names.values(), *(label for fee in service.fees for label in fee.label.values()))
    said = _tokens(index, index.repair(text)) - own
    weights = {token: weight for token in said if (weight := index.mentions.weight(token)) >= TELLING}
    if not weights:
        return None
    scores = [
        (sum(weights.get(token, 0.0) for token in _tokens(index, *fact.values())), fact) for fact in _facts(service)
    ]
    best, fact = max(scores, key=lambda one: one[0])
    return fact if best > 0 else None


def _facts(service: Service) -> list[Texts]:
    notes = [note.text for note in service.notes]
    validity = [service.validity.text] if service.validity else []
    return [service.who_can_apply, *notes, *service.steps, *service.documents, *validity]


def _tokens(index: SearchIndex, *texts: str) -> set[str]:
    found = {token for text in texts for token in index.glossary.remembered_tokens_of(text)}
    return {token for token in found if token.startswith("§") or len(token) >= SHORTEST_SOUND}
