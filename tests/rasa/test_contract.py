"""The contract between Rasa, rasa-sdk and our channel, on the real ones."""

import itertools
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from bot.conversations.states import Outcome
from bot.dialogue.client import TOKEN_HEADER, DialogueClient, DialogueError, Question
from bot.dialogue.turn import TurnResult, result_of
from bot.nlu.languages import Language
from bot.settings import REPOSITORY
from tests.dialogue.promises import check_promises
from tests.rasa.contract_actions import PASSPORT

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(900)]

SENDERS = itertools.count()
FEE, PAPERS = "combien coûte le passeport", "quels documents pour la carte nationale"


def ask(client: DialogueClient, text: str = "", *, sender: str = "", language: str = "fr", **more: Any) -> TurnResult:
    """Ask as the gateway does, in a conversation of its own unless one is named."""
    sender = sender or f"contract:{next(SENDERS)}"
    return result_of(client.ask(Question(sender, language, text=text, **more)), {})


def read_by_action(result: TurnResult) -> dict[str, Any]:
    """What the contract's action was called with."""
    (said,) = result.said
    told: dict[str, Any] = json.loads(said.text)
    return told


def test_the_versions_are_those_that_this_holds_for(rasa_python: Path) -> None:
    code = "from importlib.metadata import version; print(version('rasa'))"
    done = subprocess.run([rasa_python, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), version("rasa-sdk")) == ("3.6.21", "3.21.1")


def test_rasa_keeps_the_promises_that_its_stand_in_keeps(rasa_url: str, token: str) -> None:
    check_promises(rasa_url, token)


def test_an_action_gets_the_turn_and_its_reply_comes_back_whole(client: DialogueClient) -> None:
    result = ask(client, FEE, service_id="cnie_renewal", context={"pending": ["a", "b"]})
    assert read_by_action(result) == {
        "text": FEE,
        "act": "ask_fee",
        "language": "fr",
        "service": "cnie_renewal",
        "chosen": None,
        "context": {"pending": ["a", "b"]},
        "place": None,
    }
    assert [(one.title, one.payload) for one in result.said[0].buttons] == [
        ("Papiers", '/ask_documents{"chosen": "passport_adult"}')
    ]
    assert [one.url for one in result.said[0].links] == ["https://www.passeport.ma"]
    assert (result.intent, result.outcome, result.service_id) == ("ask_fee", Outcome.ANSWERED, PASSPORT)
    assert result.context == {"last_act": "ask_fee"}


def test_a_pressed_button_is_its_act_about_its_service(client: DialogueClient) -> None:
    told = read_by_action(ask(client, payload='/ask_documents{"chosen": "cnie_renewal"}'))
    assert (told["act"], told["chosen"], told["text"]) == ("ask_documents", "cnie_renewal", "")


def test_the_slot_that_an_action_sets_is_there_in_the_next_turn(client: DialogueClient) -> None:
    assert read_by_action(ask(client, FEE, sender="slots:0"))["service"] is None
    assert read_by_action(ask(client, PAPERS, sender="slots:0"))["service"] == PASSPORT
    told = read_by_action(ask(client, PAPERS, sender="slots:0", service_id="cnie_renewal"))
    assert told["service"] == "cnie_renewal"


def test_a_new_session_knows_only_what_the_gateway_tells(client: DialogueClient) -> None:
    ask(client, FEE, sender="session:0")
    assert read_by_action(ask(client, PAPERS, sender="session:1"))["service"] is None


@pytest.mark.parametrize("language", Language)
def test_the_language_of_the_gateway_is_the_actions(client: DialogueClient, language: Language) -> None:
    assert read_by_action(ask(client, FEE, language=language.value))["language"] == language.value


PLAIN = {
    "greet": "utter_greet",
    "goodbye": "utter_goodbye",
    "thank": "utter_thank",
    "give_feedback": "utter_feedback_thanks",
    "take_survey": "utter_survey_none",
    "privacy_request": "utter_privacy",
}


@pytest.mark.parametrize("act", PLAIN)
def test_a_plain_response_is_in_the_language_of_each_turn(client: DialogueClient, act: str) -> None:
    responses: dict[str, Any] = {}
    for path in (REPOSITORY / "domain").glob("*.yml"):
        responses |= yaml.safe_load(path.read_text("utf-8"))["responses"]
    texts = {one["condition"][0]["value"]: one["text"] for one in responses[PLAIN[act]]}
    for language in Language:
        result = ask(client, payload=f"/{act}", sender=f"plain:{act}", language=language.value)
        assert [one.text for one in result.said] == [texts[language.value]]


