"""What citizens say of the help they got counts once, and only theirs."""

import pytest

from bot.cases import answers, ratings, service
from bot.cases.models import Case
from bot.cases.states import Reason
from bot.conversations.models import Conversation
from bot.db.session import Database
from tests.cases.desk import ask_for_help, case_in, hire, story_of

pytestmark = pytest.mark.slow

FACES = ["Bonne", "Moyenne", "Mauvaise"]


def helped(database: Database, reason: Reason = Reason.ASKED, address: str = "an address") -> Case:
    """Help that was given, and has ended."""
    case = ask_for_help(database, address, reason)
    agent = hire(database, len(address))
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
        answers.note_staff_message(session, session.get_one(Case, case.id), 1)
        service.hand_back(session, case.id, by=agent)
    return case_in(database, case.id)


def press(database: Database, case: Case, number: int) -> bool:
    score = ratings.read(ratings.choices(FACES)[number].payload)
    assert score is not None
    with database.transaction() as session:
        talk = session.get_one(Conversation, case.conversation_id)
        return ratings.rate(session, talk, score) is not None


def test_only_who_got_an_answer_is_asked_and_never_about_an_emergency(database: Database) -> None:
    assert ratings.is_asked(helped(database))
    assert not ratings.is_asked(ask_for_help(database, "somebody else"))
    urgent = helped(database, Reason.EMERGENCY, "in danger")
    assert not ratings.is_asked(urgent)
    assert not press(database, urgent, 0)


def test_the_first_face_counts_and_no_other(database: Database) -> None:
    case = helped(database)
    assert press(database, case, 0)
    assert press(database, case, 2)
    assert (case_in(database, case.id).rating, story_of(database, case).count("rated")) == (3, 1)


def test_help_that_goes_on_is_not_rated_yet(database: Database) -> None:
    assert not press(database, ask_for_help(database), 0)


def test_one_comment_is_kept_with_a_rating(database: Database) -> None:
    case = helped(database)
    with database.transaction() as session:
        ratings.add_comment(session, case.id, "too early")
    press(database, case, 1)
    for comment in ("très aimable" + "!" * 600, "et encore"):
        with database.transaction() as session:
            ratings.add_comment(session, case.id, comment)
    found = case_in(database, case.id)
    assert found.rating == 2
    assert found.comment is not None
    assert (found.comment[:12], len(found.comment)) == ("très aimable", 500)


@pytest.mark.parametrize("payload", ["", "/ask_fee", "/rate_help", '/rate_help{"score": 9}'])
def test_other_payloads_are_no_ratings(payload: str) -> None:
    assert ratings.read(payload) is None
