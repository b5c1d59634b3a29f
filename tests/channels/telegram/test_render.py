"""Our messages become what Telegram takes."""

import re
from collections.abc import Sequence
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.splitting import utf16_units
from bot.channels.telegram.render import Key, TelegramPart, check, is_valid_url, render, unmark
from bot.conversations.schemas import Button, Link, Outbound
from bot.nlu.text import clean
from tests.channels.telegram import rules


def rendered(text: str, buttons: Sequence[Button] = (), links: Sequence[Link] = ()) -> list[TelegramPart]:
    """The parts of a message; long payloads become `short:` and a number."""
    return render(Outbound(1, "555", text, buttons, links), lambda payload: f"short:{len(payload)}")


class Checker(HTMLParser):
    """Knows whether tags are balanced, and what the text between them is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag == "b"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


PIECES = st.sampled_from(
    ["*", "**", "*الثمن*", "a & b", "<b>", "</b>", "&amp;", '"', "\n", "\n\n", " ", "👍", "https://x.ma/*?a=1&b=2*"]
)
TEXTS = st.lists(PIECES | st.text(max_size=20), max_size=40).map("".join)


@given(TEXTS, st.sampled_from([1, 400]))
def test_parts_are_within_limits_and_say_it_all(text: str, times: int) -> None:
    parts = rendered(text * times)
    plain, _ = unmark(clean(text * times, 10**9))
    assert re.sub(r"\s", "", "".join(part.plain for part in parts)) == re.sub(r"\s", "", plain)
    for part in parts:
        assert utf16_units(part.plain) <= 4096
        assert len(part.html.encode()) <= 32_768


@given(TEXTS)
def test_html_is_well_formed_and_reads_like_the_plain_text(text: str) -> None:
    for part in rendered(text):
        assert Checker(part.html).text == part.plain
        assert unescape(re.sub("</?b>", "", part.html)) == part.plain


@given(TEXTS)
def test_what_is_rendered_is_taken(text: str) -> None:
    for part in rendered(text):
        assert rules.read_text(part.html, "HTML")[0] == part.plain


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*الوثائق* المطلوبة", "<b>الوثائق</b> المطلوبة"),
        ("\u2068*CIN*\u2069", "\u2068<b>CIN</b>\u2069"),
        ("(*a b*), *c*.", "(<b>a b</b>), <b>c</b>."),
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("* a * b", "* a * b"),
        ("*a\nb*", "*a\nb*"),
        ("**", "**"),
        ("*<R&D>*", "<b>&lt;R&amp;D&gt;</b>"),
        ("https://x.ma/*a*/b", "https://x.ma/*a*/b"),
        ('dire "oui"', 'dire "oui"'),
    ],
)
def test_stars_are_bold_where_words_begin_and_end(text: str, html: str) -> None:
    assert [part.html for part in rendered(text)] == [html]


def test_a_bold_that_is_cut_is_bold_in_both_parts() -> None:
    first, second = rendered("*" + "كلمة " * 1000 + "آخر*")
    assert all(part.html.startswith("<b>") and part.html.endswith("</b>") for part in (first, second))


def test_buttons_are_under_the_last_part() -> None:
    first, last = rendered("كلمة " * 1000, [Button("نعم", "/affirm")])
    assert (first.rows, last.rows) == ((), ((Key("نعم", data="/affirm"),),))


@pytest.mark.parametrize(("payload", "data"), [("x" * 64, "x" * 64), ("x" * 65, "short:65"), ("ش" * 33, "short:33")])
def test_a_payload_of_more_than_64_bytes_becomes_an_id(payload: str, data: str) -> None:
    [part] = rendered("?", [Button("a", payload)])
    assert part.rows == ((Key("a", data=data),),)


def test_short_titles_share_a_row_and_long_ones_do_not() -> None:
    titles = ["1", "2", "3", "تجديد البطاقة الوطنية", "تجديد جواز السفر"]
    [part] = rendered(
        "?", [Button(title, "/x") for title in titles], [Link("a", "https://x.ma"), Link("b", "https://y.ma")]
    )
    assert [len(row) for row in part.rows] == [3, 1, 1, 1, 1]


def test_rows_hold_at_most_8_and_all_at_most_100() -> None:
    [part] = rendered("?", [Button(str(number % 10), "/x") for number in range(130)])
    assert max(len(row) for row in part.rows) == 8
    assert sum(len(row) for row in part.rows) == 100


def test_buttons_without_title_or_payload_are_left_out() -> None:
    [part] = rendered("?", [Button(" ", "/a"), Button("b", ""), Button("c\n d", "/c")])
    assert part.rows == ((Key("c d", data="/c"),),)


@given(st.lists(st.sampled_from(["👩\u200d👩\u200d👧", "e\u0301", "ك "]), min_size=1, max_size=60).map("".join))
def test_a_long_title_is_cut_at_a_grapheme(title: str) -> None:
    [part] = rendered("?", [Button(title, "/a")])
    shown = part.rows[0][0].title
    assert utf16_units(shown) <= 64
    assert re.fullmatch(r"(👩\u200d👩\u200d👧|\u00e9|ك ?)*…?", shown)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.service-public.ma/?a=1&b",
        "http://127.0.0.1:8000/chat",
        "https://مثال.ma/ب",
        "HTTPS://X.MA",
        "https://a_b.c.ma",
    ],
)
def test_a_good_link_is_a_button(url: str) -> None:
    assert is_valid_url(url)
    assert rendered("?", links=[Link("site", url)]) == [TelegramPart("?", "?", ((Key("site", url=url),),))]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://localhost:8000/",
            "javascript:alert(1)",
            "https://",
            "ftp://x.ma",
            "https://x..ma/",
            "https://x.ma:0/",
        ),
        *("https://x.ma:99999/", "https://a b.ma/", "https://u:p@x.ma/", "x.ma", "https://x.ma/a\u202eb", "//x.ma"),
    ],
)
def test_a_bad_link_is_text(url: str) -> None:
    assert not is_valid_url(url)
    [part] = rendered("voir", links=[Link("site", url)])
    assert (part.plain, part.rows) == (f"voir\nsite: {url}", ())


def test_a_link_without_a_title_shows_its_address() -> None:
    [part] = rendered("?", links=[Link("", "https://x.ma/a")])
    assert part.rows[0][0].title == "https://x.ma/a"


def test_without_words_there_is_a_sign_above_buttons_and_else_nothing() -> None:
    assert rendered(" \n") == []
    assert rendered("", [Button("a", "/a")])[0].plain == "⬇️"


def test_what_cannot_be_stored_is_not_sent() -> None:
    assert rendered("a\u0000b\ud83d")[0].html == "ab"


@pytest.mark.parametrize(
    ("text", "buttons", "broken"),
    [
        ("?", [Button("a", "/a"), Link("b", "https://x.ma")], []),
        (" ", [], ["text_empty"]),
        ("ش" * 4096, [], []),
        ("*" + "ش" * 4096 + "*", [], []),
        ("👍" * 2049, [], ["text_split"]),
        ("?", [Button("a", "/a")] * 101, ["button_count"]),
        (
            "?",
            [Button("", "/a"), Button("x" * 65, "")],
            ["button_title_empty", "button_title_long", "button_payload_empty"],
        ),
        ("?", [Button("a", "x" * 200)], []),
        ("?", [Link("a", "http://localhost/")], ["link_invalid"]),
    ],
)
def test_editors_are_told_which_limits_break(text: str, buttons: list[Button | Link], broken: list[str]) -> None:
    assert check(text, buttons) == broken
