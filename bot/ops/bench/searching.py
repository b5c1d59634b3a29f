"""Search in a large catalogue: entries are generated from the words of the real one."""

import gc
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil

from bot.catalogue.phrases import Phrase
from bot.catalogue.search import SearchIndex
from bot.catalogue.snapshot import Catalogue
from bot.db.session import Database
from bot.nlu.embedding import DIMENSIONS, embed
from bot.ops.bench.citizens import question
from bot.ops.bench.numbers import summary
from bot.ops.bench.plan import Plan
from bot.settings import Settings

# A generated entry has so many phrases: names, aliases and phrasings in the languages of the catalogue.
PHRASES_OF_ENTRY = 5
LONGEST_PHRASE = 8
EMBEDDED_SAMPLE = 500


def measure(settings: Settings, plan: Plan, advance: Callable[[], None]) -> dict[str, Any]:
    """For each size: seconds of indexing and of indexing anew after one edit, bytes an entry, time of a search."""
    database = Database(settings.database_url, pool_size=1)
    index = Catalogue(database).current().index
    result: dict[str, Any] = {"embedding_ms_per_phrase": _embedding_ms(index.phrases)}
    result |= {str(size): _measure(index, size, plan.searches, advance) for size in plan.search_sizes}
    database.dispose()
    return result


def _embedding_ms(phrases: list[Phrase]) -> float:
    texts = [f"{phrase.text} {number}" for number, phrase in enumerate(phrases[:EMBEDDED_SAMPLE])]
    embed(texts[:8])
    began = time.monotonic()
    embed(texts)
    return round((time.monotonic() - began) / len(texts) * 1000, 2)


def generated(real: list[Phrase], entries: int) -> list[Phrase]:
    """Phrases of so many entries: real words in chance order, and chance directions for what they mean."""
    chance, numbers = random.Random(entries), np.random.default_rng(entries)  # noqa: S311
    words = sorted({word for phrase in real for word in phrase.text.split()})
    phrases = []
    for entry in range(entries):
        vectors = numbers.standard_normal((PHRASES_OF_ENTRY, DIMENSIONS)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for number in range(PHRASES_OF_ENTRY):
            text = " ".join(chance.choices(words, k=chance.randint(2, LONGEST_PHRASE)))
            role = "names" if number == 0 else "phrasings"
            phrases.append(Phrase("services", f"family{entry % 999}_{entry}", "fr", role, text, vectors[number]))
    return phrases


def _measure(index: SearchIndex, entries: int, searches: int, advance: Callable[[], None]) -> dict[str, Any]:
    phrases = generated(index.phrases, entries)
    gc.collect()
    before = psutil.Process().memory_info().rss
    began = time.monotonic()
    large = SearchIndex(phrases, index.glossary)
    indexed = time.monotonic()
    taken = psutil.Process().memory_info().rss - before
    edited = [Phrase("services", "edited", "fr", "names", "une démarche nouvelle", phrases[0].vector), *phrases[1:]]
    again_began = time.monotonic()
    SearchIndex(edited, large.glossary, large)
    again = time.monotonic()
    times: list[float | None] = []
    for number in range(searches):
        text = question(number)
        search_began = time.monotonic()
        large.search(text)
        times.append(time.monotonic() - search_began)
        advance()
    return {
        **summary(times),
        "phrases": len(phrases),
        "index_seconds": round(indexed - began, 1),
        "index_again_seconds": round(again - again_began, 1),
        "bytes_per_entry": round(taken / entries) + PHRASES_OF_ENTRY * DIMENSIONS * 4,
    }
