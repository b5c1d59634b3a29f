"""A citizen asks in their own words and gets a true, sourced answer, through the whole running system."""

import uuid

import pytest

from tests.system.citizen import CitizenAtWeb
from tests.system.conftest import System

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1200)]

QUESTIONS = [
    ("بشحال التامبر ديال الباسبور؟", "ary", "500", "المصدر"),
    ("chno lwra9 dyal la carte nationale", "ary-latn", "cnie.ma", "Source"),
    ("date limite vignette ?", "fr", "31 janvier", "Source"),
    ("where do I file a complaint", "en", "chikaya.ma", "Source"),
    ("ما هي الوثائق المطلوبة للسجل العدلي؟", "ar", "casierjudiciaire", "المصدر"),
    ("bghit nkhelles la vignette dyal diesel 6 chevaux, c'est combien ?", None, "700", "ource"),
]


@pytest.mark.parametrize(("question", "language", "fact", "source"), QUESTIONS)
def test_a_question_gets_its_fact_and_its_source(
    system: System, question: str, language: str | None, fact: str, source: str
) -> None:
    reply = CitizenAtWeb(system.url).ask(question)
    assert fact in reply["text"]
    assert source in reply["text"]
    assert language in (None, reply["language"])


def test_a_follow_up_keeps_the_service_and_a_correction_switches_it(system: System) -> None:
    citizen = CitizenAtWeb(system.url)
    citizen.ask("شنو الوراق ديال لاكارط ناسيونال؟")
    assert "75" in citizen.ask("وبشحال؟")["text"]
    assert "500" in citizen.ask("لا، الباسبور")["text"]


@pytest.mark.parametrize(
    ("first", "then", "free"),
    [
        ("combien coûte le passeport ?", "et pour un mineur ?", "gratuit"),
        ("بكم جواز السفر؟", "وللقاصر؟", "مجان"),
    ],
)
def test_another_case_of_the_same_question_is_answered_like_it(
    system: System, first: str, then: str, free: str
) -> None:
    citizen = CitizenAtWeb(system.url, "fr")
    assert "500" in citizen.ask(first)["text"]
    assert free in citizen.ask(then)["text"].lower()


@pytest.mark.parametrize(
    ("question", "wish", "agreement"),
    [
        ("بشحال التامبر ديال الباسبور؟", "بغيت نهضر مع شي موظف", "واخا"),
        ("combien coûte le passeport ?", "je veux parler à un agent", "oui"),
    ],
)
def test_after_an_answer_a_yes_to_people_is_a_yes(system: System, question: str, wish: str, agreement: str) -> None:
    citizen = CitizenAtWeb(system.url, "fr")
    citizen.ask(question)
    citizen.ask(wish)
    assert "500" not in citizen.ask(agreement)["text"]
    assert CitizenAtWeb(system.url).ask("bonjour")["text"]


def test_the_price_grows_with_the_delay_that_is_told(system: System) -> None:
    citizen = CitizenAtWeb(system.url, "fr")
    citizen.ask("vignette diesel 7 CV, c'est combien ?")
    reply = citizen.ask("et si je suis en retard de 2 mois ?")
    assert "15,5 %" in reply["text"]
    assert "808,50 DH" in reply["text"]


def test_two_questions_get_two_answers(system: System) -> None:
    reply = CitizenAtWeb(system.url, "fr").ask("C'est combien le passeport ? Et quels papiers il faut apporter ?")
    assert "500" in reply["text"]
    assert "photo" in reply["text"].lower()


def test_danger_is_answered_with_numbers_first(system: System) -> None:
    reply = CitizenAtWeb(system.url).ask("عتقوني كاين حريق فالدار دابا")
    assert "19" in reply["text"]
    assert "15" in reply["text"]


def test_a_place_gives_the_nearest_office_with_its_distance(system: System) -> None:
    reply = CitizenAtWeb(system.url, "fr").ask(latitude=34.0, longitude=-6.84)
    assert "km" in reply["text"]
    assert "Rabat" in reply["text"]


def test_a_button_answers_about_its_service(system: System) -> None:
    citizen = CitizenAtWeb(system.url, "fr")
    button = citizen.ask("Quels papiers pour le passeport ?")["buttons"][0]
    assert citizen.ask(button["title"], payload=button["payload"])["buttons"]


def test_the_same_message_twice_is_answered_once(system: System) -> None:
    citizen, message_id = CitizenAtWeb(system.url, "en"), str(uuid.uuid4())
    citizen.send("how much is the passport?", message_id)
    citizen.send("how much is the passport?", message_id)
    citizen.send("thanks")
    authors = []
    for line in citizen.lines():
        authors.append(line["author"])
        if authors.count("bot") == 2:
            break
    assert authors.count("citizen") == 2


@pytest.mark.parametrize(
    "odd", ["??", "🙂🙂", "/restart", "x" * 5000, "asdkjh qwe zzz", "تفوو عليكم", "\u0000\u202eok"]
)
def test_odd_messages_get_a_calm_reply(system: System, odd: str) -> None:
    assert CitizenAtWeb(system.url).ask(odd)["text"]
