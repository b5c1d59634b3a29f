"""Places: nearest first, by town, open or not, and what is said when none is known."""

import datetime as dt
import re
from typing import Any

import pytest

from actions import runtime
from actions.offices import ActionFindOffice
from actions.phrases import Phrases
from actions.turn import Reply, Turn
from bot.conversations.states import Outcome
from bot.nlu.languages import Language
from tests.actions.acting import faults, turn
from tests.actions.catalogue import shipped_snapshot

CASABLANCA = (33.589, -7.62)


def find(domain: dict[str, Any], asked: Turn, language: Language = Language.ENGLISH) -> Reply:
    reply = ActionFindOffice().answer(asked, Phrases(domain, language))
    assert faults(reply, domain) == []
    return reply


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    now = dt.datetime.fromisoformat(f"{moment}+00:00")
    monkeypatch.setattr(runtime, "now", lambda: now)


@pytest.mark.parametrize("language", Language)
def test_a_shared_place_gives_the_nearest_offices_with_distance_and_map(
    domain: dict[str, Any], language: Language
) -> None:
    reply = find(domain, turn(act="find_office", place=CASABLANCA), language)
    assert reply.outcome is Outcome.ANSWERED
    assert len(reply.links) == 3
    assert all(url.startswith("https://www.openstreetmap.org/?mlat=3") for _, url in reply.links)
    assert Phrases(domain, language)("utter_office_approximate") in reply.lines


def test_the_nearest_comes_first(domain: dict[str, Any]) -> None:
    reply = find(domain, turn(act="find_office", place=CASABLANCA))
    told = [int(found[1]) for line in reply.lines if (found := re.fullmatch(r"about (\d+) km away", line))]
    assert told == sorted(told)
    assert len(told) == 3
    assert told[0] < 20


def test_a_town_by_any_spelling_gives_its_offices(domain: dict[str, Any]) -> None:
    for text in ("فين كاين شي مكتب فكازا، الدار البيضاء", "un bureau a casablanca", "office in Casablanca?"):
        reply = find(domain, turn(text, act="find_office"))
        assert reply.lines[0] == "In Casablanca:", text
        assert not any("Rabat" in line for line in reply.lines)


def test_the_town_is_kept_for_staff(domain: dict[str, Any]) -> None:
    for text in ("je cherche le bureau à Fès", "فين كاين المكتب ففاس", "fin kayn bureau f Fes"):
        assert find(domain, turn(text, act="find_office")).context["region"] == "fes", text
    assert "region" not in find(domain, turn("je cherche un bureau", act="find_office")).context


def test_a_service_narrows_the_offices(domain: dict[str, Any]) -> None:
    reply = find(domain, turn("à Rabat", act="find_office", chosen="property_certificate"))
    names = [line for line in reply.lines if line.startswith("*")]
    offices = shipped_snapshot().offices_of("property_certificate")
    assert names
    assert {name.strip("*") for name in names} <= {office.names[Language.ENGLISH] for office in offices}


@pytest.mark.parametrize("language", Language)
def test_without_a_town_it_asks_for_one_and_remembers(domain: dict[str, Any], language: Language) -> None:
    reply = find(domain, turn(act="find_office", chosen="passport_adult"), language)
    phrases = Phrases(domain, language)
    assert reply.lines[-1] == phrases("utter_office_ask_place")
    assert (reply.outcome, reply.context["asked_place"]) == (Outcome.CLARIFIED, True)
    assert reply.service_id == "passport_adult"


def test_a_town_without_an_office_tells_the_usual_kind(domain: dict[str, Any]) -> None:
    reply = find(domain, turn("à Nador", act="find_office", chosen="property_certificate"))
    assert reply.outcome is Outcome.UNKNOWN_FACT
    assert reply.lines[0].startswith("I have no address in Nador yet. Usually: ")


@pytest.mark.parametrize(
    ("moment", "line"),
    [
        ("2026-11-23T09:30", "Open now, until 16:30"),
        ("2026-11-23T20:00", "Closed now; opens Tuesday 24 November at 08:30"),
        ("2026-11-28T09:30", "Closed now; opens Monday 30 November at 08:30"),
        ("2026-11-18T09:30", "Closed today (Independence Day); opens Thursday 19 November at 08:30"),
        ("2027-02-15T09:30", "Open now, until 15:00 (Ramadan hours)"),
    ],
)
def test_the_moment_tells_whether_it_is_open(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any], moment: str, line: str
) -> None:
    at(monkeypatch, moment)
    lines = find(domain, turn("à Rabat", act="find_office", chosen="vignette_tsav")).lines
    assert line in lines


def test_a_feast_by_the_moon_is_told_as_expected(monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any]) -> None:
    year = shipped_snapshot().calendar.holidays_in(2028)
    expected = next(day for day in year.values() if not day.certain and day.on.isoweekday() < 6)
    at(monkeypatch, f"{expected.on}T10:00")
    lines = find(domain, turn("à Rabat", act="find_office", chosen="vignette_tsav")).lines
    assert any(line.endswith("(date of the feast to be confirmed)") for line in lines)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_every_office_has_whole_lines_at_every_hour(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any], language: Language, hour: int
) -> None:
    at(monkeypatch, f"2027-02-13T{hour:02}:15")
    for office in shipped_snapshot().offices:
        if office.place:
            place = (office.place.latitude, office.place.longitude)
            find(domain, turn(act="find_office", place=place), language)
