"""Between Rasa's tracker and our replies: what is read, what is sent, and that no failure leaves silence."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.alerts import ActionStopAlerts
from actions.conversation import ActionHandleFallback
from actions.phrases import Phrases
from actions.services import ActionAnswerService
from actions.turn import Button, Reply, Turn
from bot.conversations.states import Outcome
from bot.nlu.languages import Language
from tests.actions.acting import run


def read(message: dict[str, Any], **slots: Any) -> Turn:
    return Turn.read(Tracker("c:0", slots, message, [], False, None, {}, None))


def test_a_turn_is_read_from_text_slots_entities_and_metadata() -> None:
    message = {
        "text": "chhal",
        "intent": {"name": "ask_fee", "confidence": 0.9},
        "entities": [{"entity": "chosen", "value": "passport_adult"}],
        "metadata": {"context": {"pending": ["a", "b"]}},
    }
    found = read(message, language="ary-latn", service="cnie_renewal")
    assert (found.text, found.act, found.language) == ("chhal", "ask_fee", Language.DARIJA_LATIN)
    assert (found.service_id, found.chosen, found.pending) == ("cnie_renewal", "passport_adult", ["a", "b"])


def test_a_pressed_button_has_no_text() -> None:
    assert read({"text": '/ask_fee{"chosen": "x"}', "intent": {"name": "ask_fee"}}).text == ""


def test_a_bare_tracker_is_a_turn_in_arabic() -> None:
    found = read({})
    assert (found.text, found.act, found.language, found.pending) == ("", "", Language.ARABIC, [])


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"latitude": 33.5, "longitude": -7.6}, (33.5, -7.6)),
        ({"latitude": "33.5", "longitude": "-7.6"}, (33.5, -7.6)),
        ({"latitude": 33.5}, None),
        ({"latitude": "x", "longitude": "y"}, None),
        ({"latitude": None, "longitude": None}, None),
    ],
)
def test_a_place_is_both_coordinates_or_none(values: dict[str, Any], place: tuple[float, float] | None) -> None:
    entities = [{"entity": name, "value": value} for name, value in values.items()]
    assert read({"entities": entities}).place == place


def test_a_reply_is_one_text_with_buttons_and_a_note_for_the_gateway() -> None:
    dispatcher = CollectingDispatcher()
    Reply(
        ["a", "", "b"], Outcome.CLARIFIED, "x", [Button("T", "/greet")], [("L", "https://x.ma")], ["x"], {"k": 1}
    ).send(dispatcher)
    (message,) = dispatcher.messages
    assert (message["text"], message["buttons"]) == ("a\nb", [{"title": "T", "payload": "/greet"}])
    assert message["custom"] == {
        "outcome": "clarified",
        "service": "x",
        "ranked": ["x"],
        "links": [{"title": "L", "url": "https://x.ma"}],
        "context": {"k": 1},
        "language": None,
    }


def test_an_answer_hands_the_service_on(domain: dict[str, Any]) -> None:
    message = {"text": "/ask_fee", "intent": {"name": "ask_fee"}, "entities": [chosen("passport_adult")]}
    messages, events = run(ActionAnswerService(), domain, message, {"language": "fr"})
    assert messages[0]["custom"]["service"] == "passport_adult"
    assert events == [{"event": "slot", "timestamp": None, "name": "service", "value": "passport_adult"}]


def chosen(value: str) -> dict[str, str]:
    return {"entity": "chosen", "value": value}


@pytest.mark.parametrize("language", Language)
def test_a_broken_action_still_has_a_word_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any], language: Language
) -> None:
    def broken(self: ActionStopAlerts, turn: Turn, phrases: Phrases) -> Reply:
        raise RuntimeError(turn.text)

    monkeypatch.setattr(ActionStopAlerts, "answer", broken)
    message = {"text": "my secret", "intent": {"name": "ask_fee"}}
    messages, events = run(ActionStopAlerts(), domain, message, {"language": language.value})
    assert messages[0]["text"] == Phrases(domain, language)("utter_failed")
    assert messages[0]["custom"]["outcome"] == "failed"
    assert "my secret" not in str(messages)
    assert events == []


@pytest.mark.parametrize("moment", ["2026-05-04T00:10", "2026-05-04T12:00", "2026-05-04T22:59", "2026-05-04T23:30"])
def test_a_fixed_day_is_today_at_every_hour(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    fixed = dt.date(2026, 11, 23)
    monkeypatch.undo()
    monkeypatch.setattr(runtime, "settings", lambda: SimpleNamespace(today=fixed))
    clock = SimpleNamespace(now=dt.datetime.fromisoformat(f"{moment}+00:00").astimezone, combine=dt.datetime.combine)
    monkeypatch.setattr(runtime, "dt", SimpleNamespace(UTC=dt.UTC, datetime=clock))
    assert runtime.today() == fixed
    assert runtime.now().tzinfo is not None


@pytest.mark.parametrize(("misses", "offered"), [(0, False), (1, True), (4, True)])
def test_a_person_is_offered_after_two_turns_without_an_answer(
    domain: dict[str, Any], misses: int, offered: bool
) -> None:
    message = {"text": "blublu", "metadata": {"context": {"misses": misses}}}
    (sent,), _ = run(ActionHandleFallback(), domain, message, {"language": "fr"})
    assert sent["custom"]["context"]["misses"] == misses + 1
    assert ("/talk_to_human" in [button["payload"] for button in sent["buttons"]]) == offered


def test_a_second_reading_adds_to_the_first_and_never_repeats_it(domain: dict[str, Any]) -> None:
    message = {
        "text": "passeport",
        "intent": {"name": "ask_fee"},
        "metadata": {"second_reading": True},
    }
    (sent,), _ = run(ActionAnswerService(), domain, message, {"language": "fr", "service": "passport_adult"})
    assert "*" not in sent["text"].splitlines()[0]
    assert run(ActionAnswerService(), domain, message, {"language": "fr", "service": "cnie_renewal"})[0] == []


@pytest.mark.parametrize(("before", "titled"), [("passport_adult", False), ("cnie_renewal", True)])
def test_a_second_question_about_the_same_service_has_no_second_title(
    domain: dict[str, Any], before: str, titled: bool
) -> None:
    metadata = {"following": True}
    message = {"text": "et le prix du passeport", "intent": {"name": "ask_fee"}, "metadata": metadata}
    (sent,), _ = run(ActionAnswerService(), domain, message, {"language": "fr", "service": before})
    assert sent["text"].startswith("*") == titled


def test_what_was_offered_is_not_offered_again(domain: dict[str, Any]) -> None:
    pending = ["passport_adult", "passport_minor"]
    message = {"text": "le passeport", "intent": {"name": "ask_fee"}, "metadata": {"context": {"pending": pending}}}
    (sent,), _ = run(ActionAnswerService(), domain, message, {"language": "fr"})
    assert sent["custom"]["outcome"] == "answered"
