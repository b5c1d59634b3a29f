"""What editors are told before citizens read it; and all our own words fit every channel."""

from typing import Any

import pytest
import yaml

from bot.channels.limits import check_message, check_template
from bot.channels.telegram import render as telegram
from bot.channels.whatsapp import limits as whatsapp
from bot.conversations.schemas import Button, Link
from bot.nlu.languages import Language
from bot.senders.schemas import TemplateText
from bot.senders.states import Category
from bot.settings import REPOSITORY

GOOD = "Bonjour {{1}}, votre rendez-vous est le {{2}} à la commune de Rabat."
SAMPLES = {"1": "Salma", "2": "3 mai"}


def responses() -> list[tuple[str, str]]:
    """Each text of the domain with its name."""
    found: list[tuple[str, str]] = []
    for path in sorted((REPOSITORY / "domain").glob("*.yml")):
        document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        found += [(name, one["text"]) for name, variations in document["responses"].items() for one in variations]
    return found


def test_all_words_of_the_domain_fit_every_channel() -> None:
    assert len(responses()) > 500
    for name, text in responses():
        assert check_message(text) == [], name


def test_all_choices_of_the_domain_fit_every_channel() -> None:
    titles = [(name, text) for name, text in responses() if name.startswith("utter_button_")]
    assert len(titles) > 50
    for name, title in titles:
        assert check_message("?", [Button(title, "/x")]) == [], name
        assert len(title) <= whatsapp.LONGEST_REPLY_TITLE, name


def test_a_breach_names_channel_number_and_limit() -> None:
    (whatsapp_says,) = check_message("x" * 1601)
    assert str(whatsapp_says) == (
        "WhatsApp: longer than the 1600 characters of one message: it arrives cut into several (several_messages)"
    )
    assert [one.channel for one in check_message("x" * 4097)] == ["WhatsApp", "Telegram"]


@pytest.mark.parametrize(
    ("text", "buttons", "links", "is_fatal"),
    [
        ("x" * 5000, [], [], False),
        ("mot " * 5000, [], [], True),
        ("?", [Button(f"T{number}", f"/{number}") for number in range(11)], [], False),
        ("?", [Button(" ", "/a")], [], True),
        ("?", [Button("A", "")], [], True),
        ("?", [], [Link("A", "https://intranet/")], False),
        (" ", [], [], True),
    ],
)
def test_only_what_would_not_arrive_is_refused(
    text: str, buttons: list[Button], links: list[Link], is_fatal: bool
) -> None:
    found = check_message(text, buttons, links)
    assert found
    assert any(one.is_fatal for one in found) is is_fatal


def test_every_limit_has_its_words() -> None:
    assert set(whatsapp.WORDS) == set(whatsapp.Limit)
    assert set(telegram.WORDS) == set(telegram.Limit)


def template(**changes: Any) -> TemplateText:
    """A template that keeps all rules, but for the changes."""
    values = {"name": "renewal", "language": Language.FRENCH, "body": GOOD, "samples": SAMPLES}
    return TemplateText(**{**values, "category": Category.UTILITY, **changes})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, []),
        ({"name": "Renewal 1"}, ["small Latin letters"]),
        ({"language": Language.DARIJA}, ["WhatsApp knows no ary: take one of ar, fr, en"]),
        ({"body": "Bonjour {{1}}"}, ["it ends with a variable", "too few words"]),
        ({"samples": {"1": "Salma"}}, ["each variable needs an example"]),
    ],
)
def test_a_template_is_refused_in_plain_words(changes: dict[str, Any], named: list[str]) -> None:
    found = check_template(template(**changes))
    assert len(found) == len(named)
    assert all(words in one for words, one in zip(named, found, strict=True))
