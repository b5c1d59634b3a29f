"""Which service a message is about: chosen, offered, carried on, switched, or none."""

import pytest

from bot.catalogue.resolve import MOST_CHOICES, RANKED, Found, resolve
from bot.catalogue.snapshot import Snapshot

pytestmark = pytest.mark.slow

PASSPORT = "passport_adult"
CARDS = ("cnie_renewal", "cnie_lost_stolen")


def test_a_button_decides_whatever_the_text_says(shipped: Snapshot) -> None:
    found = resolve(shipped, "vignette", chosen="cnie_minor", current=PASSPORT, pending=CARDS)
    assert (found.found, found.entry_id, found.ranked) == (Found.SERVICE, "cnie_minor", ["cnie_minor"])


def test_a_button_of_a_service_that_is_gone_leaves_the_text_to_decide(shipped: Snapshot) -> None:
    assert resolve(shipped, "vignette", chosen="no_such_service").entry_id == "vignette_tsav"


@pytest.mark.parametrize(
    ("text", "service"),
    [("renouvellement", "cnie_renewal"), ("perdue", "cnie_lost_stolen"), ("ضاعت ليا", "cnie_lost_stolen")],
)
def test_a_few_words_choose_among_what_was_offered(shipped: Snapshot, text: str, service: str) -> None:
    found = resolve(shipped, text, pending=CARDS)
    assert (found.found, found.entry_id) == (Found.SERVICE, service)


@pytest.mark.parametrize("text", ["chno lwra9 dyal passport", "بشحال الباسبور", "le passeport"])
def test_another_service_that_is_named_is_none_of_those_offered(shipped: Snapshot, text: str) -> None:
    assert resolve(shipped, text, pending=CARDS).entry_id == PASSPORT


@pytest.mark.parametrize(
    "text", ["بشحال؟", "وفين نمشي؟", "et combien ça coûte ?", "w imta?", "how long does it take", "chno lwra9", "ok"]
)
def test_a_follow_up_keeps_the_current_service(shipped: Snapshot, text: str) -> None:
    found = resolve(shipped, text, current=PASSPORT)
    assert (found.found, found.entry_id, found.ranked[0]) == (Found.SERVICE, PASSPORT, PASSPORT)


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("لا، لافينييت", "vignette_tsav"),
        ("non, la carte nationale", "cnie_first_issue"),
        ("et pour l’acte de naissance ?", "birth_certificate_copy"),
        ("بغيت نسول على شهادة السكنى", "residence_certificate"),
        ("what about the technical inspection?", "technical_inspection"),
        ("فكرني بالتسجيل فالمنحة", "student_grant_minhaty"),
        ("والدعم الاجتماعي المباشر؟", "direct_social_aid"),
    ],
)
def test_a_name_switches_the_service(shipped: Snapshot, text: str, service: str) -> None:
    assert resolve(shipped, text, current=PASSPORT).entry_id == service


@pytest.mark.parametrize(
    ("current", "text", "sibling"),
    [
        (PASSPORT, "ولولدي الصغير؟", "passport_minor"),
        (PASSPORT, "for my child", "passport_minor"),
        (PASSPORT, "et pour ma fille de 8 ans ?", "passport_minor"),
        (PASSPORT, "ولبنتي لي عندها 8 سنين؟", "passport_minor"),
        (PASSPORT, "o l bnti li 3ndha 8 snin", "passport_minor"),
        (PASSPORT, "provisoire ?", "passport_provisional"),
        ("cnie_first_issue", "je l’ai perdue", "cnie_lost_stolen"),
        ("cnie_first_issue", "تسرقات ليا", "cnie_lost_stolen"),
        ("cnie_first_issue", "à l’étranger", "cnie_abroad"),
    ],
)
def test_a_word_that_marks_a_sibling_switches_to_it(shipped: Snapshot, current: str, text: str, sibling: str) -> None:
    assert resolve(shipped, text, current=current).entry_id == sibling


@pytest.mark.parametrize("current", [None, PASSPORT])
@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("comment s’inscrire au hajj", "hajj_registration"),
        ("بغيت نسجل فالحج", "hajj_registration"),
        ("service militaire", "military_service"),
        ("أريد معاش التقاعد CNSS", "cnss_pension"),
    ],
)
def test_a_service_that_we_do_not_hold_is_said_with_the_closest_one(
    shipped: Snapshot, text: str, topic: str, current: str | None
) -> None:
    found = resolve(shipped, text, current=current)
    assert (found.found, found.entry_id) == (Found.TOPIC, topic)
    assert set(found.choices) <= set(shipped.services)


