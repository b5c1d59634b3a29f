"""More choices than a list on WhatsApp has room for: they come in pages, by a press or by a number."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.conversations.models import Message
from bot.conversations.states import Direction, Outcome
from bot.db.session import Database
from bot.settings import Settings
from tests.fakes.rasa_stub import RasaStub, echo
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

PHONE, OTHER = "+212600000001", "+212600000002"
COUNT = 20


def many(body: dict[str, Any]) -> dict[str, Any]:
    """Twenty choices at a word; every choice is said back."""
    if body["text"] != "toutes":
        return echo(body)
    buttons = [{"title": f"Commune {number}", "payload": f"/choose_{number}"} for number in range(1, COUNT + 1)]
    answer = echo(body)
    answer["messages"][0] |= {"text": "Laquelle ?", "buttons": buttons}
    return answer


@pytest.fixture
def offered(gateway: Settings, twilio: TwilioApi, rasa: RasaStub) -> TwilioApi:
    """A citizen to whom twenty choices were offered."""
    rasa.answer = many
    twilio.citizen_says(PHONE, "toutes")
    wait_until(lambda: len(twilio.sent) == 1)
    return twilio


def press_more(twilio: TwilioApi, phone: str = PHONE) -> None:
    """Press the last line of the list that was shown last."""
    title, payload = twilio.sent[-1].choices[-1]
    shown = len(twilio.sent)
    twilio.citizen_picks(phone, payload, title)
    wait_until(lambda: len(twilio.sent) == shown + 1)


def write(twilio: TwilioApi, text: str) -> None:
    """Write something and wait for what it brings."""
    shown = len(twilio.sent)
    twilio.citizen_says(PHONE, text)
    wait_until(lambda: len(twilio.sent) == shown + 1)


def test_the_last_line_shows_the_next_page_and_a_choice_of_it_counts(offered: TwilioApi, rasa: RasaStub) -> None:
    assert [len(offered.sent[0].choices), offered.sent[0].choices[-1][0]] == [10, "Autres choix"]
    press_more(offered)
    press_more(offered)
    assert [one.body.splitlines()[0] for one in offered.sent[1:]] == ["10. Commune 10", "19. Commune 19"]
    assert offered.sent[2].choices == [("Commune 19", "/choose_19"), ("Commune 20", "/choose_20")]
    offered.citizen_picks(PHONE, "/choose_20", "Commune 20")
    wait_until(lambda: len(offered.sent) == 4)
    assert [asked["text"] or asked["payload"] for asked in rasa.asked] == ["toutes", "/choose_20"]


def test_numbers_do_the_same(offered: TwilioApi, rasa: RasaStub) -> None:
    assert offered.sent[0].body.endswith("9. Commune 9\n10. Autres choix")
    write(offered, "10")
    write(offered, "١٩")
    assert [one.body.splitlines()[0] for one in offered.sent[1:]] == ["10. Commune 10", "19. Commune 19"]
    write(offered, "19")
    assert rasa.asked[-1]["payload"] == "/choose_19"


def test_on_a_later_page_earlier_numbers_still_count(offered: TwilioApi, rasa: RasaStub) -> None:
    write(offered, "10")
    write(offered, "10")
    assert rasa.asked[-1]["payload"] == "/choose_10"


def test_a_page_is_a_turn_without_rasa_that_keeps_the_language(offered: TwilioApi, database: Database) -> None:
    press_more(offered)
    with database.transaction() as session:
        turns = session.scalars(select(Message).where(Message.direction == Direction.IN).order_by(Message.id)).all()
        languages = session.scalars(select(Message.language).where(Message.direction == Direction.OUT)).all()
    assert (turns[-1].outcome, turns[-1].intent) == (Outcome.CLARIFIED, None)
    assert len(set(languages)) == 1


def test_nobody_leafs_through_the_choices_of_another(offered: TwilioApi, rasa: RasaStub) -> None:
    offered.citizen_picks(OTHER, offered.sent[0].choices[-1][1], "Autres choix")
    wait_until(lambda: len(offered.sent) == 2)
    assert (offered.sent[1].body, rasa.asked[-1]["text"]) == ("echo: Autres choix", "Autres choix")
