"""Which numbers and addresses in a reply can be pressed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.fakes.webchat_stub import Stub, serve

pytestmark = pytest.mark.browser

PIECES = "async (line) => (await import('/static/webchat/text.js?v=stub')).piecesOf(line)"


Links = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def links(browser: Browser, node_modules: Path) -> Iterator[Links]:
    """Gives the targets of the links that the page makes of a line, whose words stay whole."""
    with serve(Stub(), node_modules) as url, browser.new_page() as page:
        page.goto(url)

        def find(line: str) -> list[str]:
            pieces: list[dict[str, Any]] = page.evaluate(PIECES, line)
            assert "".join(piece["text"] for piece in pieces) == line
            return [piece["href"] for piece in pieces if "href" in piece]

        yield find


@pytest.mark.parametrize(
    ("line", "targets"),
    [
        ("الهاتف 05 37 27 37 27.", ["tel:0537273727"]),
        ("Tél : +212 5 37-27-37-27", ["tel:+212537273727"]),
        ("call 0801004747 or 0800001122", ["tel:0801004747", "tel:0800001122"]),
        ("اتصل بالرقم \u206819\u2069", ["tel:19"]),
        ("عيط على 15 دابا", []),
        ("Appelez le 15 ou le 19.", ["tel:15"]),
        ("Appelez le 2727", ["tel:2727"]),
        ("الشرطة: 19", ["tel:19"]),
        ("15 الوقاية المدنية · 177 الدرك الملكي", ["tel:15", "tel:177"]),
        ("177 : Gendarmerie royale", ["tel:177"]),
        ("112: Police from a mobile", ["tel:112"]),
        ("5757: شكايات الأسعار", ["tel:5757"]),
        ("Police (19), fire and rescue: 15", ["tel:19", "tel:15"]),
    ],
)
def test_a_number_to_call_can_be_pressed(links: Links, line: str, targets: list[str]) -> None:
    assert links(line) == targets


@pytest.mark.parametrize(
    "line",
    [
        "آخر أجل: 19 يناير 2027",
        "القانون رقم 19.05",
        "خلال 15 يوما",
        "Retard : 15 % puis 0,5 %",
        "appelez 15 jours avant",
        "500 درهم، من 12 إلى 18 سنة",
        "CNIE 0537273727123",
        "2019-15-19",
        "2025: سنة الإصلاح",
        "18: العدد الأقصى",
    ],
)
def test_dates_sums_and_laws_are_not_numbers_to_call(links: Links, line: str) -> None:
    assert links(line) == []


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("See https://www.passeport.ma/a?b=c.", "https://www.passeport.ma/a?b=c"),
        ("(https://rabat.ma/x)", "https://rabat.ma/x"),
        ("\u2068https://rabat.ma/\u2069، هنا", "https://rabat.ma/"),
        ("https://fr.wikipedia.org/wiki/Rabat_(ville)", "https://fr.wikipedia.org/wiki/Rabat_(ville)"),
    ],
)
def test_an_address_ends_before_the_sentence_does(links: Links, line: str, target: str) -> None:
    assert links(line) == [target]


@pytest.mark.parametrize("line", ["http://rabat.ma", "javascript:alert(1)", "https://rabat.ma@evil.ma/", "https://"])
def test_an_address_that_could_deceive_stays_words(links: Links, line: str) -> None:
    assert links(line) == []
