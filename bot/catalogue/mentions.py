"""Which services are called by a name in a text, and which words tell siblings apart."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np
from scipy import sparse

from bot.catalogue.phrases import Phrase
from bot.nlu.features import Glossary


class Mentions:
    """Finds services that are called by a name or an alias, and words that tell siblings apart."""

    COVERED = 0.8
    # A name tells a service when its words belong to at most two families of services (passports, ID cards …); in a
    # talk about another service it turns to it when they belong to three.
    TELLING, TURNING = 2.9, 2.6
    # A word marks a service when this part of its phrases have it, and hardly any of the other's.
    MARKING, FOREIGN = 0.12, 0.04
    # A word that so many of a service's phrases have is missed when it is not said.
    NEEDED = 0.3
    # A name of unknown words must have this many consonants to be heard in a sentence.
    SHORTEST = 4
    # A single word must have this many to mark a sibling.
    SHORTEST_MARK = 3
    # Less than this in common with a service is a word that many have ("permit", "card").
    VAGUE, VAGUE_BESIDE_STRANGE = 2.0, 2.7
    # A word that so few families have, or none, is about something; one that more have is a word of everyday.
    FEW_FAMILIES = 2

    def __init__(self, phrases: Sequence[Phrase], glossary: Glossary) -> None:
        self._glossary = glossary
        services = [p for p in phrases if p.kind == "services"]
        named = [p for p in services if p.role in ("names", "aliases") and self._is_distinct(p.text)]
        token_lists = [set(glossary.remembered_tokens_of(p.text)) for p in named]
        self._entries = [p.entry_id for p in named]
        owners: dict[str, set[str]] = {}
        for entry_id, tokens in zip(self._entries, token_lists, strict=True):
            for token in tokens:
                owners.setdefault(token, set()).add(family_of(entry_id))
        total = max(len({family_of(entry_id) for entry_id in self._entries}), 1)
        self._numbers = {token: number for number, token in enumerate(owners)}
        weights = [math.log1p(total / len(found)) for found in owners.values()]
        rows = [row for row, tokens in enumerate(token_lists) for _ in tokens]
        columns = [self._numbers[token] for tokens in token_lists for token in tokens]
        shape = (len(named), len(owners))
        self._names = sparse.csr_matrix(([weights[c] for c in columns], (rows, columns)), shape=shape)
        self._totals = np.asarray(self._names.sum(axis=1)).ravel()
        self._shares = _token_shares(services, glossary)
        self._families = _families_of_tokens(self._shares)
        self._total = max(len({family_of(entry_id) for entry_id in self._shares}), 1)
        self._proper = {token for p in services if p.role == "names" for token in glossary.remembered_tokens_of(p.text)}

    def _is_distinct(self, name: str) -> bool:
        """Whether a name can be recognised by its sounds: الأوطو sounds like "what" and is left to the spelling."""
        tokens = self._glossary.remembered_tokens_of(name)
        return any(token.startswith("§") for token in tokens) or sum(map(len, tokens)) >= self.SHORTEST

    def find(self, text: str, said_of_current: Set[str] = frozenset(), *, least: float = TELLING) -> dict[str, float]:
        """Service ids with the weight of the most telling name found, from the least that tells.

        Words that the current service's own facts use say nothing about another, unless they are its proper name.
        """
        tokens = set(self._glossary.tokens_of(text)) - (said_of_current - self._proper)
        known = [self._numbers[token] for token in tokens if token in self._numbers]
        if not known or not len(self._totals):
            return {}
        query = np.zeros(self._names.shape[1])
        query[known] = 1
        matched = self._names @ query
        found: dict[str, float] = {}
        for row in np.flatnonzero((matched >= self.COVERED * self._totals) & (matched >= least)):
            entry_id = self._entries[row]
            found[entry_id] = max(found.get(entry_id, 0.0), float(matched[row]))
        return found

    def tokens_of(self, texts: Iterable[str]) -> frozenset[str]:
        """The notions and sounds of some texts together."""
        return frozenset(token for text in texts for token in self._glossary.remembered_tokens_of(text))

    def weight(self, token: str) -> float:
        """How telling a notion or sound is: the logarithm of one in how many families of services speaks of it."""
        return math.log(self._total / max(self._families.get(token, 1), 1))

    def is_vague(self, text: str, service_id: str, *, is_strange: bool) -> bool:
        """Whether a text shares only everyday words with a service, and speaks of something that is not its own.

        "The permit for whaling" has no more in common with the permit to open a shop than the word. Strange words,
        which nothing in the catalogue has, are more of a sign than those of other services.
        """
        mine = self._shares.get(service_id, {})
        said = {one for one in self._glossary.tokens_of(text) if one.startswith("§") or len(one) >= self.SHORTEST_MARK}
        common = sum(self.weight(token) for token in said & mine.keys())
        if is_strange:
            return common < self.VAGUE_BESIDE_STRANGE
        foreign = any(self._families.get(token, 0) <= self.FEW_FAMILIES for token in said - mine.keys())
        return common < self.VAGUE and foreign

    def needs(self, service_id: str, other_id: str) -> set[str]:
        """The tokens that a question about one service mostly has, and one about the other hardly ever."""
        mine, others = self._shares.get(service_id, {}), self._shares.get(other_id, {})
        return {
            token for token, share in mine.items() if share >= self.NEEDED and others.get(token, 0.0) <= self.FOREIGN
        }

    def marks(self, text: str, service_id: str, other_id: str) -> bool:
        """Whether a word of the text is one service's and not the other's."""
        mine, others = self._shares.get(service_id, {}), self._shares.get(other_id, {})
        return any(
            mine.get(token, 0.0) >= self.MARKING and others.get(token, 0.0) <= self.FOREIGN
            for token in set(self._glossary.tokens_of(text))
            if token.startswith("§") or len(token) >= self.SHORTEST_MARK
        )


def family_of(service_id: str) -> str:
    """Services about the same paper have ids that begin with the same word: cnie_renewal, cnie_minor."""
    return service_id.split("_", maxsplit=1)[0]


def _families_of_tokens(shares: Mapping[str, Mapping[str, float]]) -> dict[str, int]:
    """How many families of services have each token."""
    found: dict[str, set[str]] = {}
    for entry_id, tokens in shares.items():
        for token in tokens:
            found.setdefault(token, set()).add(family_of(entry_id))
    return {token: len(families) for token, families in found.items()}


def _token_shares(phrases: Sequence[Phrase], glossary: Glossary) -> dict[str, dict[str, float]]:
    """For each entry, the part of its phrases that each token is in."""
    counts: dict[str, Counter[str]] = {}
    sizes: Counter[str] = Counter()
    for phrase in phrases:
        sizes[phrase.entry_id] += 1
        counts.setdefault(phrase.entry_id, Counter()).update(set(glossary.remembered_tokens_of(phrase.text)))
    return {
        entry_id: {token: count / sizes[entry_id] for token, count in found.items()}
        for entry_id, found in counts.items()
    }
