"""A question's own words bring the fact that they are about, whatever the act was taken for."""

import pytest

from bot.catalogue.passages import fact_meant
from bot.catalogue.snapshot import Snapshot
from bot.nlu.languages import Language

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("service", "text", "shown"),
    [
        ("electoral_registration", "on peut vérifier par SMS ?", "2727"),
        ("direct_social_aid", "شحال خاص يكون المؤشر", "9,74"),
        ("driving_licence_renewal", "is it still at the post office?", "Barid"),
        ("registration_card_renewal", "faut-il changer d’adresse dessus ?", "changement d’adresse"),
        ("divorce", "wach kayna lmossala7a, la conciliation", "conciliation"),
    ],
)
def test_the_fact_that_shares_telling_words_is_meant(shipped: Snapshot, service: str, text: str, shown: str) -> None:
    fact = fact_meant(shipped.services[service], text, shipped.index)
    assert fact is not None
    assert shown in fact[Language.FRENCH]


@pytest.mark.parametrize("text", ["", "combien ça coûte ?", "chno lwra9", "متى؟", "le timbre du passeport"])
def test_everyday_words_mean_no_fact(shipped: Snapshot, text: str) -> None:
    assert fact_meant(shipped.services["passport_adult"], text, shipped.index) is None