@pytest.mark.parametrize(
    ("text", "faq"),
    [
        ("ما هي أوقات عمل الإدارات؟", "working_hours"),
        ("quels sont les jours fériés", "fixed_public_holidays"),
        ("what is chikaya", "what_is_chikaya"),
    ],
)
def test_a_common_question_is_answered_as_such(shipped: Snapshot, text: str, faq: str) -> None:
    found = resolve(shipped, text, current=PASSPORT)
    assert (found.found, found.entry_id) == (Found.FAQ, faq)


@pytest.mark.parametrize("text", ["salam", "شكرا", "ok", "??", "😀", "", "asdfgh"])
def test_nothing_named_is_said_to_be_nothing(shipped: Snapshot, text: str) -> None:
    assert resolve(shipped, text).found is Found.NOTHING_NAMED


def test_a_current_service_that_is_gone_is_forgotten(shipped: Snapshot) -> None:
    assert resolve(shipped, "salam", current="no_such_service").found is Found.NOTHING_NAMED


@pytest.mark.parametrize("text", ["بطاقة", "شهادة", "certificat", "permis", "خلصت"])
def test_a_choice_is_small_and_of_services_only(shipped: Snapshot, text: str) -> None:
    found = resolve(shipped, text)
    assert len(found.choices) <= MOST_CHOICES
    assert len(found.ranked) <= RANKED
    assert set(found.choices) | set(found.ranked) <= set(shipped.services)
    assert (found.found is Found.CHOICE) == (len(found.choices) > 1)


def test_five_thousand_letters_are_resolved_like_any_others(shipped: Snapshot) -> None:
    assert resolve(shipped, "عافاكم " * 700 + "لافينييت").found in Found


@pytest.mark.parametrize(
    "question", ["combien coûte le timbre du passeport ?", "بشحال التامبر ديال الباسبور؟", "passport fee"]
)
def test_nobody_who_asks_about_the_passport_is_told_of_a_childs(shipped: Snapshot, question: str) -> None:
    found = resolve(shipped, question)
    assert (found.found, found.entry_id) == (Found.SERVICE, "passport_adult")


def test_a_daughters_one_is_the_sibling_and_no_topic_of_its_own(shipped: Snapshot) -> None:
    found = resolve(shipped, "et pour ma fille de 6 ans, quels papiers ?", current="passport_adult")
    assert found.entry_id == "passport_minor"


def test_who_asks_from_abroad_stays_abroad(shipped: Snapshot) -> None:
    found = resolve(shipped, "لاكارط ديالي سالات حتى هي", current="consular_registration")
    assert found.entry_id == "cnie_abroad"


def test_a_name_that_sounds_like_a_common_word_is_not_heard_everywhere(shipped: Snapshot) -> None:
    assert "auto_entrepreneur" not in shipped.index.mentions.find("what is the fine")


@pytest.mark.parametrize("text", ["et pour un mineur ?", "وللقاصر؟", "w l wladi?", "and for my daughter?"])
def test_a_few_words_for_a_child_mean_the_childs_one(shipped: Snapshot, text: str) -> None:
    assert resolve(shipped, text, current="passport_adult").entry_id == "passport_minor"


@pytest.mark.parametrize(
    "text",
    [
        "Quel est le prix du permis de chasse au dahu ?",
        "chno lwra9 dyal lcarte dyal lfadaa",
        "رخصة تربية الديناصورات",
        "how much is a dragon rider licence",
    ],
)
def test_a_word_that_many_services_have_names_none(shipped: Snapshot, text: str) -> None:
    assert resolve(shipped, text).found not in (Found.SERVICE, Found.FAQ)


@pytest.mark.parametrize(
    ("text", "service"),
    [("combien coûte la carte nationale ?", "cnie_first_issue"), ("الرخصة باش نحل حانوت", "commercial_licence")],
)
def test_a_word_of_many_is_enough_beside_a_telling_one(shipped: Snapshot, text: str, service: str) -> None:
    assert resolve(shipped, text).entry_id == service


def test_a_compound_with_a_word_that_nobody_knows_is_no_service_of_ours(shipped: Snapshot) -> None:
    asked = "Quel est le prix du permis de conduire un sous-marin ?"
    assert resolve(shipped, asked).found is Found.NOTHING_NAMED
    assert resolve(shipped, "Quel est le prix du permis de conduire ?").found is not Found.NOTHING_NAMED
    assert resolve(shipped, "Comment prendre rendez-vous pour la carte nationale ?").entry_id is not None
