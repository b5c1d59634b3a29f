"""What citizens see: whole texts in few parts, choices where they fit, numbers that are always understood."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.splitting import utf16_units
from bot.channels.whatsapp.content import content_key, content_of
from bot.channels.whatsapp.render import Style, WhatsAppPart, more_of, next_page, number_chosen, render
from bot.conversations.schemas import Button, Link, Offer, Outbound
from tests.channels.whatsapp.rules import is_sendable, refusal_of_content

TO = "whatsapp:+212612345678"
letters = st.sampled_from(
    ["ب", "a", " ", "\n", "é", "😀", "👨‍👩‍👧", ". ", "*", "{{", "\u2068", "https://x.ma/a_b?c=d ", "الوثائق "]
)
texts = st.lists(letters, max_size=600).map("".join)
buttons = st.builds(Button, st.lists(letters, max_size=30).map("".join), st.text("/ab{}", max_size=210))
messages = st.builds(
    Outbound,
    st.integers(1, 10**12),
    st.just(TO),
    texts,
    st.lists(buttons, max_size=25),
    st.lists(st.builds(Link, texts, st.just("https://service.ma/page")), max_size=2),
)


def choices(count: int, title: str = "Choix") -> list[Button]:
    """So many short choices."""
    return [Button(f"{title} {number}", f"/choose{number}") for number in range(1, count + 1)]


def last(text: str, *of: Button, page: int = 0) -> WhatsAppPart:
    """The part with the choices."""
    return render(Outbound(7, TO, text, of, page=page))[-1]


@given(messages)
def test_every_part_and_content_is_one_that_twilio_takes(outbound: Outbound) -> None:
    for part in render(outbound):
        assert 0 < utf16_units(part.body) <= 1600
        if part.style is not Style.TEXT:
            content = content_of(part, "fr")
            assert refusal_of_content(content) is None
            assert is_sendable(content)


@given(messages)
def test_nothing_that_was_to_be_said_is_lost(outbound: Outbound) -> None:
    shown = "".join("".join(part.body.split()) for part in render(outbound))
    for word in outbound.text.split():
        if len(word) < 100:
            assert word in shown
    for number in range(1, min(len(outbound.buttons), 9) + 1):
        assert f"{number}." in shown


@given(messages)
def test_only_the_last_part_has_choices(outbound: Outbound) -> None:
    assert all(part.style is Style.TEXT and not part.choices for part in render(outbound)[:-1])


@given(st.integers(1, 40))
def test_the_pages_together_have_every_choice_once(count: int) -> None:
    part, page = last("Lequel ?", *choices(count)), 0
    pressed = list(part.choices)
    while part.more:
        shown = Offer(7, count, page)
        assert more_of(part.more) == next_page(shown, part.first + len(part.choices)) == (7, page + 1)
        page += 1
        part = last("Lequel ?", *choices(count), page=page)
        assert part.body.startswith(f"{part.first}. ")
        pressed += part.choices
    assert pressed == choices(count)
    assert next_page(Offer(7, count, page), part.first + len(part.choices)) is None


def test_a_short_answer_is_one_part_as_written() -> None:
    assert render(Outbound(7, TO, "*Prix* : 75 DH")) == [WhatsAppPart("*Prix* : 75 DH")]


def test_few_short_choices_are_buttons_and_numbers() -> None:
    part = last("Que voulez-vous savoir ?", *choices(3))
    assert part.style is Style.QUICK_REPLIES
    assert part.body == "Que voulez-vous savoir ?\n\n1. Choix 1\n2. Choix 2\n3. Choix 3"


@pytest.mark.parametrize("many", [choices(4), choices(10), choices(2, "Une carte nationale d'identité")])
def test_many_or_long_choices_are_a_list(many: list[Button]) -> None:
    part = last("Laquelle ?", *many)
    assert (part.style, part.choices, part.more) == (Style.LIST, tuple(many), "")


def test_more_than_ten_choices_come_in_pages_of_nine() -> None:
    first, second, third = (last("Lequel ?", *choices(20), page=page) for page in (0, 1, 2))
    assert [len(part.choices) for part in (first, second, third)] == [9, 9, 2]
    assert (first.more, second.more, third.more) == ("more:7:1", "more:7:2", "")
    assert first.body.endswith("9. Choix 9\n10. Autres choix")
    assert second.body.startswith("10. Choix 10\n")
    assert second.body.endswith("18. Choix 18\n19. Autres choix")
    assert third.body == "19. Choix 19\n20. Choix 20"


def test_a_page_that_does_not_exist_is_the_last_one() -> None:
    first, second, beyond, before = (last("Lequel ?", *choices(12), page=page) for page in (0, 1, 99, -1))
    assert (beyond, before) == (second, first)


@pytest.mark.parametrize(
    "odd",
    [
        [Button("", "/a")],
        [Button("A", "")],
        [Button("A", "/" + "a" * 200)],
        [Button("A", "/a"), Button("B", "/a")],
        [Button("{{1}}", "/a")],
    ],
)
def test_what_cannot_be_pressed_is_still_numbered(odd: list[Button]) -> None:
    part = last("Lequel ?", *odd)
    assert part.style is Style.TEXT
    assert f"\n{len(odd)}. " in f"{part.body} "
    assert part.body.endswith("Répondez par le numéro de votre choix.")


def test_a_text_too_long_for_buttons_keeps_its_numbers() -> None:
    assert last("x" * 1010, *choices(2)).style is Style.TEXT
    assert last("x" * 990, *choices(2)).style is Style.QUICK_REPLIES


def test_long_texts_are_numbered_parts() -> None:
    parts = render(Outbound(7, TO, "Une phrase qui dit quelque chose. " * 100, choices(2)))
    assert [part.body.partition("\n")[0] for part in parts] == ["(1/3)", "(2/3)", "(3/3)"]
    assert parts[-1].body.endswith("1. Choix 1\n2. Choix 2")


def test_links_are_lines_of_the_text() -> None:
    link = Link("Portail CNIE", "https://cnie.ma/a?b=c")
    [part] = render(Outbound(7, TO, "الوثائق المطلوبة", links=[link]))
    assert part.body == "الوثائق المطلوبة\n\n\u2068Portail CNIE\u2069:\nhttps://cnie.ma/a?b=c"
    assert render(Outbound(7, TO, "Voir https://cnie.ma/a?b=c", links=[link]))[0].body == "Voir https://cnie.ma/a?b=c"


@pytest.mark.parametrize(
    ("language", "title", "line"),
    [
        ("fr", "Ouvrir la source", "Ouvrir la source\u00a0:"),
        ("en", "Open the source", "Open the source:"),
        ("ary-latn", "7ell lmasdar", "7ell lmasdar:"),
        ("ar", "فتح المصدر", "فتح المصدر:"),
        ("fr", "Carte : Mairie", "Carte : Mairie"),
        ("ar", "الخريطة: المقر", "الخريطة: المقر"),
    ],
)
def test_a_link_has_one_colon_as_its_language_wants(language: str, title: str, line: str) -> None:
    link = Link(title, "https://cnie.ma")
    [part] = render(Outbound(7, TO, "x" if language != "ar" else "س", links=[link], language=language))
    assert part.body.splitlines()[-2:] == [line, "https://cnie.ma"]


def test_nothing_to_say_is_no_part() -> None:
    assert render(Outbound(7, TO, " \n ")) == []


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "٢",
        "۲",
        "2.",
        "2)",
        "(2)",
        " 2 ",
        "02",
        "رقم 2",
        "الرقم ٢",
        "numero 2",
        "Numéro 2",
        "n° 2",
        "N°2",
        "№ 2",
        "#2",
        "2️⃣",
    ],
)
def test_a_number_is_understood_however_it_is_written(text: str) -> None:
    assert number_chosen(text, 3) == 2


@pytest.mark.parametrize("text", ["", "0", "4", "1 2", "1.5", "2 personnes", "un", "12/3", "n°", "999999999"])
def test_other_numbers_are_no_choice(text: str) -> None:
    assert number_chosen(text, 3) is None


@given(st.text())
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    assert number_chosen(text, 9) in {None, *range(1, 10)}
    assert more_of(text) is None or text.startswith("more:")


def test_a_cut_title_stands_whole_below() -> None:
    title = "Renouvellement de la carte nationale"
    items = content_of(last("Laquelle ?", Button(title, "/a")), "fr")["types"]["twilio/list-picker"]["items"]
    assert items == [{"id": "/a", "item": "Renouvellement de la ca…", "description": title}]


def test_the_words_around_a_list_are_in_the_citizens_language() -> None:
    part = last("Lequel ?", *choices(12))
    for language, button in (
        ("ar", "اختر من القائمة"),
        ("ary", "اختر من القائمة"),
        ("ary-latn", "Choisir"),
        ("en", "Choose"),
    ):
        shown = content_of(part, language)["types"]["twilio/list-picker"]
        assert shown["button"] == button
        assert (shown["items"][-1]["id"], shown["items"][-1]["description"]) == ("more:7:1", "10")


def test_a_content_is_known_by_what_it_shows() -> None:
    one, same, other = (content_of(last(text, *choices(2)), "fr") for text in ("A ?", "A ?", "B ?"))
    assert content_key(one) == content_key(same) == content_key(one | {"friendly_name": "x"})
    assert content_key(one) != content_key(other)
    assert one["types"]["twilio/text"] == {"body": one["types"]["twilio/quick-reply"]["body"]}
    assert json.loads(json.dumps(one)) == one
