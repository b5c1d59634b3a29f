"""The domain's words: every response in all five varieties, with the same blanks, and none that is missing."""

import re
import string
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from actions.phrases import PhraseError, Phrases
from actions.services import NEXT_ASPECTS
from bot.catalogue.schemas import Channel, Verdict
from bot.jobs.services import GATEWAY_RESPONSES
from bot.nlu.languages import FALLBACKS, Language
from bot.settings import REPOSITORY

NAME = re.compile(r"\butter_[a-z_]+[a-z]\b(?![_{])")
LONGEST_BUTTON = 20
FAMILIES = [
    *(f"utter_channel_{channel.value}" for channel in Channel),
    *(f"utter_verdict_{verdict.value}" for verdict in Verdict),
    *(f"utter_button_{aspect.value}" for aspect in NEXT_ASPECTS),
    *(f"utter_language_name_{other.value}" for others in FALLBACKS.values() for other in others),
]


def blanks(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def rules() -> list[tuple[str, str]]:
    """Each rule of data/rules as (intent, action)."""
    found = []
    for path in sorted((REPOSITORY / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]:
            intent, action = rule["steps"]
            found.append((intent["intent"], action["action"]))
    return found


def used_names() -> set[str]:
    """The responses that actions and rules name."""
    sources = [path.read_text("utf-8") for path in (REPOSITORY / "actions").glob("*.py")]
    quoted = {
        name for source in sources for literal in re.findall(r'"([^"\n]*)"', source) for name in NAME.findall(literal)
    }
    return quoted | {action for _, action in rules() if action.startswith("utter_")} | set(FAMILIES)


def test_every_response_is_there_once_in_each_variety(domain: dict[str, Any]) -> None:
    for name, variations in domain["responses"].items():
        languages = [condition["value"] for one in variations for condition in one["condition"]]
        assert languages == [language.value for language in Language], name
        assert all(condition["name"] == "language" for one in variations for condition in one["condition"]), name


def test_every_variety_has_words_and_the_same_blanks(domain: dict[str, Any]) -> None:
    for name, variations in domain["responses"].items():
        wanted = blanks(variations[0]["text"])
        for one in variations:
            assert one["text"].strip(), name
            assert blanks(one["text"]) == wanted, (name, one["text"])
            assert "" not in wanted, name


def test_no_response_is_defined_in_two_files() -> None:
    names = [
        name
        for path in (REPOSITORY / "domain").glob("*.yml")
        for name in yaml.safe_load(path.read_text("utf-8"))["responses"]
    ]
    assert sorted(names) == sorted(set(names))


def test_every_name_that_actions_and_rules_use_exists(domain: dict[str, Any]) -> None:
    assert len(used_names()) > 80
    assert used_names() - set(domain["responses"]) == set()


def test_no_response_is_without_use(domain: dict[str, Any]) -> None:
    assert set(domain["responses"]) - used_names() - set(GATEWAY_RESPONSES) == set()


def test_buttons_fit_the_narrowest_channel(domain: dict[str, Any]) -> None:
    for name, variations in domain["responses"].items():
        if name.startswith("utter_button_"):
            assert all(len(one["text"]) <= LONGEST_BUTTON for one in variations), name


def test_a_missing_response_raises() -> None:
    phrases = Phrases({"responses": {}}, Language.FRENCH)
    with pytest.raises(PhraseError, match="utter_greet in fr"):
        phrases("utter_greet")
    only_arabic = {"utter_x": [{"condition": [{"name": "language", "value": "ar"}], "text": "س"}]}
    with pytest.raises(PhraseError, match="utter_x in en"):
        Phrases({"responses": only_arabic}, Language.ENGLISH)("utter_x")


def test_a_missing_blank_is_no_silent_gap(domain: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        Phrases(domain, Language.FRENCH)("utter_fee_line", amount="60 DH")


def test_each_intent_has_one_rule_and_each_rule_an_action(domain: dict[str, Any]) -> None:
    assert sorted(intent for intent, _ in rules()) == sorted(domain["intents"])
    for _, action in rules():
        assert action in domain["actions"] or action in domain["responses"], action


def test_the_action_server_offers_what_the_domain_names(domain: dict[str, Any]) -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    assert sorted(executor.actions) == sorted(domain["actions"])


def test_a_text_that_is_missing_comes_from_the_nearest_variety_with_a_word_of_apology(domain: dict[str, Any]) -> None:
    phrases = Phrases(domain, Language.ENGLISH)
    assert phrases.text({Language.ARABIC: "جواز", Language.FRENCH: "passeport"}) == "passeport"
    assert phrases.apology() == ["This information exists only in French for now, sorry."]
    assert phrases.into(Language.FRENCH).apology() == []


def test_darija_is_told_in_arabic_without_apology(domain: dict[str, Any]) -> None:
    for language, close in ((Language.DARIJA, Language.ARABIC), (Language.DARIJA_LATIN, Language.FRENCH)):
        phrases = Phrases(domain, language)
        assert phrases.text({close: "x", Language.ENGLISH: "y"}).strip("\u2068\u2069") == "x"
        assert phrases.apology() == []


def test_a_text_in_no_language_raises(domain: dict[str, Any]) -> None:
    with pytest.raises(PhraseError):
        Phrases(domain, Language.ARABIC).text({})