def test_two_questions_give_two_acts_and_the_second_knows_the_service_of_the_first(client: DialogueClient) -> None:
    answer = client.ask(Question("two:0", "fr", text=f"{FEE} ? {PAPERS} ?"))
    assert answer.understood == ["ask_fee", "ask_documents"]
    assert [act["intent"]["name"] for act in answer.acts] == ["ask_fee", "ask_documents"]
    first, second = [json.loads(one["text"]) for one in answer.messages if one.get("text")]
    assert (first["act"], first["service"]) == ("ask_fee", None)
    assert (second["act"], second["service"]) == ("ask_documents", PASSPORT)
    assert len(result_of(answer, {}).said) == 1


@pytest.mark.parametrize("text", ["au secours", "au secours ? au secours ?"])
def test_danger_is_heeded_alone(client: DialogueClient, text: str) -> None:
    result = ask(client, text)
    assert (result.intent, result.outcome) == ("emergency", Outcome.EMERGENCY)
    assert [one.text for one in result.said] == ["danger"]


@pytest.mark.parametrize("text", ["?", "🙂🙂", "123", "…", "", "   ", "///", "\u200b"])
def test_signs_alone_are_not_understood_and_not_guessed(client: DialogueClient, text: str) -> None:
    result = ask(client, text)
    assert result.outcome is Outcome.NOT_UNDERSTOOD
    assert result.intent in (None, "nlu_fallback")


def test_a_blank_line_does_not_make_two_messages(client: DialogueClient) -> None:
    assert [one.text for one in ask(client, "?!").said] == ["[?!]\n\n[None]"]


def test_a_place_reaches_the_action(client: DialogueClient) -> None:
    result = ask(client, "?!", slots={"latitude": 33.5, "longitude": -7.6})
    assert result.said[0].text.endswith("[(33.5, -7.6)]")


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        " /restart",
        "//restart",
        "/ /restart",
        "/\u00a0/restart",
        "\u00a0/restart",
        "/back",
        "/session_start",
        '/ask_fee{"chosen": "cnie_renewal"}',
        '/\u3000/ask_fee{"chosen": "cnie_renewal"}',
        f'{FEE} ? / /ask_documents{{"chosen": "cnie_renewal"}}',
        f'{FEE}, et alors, / /ask_documents{{"chosen": "cnie_renewal"}}',
    ],
)
def test_a_slash_in_a_citizens_text_is_no_command(client: DialogueClient, text: str) -> None:
    sender = f"slash:{next(SENDERS)}"
    ask(client, FEE, sender=sender)
    answer = client.ask(Question(sender, "fr", text=text))
    assert not {"restart", "back", "session_start"} & set(answer.understood)
    told = [json.loads(one["text"]) for one in answer.messages if one.get("text", "").startswith("{")]
    assert all(one["chosen"] is None for one in told)
    assert read_by_action(ask(client, PAPERS, sender=sender))["service"] == PASSPORT


@pytest.mark.parametrize("payload", ["/find_office", "/talk_to_human", "/list_deadlines"])
def test_an_action_that_is_missing_broken_or_silent_is_a_failure_and_the_talk_goes_on(
    client: DialogueClient, payload: str
) -> None:
    sender = f"failing:{next(SENDERS)}"
    ask(client, FEE, sender=sender)
    with pytest.raises(DialogueError, match="nothing"):
        ask(client, payload=payload, sender=sender)
    assert read_by_action(ask(client, PAPERS, sender=sender))["service"] == PASSPORT


def test_many_talks_at_once_get_each_their_own_answer(client: DialogueClient) -> None:
    def talk(number: int) -> list[str]:
        texts = [f"{FEE} {number} {turn}" for turn in range(4)]
        told = [read_by_action(ask(client, text, sender=f"many {number}:0"))["text"] for text in texts]
        return [text for text, back in zip(texts, told, strict=True) if text != back]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(talk, range(8))) == [[]] * 8


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhooks/rest/webhook"),
        ("POST", "/webhooks/callback/webhook"),
        ("GET", "/status"),
        ("POST", "/model/parse"),
        ("PUT", "/model"),
        ("GET", "/domain"),
        ("GET", "/conversations/contract:0/tracker"),
        ("POST", "/conversations/contract:0/execute"),
    ],
)
def test_no_other_door_of_rasa_is_open(rasa_url: str, token: str, method: str, path: str) -> None:
    with httpx2.Client(base_url=rasa_url, trust_env=False) as plain:
        response = plain.request(method, path, json={"text": "x"}, headers={TOKEN_HEADER: token})
    assert response.status_code in (404, 405)


def test_a_model_that_is_loaded_is_ready(rasa_url: str) -> None:
    response = httpx2.get(f"{rasa_url}/webhooks/jawab/", trust_env=False)
    assert (response.status_code, response.json()) == (200, {"ready": True})


def test_without_a_model_nothing_is_ready_or_answered(url_without_model: str, token: str) -> None:
    response = httpx2.get(f"{url_without_model}/webhooks/jawab/", trust_env=False)
    assert (response.status_code, response.json()) == (503, {"ready": False})
    client = DialogueClient(url_without_model, token)
    with pytest.raises(DialogueError):
        client.ask(Question("x:0", "fr", text="bonjour"))
    client.close()
