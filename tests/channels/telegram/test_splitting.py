"""Long texts are cut where a reader pauses, and nothing but white space is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.splitting import Length, is_grapheme_end, shorten, split, utf16_units

FAMILY = "👩\u200d👩\u200d👧"
MOROCCO = "🇲🇦"
WORDS = st.sampled_from(
    [
        "الوثائق",
        "CIN.",
        "؟",
        "\n",
        "\n\n",
        " ",
        "https://www.passeport.ma/a.b?c=1",
        FAMILY,
        MOROCCO,
        "é",
        "e\u0301",
        "بِسْمِ",
    ]
)
TEXTS = st.lists(WORDS, max_size=60).map("".join) | st.text(st.characters(exclude_categories=()), max_size=300)


@given(TEXTS, st.integers(40, 120), st.sampled_from([len, utf16_units]))
def test_parts_are_short_enough_and_hold_the_whole_text(text: str, limit: int, length: Length) -> None:
    parts = split(text, limit, length)
    assert all(0 < length(part) <= limit for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
    assert [part.strip() for part in parts] == parts


@given(st.lists(WORDS, max_size=60).map(" ".join), st.integers(40, 120))
def test_no_url_and_no_grapheme_is_cut(text: str, limit: int) -> None:
    parts = split(text, limit, utf16_units)
    for whole in ("https://www.passeport.ma/a.b?c=1", FAMILY, MOROCCO, "e\u0301", "بِسْمِ"):
        assert sum(part.count(whole) for part in parts) == text.count(whole)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("aaaa aaaa. aaaa\naaaa\n\nbbbb bbbb bbbb", "aaaa aaaa. aaaa\naaaa"),
        ("aaaa aaaa. aaaa\naaaa aaaa aaaa", "aaaa aaaa. aaaa"),
        ("aaaa aaaa aaaa? bbbb bbbb bbbb", "aaaa aaaa aaaa?"),
        ("وثيقة البطاقة؟ ثم الوثيقة الأخرى", "وثيقة البطاقة؟"),
        ("«aaaa aaaa aaa.» bbbb bbbb bbbb", "«aaaa aaaa aaa.»"),
        ("aaaa aaaa aaaa aaaa bbbbbbbb", "aaaa aaaa aaaa aaaa"),
        ("a\n\naaaa aaaa aaaa aaaa bbbbbbbb", "a\n\naaaa aaaa aaaa"),
        ("aaaa 1.500 aaaa 2.500 bbbbbbbb", "aaaa 1.500 aaaa"),
        ("aaaa" * 9, "aaaa" * 5),
        ("a https://x.ma/" + "b" * 30, "a"),
        ("aaaa،https://x.ma/bbbb", "aaaa،"),
    ],
)
def test_a_part_ends_at_the_longest_pause(text: str, first: str) -> None:
    assert split(text, 20, len)[0] == first


def test_a_url_that_alone_is_too_long_is_cut_all_the_same() -> None:
    url = "https://x.ma/" + "b" * 50
    assert "".join(split(url, 20, len)) == url


def test_a_heap_of_accents_is_cut_all_the_same() -> None:
    text = "e" + "\u0301" * 100
    assert "".join(split(text, 20, len)) == text


@pytest.mark.parametrize("text", ["", " \n ", "\u00a0"])
def test_nothing_has_no_parts(text: str) -> None:
    assert split(text, 20, len) == []


def test_whatsapp_gets_its_1600_characters() -> None:
    parts = split("جملة من خمس كلمات هنا. " * 200, 1600, len)
    assert all(1500 < len(part) <= 1600 and part.endswith(".") for part in parts[:-1])


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("ab", [1, 2]),
        ("e\u0301x", [2, 3]),
        ("شُكر", [2, 3, 4]),
        ("\r\n", [2]),
        ("\n\u0301", [1, 2]),
        (FAMILY + "x", [5, 6]),
        ("👍🏽👍", [2, 3]),
        (MOROCCO + "🇫🇷", [2, 4]),
        ("x🇲🇦🇫", [1, 3, 4]),
        ("❤\ufe0fx", [2, 3]),
        ("1\ufe0f\u20e3", [3]),
    ],
)
def test_graphemes_end_where_readers_see_it(text: str, ends: list[int]) -> None:
    assert [at for at in range(1, len(text) + 1) if is_grapheme_end(text, at)] == ends


@given(TEXTS, st.integers(8, 40))
def test_a_title_is_shortened_after_a_grapheme(text: str, limit: int) -> None:
    title = shorten(text, limit, utf16_units)
    assert utf16_units(title) <= limit
    assert title == text or text.startswith(title.removesuffix("…"))


def test_utf16_counts_pairs_twice() -> None:
    assert [utf16_units(text) for text in ("", "aé", "ش", "👍", MOROCCO)] == [0, 2, 1, 2, 4]
