"""What is urgent overtakes what is not, and within a lane a citizen reads everything in its order."""

from bot.deliveries import service as deliveries
from bot.deliveries.claims import Taken
from bot.deliveries.service import Gone
from bot.deliveries.states import Lane
from tests.deliveries.letters import Letter


def end(letter: Letter, taken: Taken) -> None:
    with letter.database.transaction() as session:
        deliveries.note_parts(session, [Gone(taken, 0, f"SM{taken.message_id}", is_last=True)])


def test_a_lane_is_read_in_order(letter: Letter) -> None:
    second = letter.follow(Lane.INTERACTIVE)
    (taken,) = letter.take()
    assert (taken.message_id, letter.take()) == (letter.id, [])
    end(letter, taken)
    assert [one.message_id for one in letter.take()] == [second]


def test_an_answer_does_not_wait_behind_a_campaign_that_waits(letter: Letter) -> None:
    end(letter, letter.take()[0])
    campaign, answer = letter.follow(Lane.CAMPAIGN), letter.follow(Lane.INTERACTIVE)
    (taken,) = letter.take(Lane.INTERACTIVE)
    assert taken.message_id == answer
    assert letter.take() == []
    end(letter, taken)
    assert [one.message_id for one in letter.take()] == [campaign]


def test_a_campaign_waits_behind_an_answer_that_waits(letter: Letter) -> None:
    letter.follow(Lane.CAMPAIGN)
    assert letter.take(Lane.REMINDER, Lane.CAMPAIGN) == []


def test_of_lanes_that_are_taken_together_a_citizen_gets_the_most_urgent(letter: Letter) -> None:
    end(letter, letter.take()[0])
    letter.follow(Lane.CAMPAIGN)
    reminder = letter.follow(Lane.REMINDER)
    assert [one.message_id for one in letter.take(Lane.REMINDER, Lane.CAMPAIGN)] == [reminder]


def test_a_look_ahead_sees_only_the_lanes_that_are_asked_for(letter: Letter) -> None:
    with letter.database.transaction() as session:
        found = {lane: deliveries.seconds_until_due(session, letter.sender_id, [lane]) for lane in Lane}
    assert found[Lane.INTERACTIVE] is not None
    assert found[Lane.REMINDER] is found[Lane.CAMPAIGN] is None
