"""A call whose end nobody knows: what the vendor lists is taken for it only if it is no other message's."""

import pytest

from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.deliveries import claims
from bot.deliveries import service as deliveries
from bot.deliveries.service import Gone
from tests.deliveries.letters import Letter

pytestmark = pytest.mark.slow


def taken_for(letter: Letter, *listed: str) -> str | None:
    """Which of the ids that the vendor lists is taken for the part that we lost sight of."""
    with letter.database.transaction() as session:
        return deliveries.first_unknown(session, letter.id, listed)


def lose(letter: Letter) -> None:
    """The process ends in the middle of the second part."""
    (taken,) = letter.take()
    with letter.database.transaction() as session:
        claims.note_total(session, taken, 3)
        deliveries.note_parts(session, [Gone(taken, 0, "SM0")])


def give_back(letter: Letter) -> None:
    with letter.database.transaction() as session:
        assert deliveries.give_back(session, letter.sender_id, utc_now()) == 1


def test_an_id_that_nobody_has_is_it(letter: Letter) -> None:
    lose(letter)
    give_back(letter)
    assert taken_for(letter, "SM0", "SM1") == "SM1"


def test_an_id_of_which_news_came_before_the_end_is_it(letter: Letter) -> None:
    lose(letter)
    letter.hear("SM1", Delivery.DELIVERED, None)
    give_back(letter)
    assert taken_for(letter, "SM0", "SM1") == "SM1"


def test_what_other_parts_have_is_not_it(letter: Letter) -> None:
    lose(letter)
    give_back(letter)
    assert taken_for(letter, "SM0") is None
