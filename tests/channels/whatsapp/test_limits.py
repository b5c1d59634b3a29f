"""What editors are told before a text is saved."""

import pytest

from bot.channels.whatsapp.limits import check, check_template
from bot.conversations.schemas import Button


def test_an_answer_within_all_limits_breaks_none() -> None:
    assert check("Le prix est de 75 DH.", [Button("Documents", "/ask_documents")]) == []


@pytest.mark.parametrize(
    ("text", "buttons", "broken"),
    [
        (" ", [], ["empty_text"]),
        ("x" * 1601, [], ["several_messages"]),
        ("x" * 1020, [Button("A", "/a")], ["too_long_for_buttons"]),
        ("x", [Button(f"T{number}", "/a") for number in range(11)], ["several_pages"]),
        ("x", [Button(" ", "/a")], ["empty_title"]),
        ("x", [Button("t" * 73, "/a")], ["title_cut"]),
        ("x", [Button("A", "/a"), Button("A ", "/b")], ["same_title"]),
        ("x", [Button("A", "/" + "a" * 200)], ["payload_too_long"]),
        ("Bonjour {{1}}", [], ["placeholder"]),
        ("😀" * 801, [], ["several_messages"]),
    ],
)
def test_each_limit_has_its_name(text: str, buttons: list[Button], broken: list[str]) -> None:
    assert check(text, buttons) == broken


GOOD = "Bonjour {{1}}, votre rendez-vous est le {{2}} à la commune de Rabat."


def test_a_template_that_keeps_the_rules_breaks_none() -> None:
    assert check_template(GOOD, {"1": "Salma", "2": "3 mai"}) == []


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ("", ["empty_text"]),
        ("{{1}}, votre rendez-vous approche enfin.", ["starts_with_variable"]),
        ("Votre rendez-vous est bien le {{1}}.", ["ends_with_variable"]),
        ("Bonjour {{1}} {{2}} votre dossier est prêt maintenant.", ["adjacent_variables"]),
        ("Bonjour {{1}} votre {{ dossier }} est prêt.", ["malformed_variable"]),
        ("Bonjour {{2}} votre dossier est prêt.", ["variables_not_in_order"]),
        ("Dossier {{1}} prêt", ["too_many_variables"]),
        ("Bonjour {{nom}} votre dossier est prêt.", ["sample_missing"]),
        ("Bonjour {{1}} votre dossier est prêt. " + "x" * 1000, ["template_too_long"]),
    ],
)
def test_each_rule_of_templates_has_its_name(body: str, broken: list[str]) -> None:
    assert check_template(body, {"1": "Salma", "2": "3 mai"}) == broken


@pytest.mark.parametrize("sample", ["a\nb", "a\tb", "a     b"])
def test_a_sample_is_one_plain_line(sample: str) -> None:
    assert check_template(GOOD, {"1": sample, "2": "3 mai"}) == ["sample_not_plain"]
