"""Texts as people type them become comparable, in every script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.text import MAX_CHARACTERS, clean, normalise, skeleton, skeletons, transliterate

typed = st.text(st.sampled_from("abcéÀçœßİ379ءآأإٱىئيةهؤوپڤگڭًَُِّْـ٠٩۴۹ 　\u200f\u2068.,؟!'’-\n") | st.characters())


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("البِطَاقَةُ الوَطَنِيَّة", "البطاقه الوطنيه"),
        ("أإآٱا", "ا"),
        ("مستشفى", "مستشفي"),
        ("شؤون", "شوون"),
        ("مسؤول", "مسوول"),
        ("بنــــاء", "بنا"),
        ("١٢٣ ۴۵۶", "123 456"),
        ("گاراج ڭاراج", "كاراج كاراج"),
        ("Carte d’Identité NATIONALE !", "carte d identite nationale"),
        ("cœur", "coeur"),
        ("ＰＡＳＳ", "pass"),
        ("بغيت؟!؟ ... pass-port", "بغيت pass port"),
        ("\u200fبطاقة\u200e", "بطاقه"),
        ("😀👍", ""),
        ("", ""),
    ],
)
def test_spellings_fold_to_one(written: str, folded: str) -> None:
    assert normalise(written) == folded


@pytest.mark.parametrize("word", ["salaaaam", "saaaalam", "salammmm", "SALAAAAAM", "sallllam"])
def test_letters_drawn_out_are_said_once(word: str) -> None:
    assert normalise(word) == "salam"


def test_double_letters_and_long_numbers_stay() -> None:
    assert normalise("passeport 10000") == "passeport 10000"
    assert normalise("شكراااااا") == "شكرا"


@given(typed)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(typed)
def test_accents_and_harakat_make_no_difference(text: str) -> None:
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(unicodedata.normalize("NFC", text))


@given(typed)
def test_folded_text_has_words_and_single_spaces_only(text: str) -> None:
    folded = normalise(text)
    assert folded == " ".join(folded.split())
    assert all(letter.isalnum() or letter == " " or unicodedata.category(letter)[0] == "M" for letter in folded)


@pytest.mark.parametrize(
    "spellings",
    [
        ["لوراق", "lwra9", "louraq", "lawra9", "LWRA9"],
        ["بطاقة", "bita9a", "bitaqa", "بطاقه", "بِطاقة"],
        ["باسبور", "basbor", "paspour"],
        ["تعريف", "ta3rif", "ta3reef"],
        ["محكمة", "ma7kama", "m7kama"],
        ["عقد", "3a9d", "3e9d"],
        ["شحال", "ch7al", "sh7al", "chh7al"],
        ["غرامة", "ghrama", "gharama", "4rama"],
        ["خدمة", "khdma", "5edma", "khidma"],
        ["ضريبة", "dariba", "daryba"],
        ["جواز", "jwaz", "jawaz"],
        ["صحة", "si7a", "se77a"],
        ["قنصلية", "9onsoliya", "qonsolia", "9unsuliyya"],
        ["ديال", "dyal", "diyal"],
        ["رخصة", "rokhsa", "ro5sa"],
    ],
)
def test_one_word_has_one_sound_in_both_scripts(spellings: list[str]) -> None:
    assert len({skeletons(spelling) for spelling in spellings}) == 1


def test_the_sound_of_papers_is_lrq() -> None:
    assert skeletons("لوراق lwra9 louraq") == "lrq lrq lrq"


@given(st.text(st.sampled_from("abdfhiklmnorstuwyz379ابتجحخدرزسشصطعغفقكلمنهوي"), min_size=1))
def test_every_word_has_a_sound(word: str) -> None:
    assert skeleton(normalise(word))


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("chno", "شنو"),
        ("3lach", "علاش"),
        ("7it", "حيت"),
        ("bghit", "بغيت"),
        ("khdma", "خدما"),
        ("dyali", "ديالي"),
        ("bghit بطاقة", "بغيت بطاقه"),
        ("2026", "2026"),
    ],
)
def test_chat_letters_are_read_as_arabic_ones(latin: str, arabic: str) -> None:
    assert transliterate(latin) == arabic


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cc"])))
def test_a_cleaned_text_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert len(cleaned) <= MAX_CHARACTERS
    assert clean(cleaned) == cleaned


def test_cleaning_keeps_lines_and_caps_floods() -> None:
    assert clean(" one\ntwo\tthree\x07 ") == "one\ntwo\tthree"
    assert len(clean("ا" * 5000)) == MAX_CHARACTERS
