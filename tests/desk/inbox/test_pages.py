"""The queue and the thread: who sees what, in which words, and at what price."""

import datetime as dt
import re

import pytest

from bot.accounts.permissions import Role
from bot.cases.models import Case
from bot.cases.states import Reason
from bot.citizens.models import Address
from bot.db.base import utc_now
from bot.db.session import Database
from tests.cases.crowd import counted, fill
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, hire
from tests.desk.test_hostile_text import CORPUS, check

TRIED = [{"kind": "services", "id": "passport", "score": 0.71}]


def test_an_empty_desk_says_so_in_plain_words(scene: Scene, browser: Browser, database: Database) -> None:
    browser.come_in(hire(database), "/desk/inbox")
    assert "You have no conversation" in browser.page
    for view, words in (("waiting", "Nobody is waiting"), ("mentions", "No colleague"), ("closed", "has ended yet")):
        assert words in browser.see(f"/desk/inbox?view={view}")


def test_who_waits_is_in_the_list_with_what_is_due(scene: Scene, browser: Browser, database: Database) -> None:
    late, soon = scene.ask("passeport perdu"), scene.ask("carte nationale")
    scene.change(Case, late.id, due_at=utc_now() - dt.timedelta(minutes=20))
    scene.change(Case, soon.id, due_at=utc_now() + dt.timedelta(minutes=12, seconds=30))
    page = browser.come_in(hire(database), "/desk/inbox?view=waiting").page
    assert page.index("passeport perdu") < page.index("carte nationale")
    assert "20 minutes late" in page
    assert "due in 12 minutes" in page
    assert re.search(r'data-view="waiting"[^>]*aria-current="true">Waiting <span class="count">2<', page)


def test_filters_stay_in_the_address_and_narrow_the_list(scene: Scene, browser: Browser, database: Database) -> None:
    scene.ask("question en français", language="fr")
    scene.ask("سؤال بالعربية", language="ar")
    page = browser.come_in(hire(database), "/desk/inbox?view=waiting&language=ar").page
    assert "سؤال بالعربية" in page
    assert "question en français" not in page
    assert "/desk/cases/" in page
    assert "view=waiting&amp;language=ar" in page


def test_pages_follow_each_other_without_a_gap(scene: Scene, browser: Browser, database: Database) -> None:
    member = hire(database)
    fill(database, member.id, closed=100, open_ones=0)
    browser.come_in(member, "/desk/inbox?view=closed")
    found: list[str] = []
    path = "/desk/inbox?view=closed"
    while path:
        page = browser.see(path)
        found += re.findall(r'data-case="([^"]+)"', page)
        more = re.search(r'href="(\?[^"]*cursor=[^"]+)"', page)
        path = f"/desk/inbox{more.group(1).replace('&amp;', '&')}" if more else ""
    assert len(found) == len(set(found)) == 100
    browser.see("/desk/inbox?view=closed&cursor=nonsense", 400)


@pytest.mark.parametrize("size", [10, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_queue_takes_eight_queries_at_any_size(
    size: int, scene: Scene, browser: Browser, database: Database
) -> None:
    member = hire(database, Role.SUPERVISOR)
    fill(database, member.id, closed=size, open_ones=size // 10)
    browser.come_in(member, "/desk/inbox")  # The first page of all brings the shipped labels.
    for view in ("mine", "waiting", "all", "mentions", "closed"):
        with counted(browser.app.state.services.database) as made:  # type: ignore[attr-defined]
            browser.see(f"/desk/inbox?view={view}")
        assert len(made) <= 8, [statement for statement, _ in made]


def test_a_case_shows_why_it_is_here(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask("combien coûte le passeport", closest=TRIED, reason=Reason.FAILED_TWICE)
    page = browser.come_in(hire(database), f"/desk/cases/{case.id}").page
    for words in (
        "combien coûte le passeport",
        "The bot did not understand",
        "passport",
        "0.71",
        "Waiting for a person",
    ):
        assert words in page
    assert "The citizen was told" in page


@pytest.mark.parametrize("role", [Role.EDITOR, Role.BROADCASTER, Role.ANALYST, Role.AUDITOR])
def test_who_does_not_answer_does_not_read(role: Role, scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    browser.come_in(hire(database, role))
    for path in ("inbox", f"cases/{case.id}", f"cases/{case.id}/earlier?before=1", "inbox/search?words=agent"):
        browser.see(f"/desk/{path}", 403)


def test_another_teams_case_is_not_there_for_an_agent(scene: Scene, browser: Browser, database: Database) -> None:
    outsider, insider, leader = hire(database), hire(database), hire(database, Role.SUPERVISOR)
    scene.team("tax", languages=["en"])
    scene.members("tax", insider.id)
    case = scene.ask("secret", language="en")
    browser.come_in(outsider).see(f"/desk/cases/{case.id}", 404)
    assert "secret" not in browser.see("/desk/inbox?view=all")
    assert "Nothing was found" in browser.see("/desk/inbox/search?words=secret")
    for member in (insider, leader):
        browser.come_in(member).see(f"/desk/cases/{case.id}")


@pytest.mark.parametrize("hostile", CORPUS)
def test_what_a_citizen_writes_is_text_wherever_it_stands(
    hostile: str, scene: Scene, browser: Browser, database: Database
) -> None:
    case = scene.ask(hostile, question=hostile, closest=[{"kind": "faq", "id": hostile, "score": 0.5}])
    scene.write(case, hostile)
    scene.change(Case, case.id, comment=hostile, rating=2)
    payload = {"buttons": [{"title": hostile, "payload": hostile}], "links": [{"title": hostile, "url": hostile}]}
    for kind, more in (("location", {"latitude": hostile, "longitude": hostile}), ("text", payload)):
        scene.put(case, kind=kind, body=hostile, payload=more)
    member = hire(database, name=hostile or "x")
    browser.come_in(member)
    for path in (f"cases/{case.id}", "inbox?view=all", f"cases/{case.id}/state", "inbox/queue?view=waiting"):
        check(browser.see(f"/desk/{path}"))
    check(browser.get("/desk/inbox/search", params={"words": hostile}).text)
    check(browser.get("/desk/inbox", params={"view": hostile, "team": hostile, "label": hostile}).text)


def test_older_messages_come_on_demand(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask("first")
    ids = [scene.write(case, f"word {number}") for number in range(60)]
    page = browser.come_in(hire(database), f"/desk/cases/{case.id}").page
    assert f'id="message-{ids[0]}"' not in page
    earlier = re.search(r'href="(/desk/cases/[^"]+/earlier\?before=\d+)"', page)
    assert earlier
    page = browser.see(earlier.group(1))
    assert f'id="message-{ids[0]}"' in page
    other = scene.ask("another talk")
    browser.see(f"/desk/cases/{other.id}/earlier?before={ids[5]}", 404)


def test_addresses_are_masked_and_a_look_is_recorded(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask(address="+212600000042")
    address_id = scene.address_of(case)
    scene.change(Address, address_id, kind="user")
    page = browser.come_in(hire(database), f"/desk/cases/{case.id}").page
    assert "+212600000042" not in page
    assert "•••• 42" in page
    response = browser.submit(f"/desk/cases/{case.id}/addresses/{address_id}/reveal")
    assert "+212600000042" in response.text
    assert scene.acts() == ["address_revealed"]
    elsewhere = scene.address_of(scene.ask())
    assert browser.submit(f"/desk/cases/{case.id}/addresses/{elsewhere}/reveal").status_code == 404


@pytest.mark.parametrize(
    ("status", "words"),
    [("parked", "Waits until the citizen writes"), ("unknown", "Not known"), ("failed", "Not sent")],
)
def test_how_far_a_message_got_is_told_in_words(
    status: str, words: str, scene: Scene, browser: Browser, database: Database
) -> None:
    case, member = scene.ask(), hire(database)
    message_id = scene.put(case, direction="out", author="staff", staff_id=member.id, status=status)
    page = browser.come_in(member, f"/desk/cases/{case.id}").page
    assert words in page
    assert (f"/messages/{message_id}/retry" in page) == (status == "failed")


def test_search_folds_arabic(scene: Scene, browser: Browser, database: Database) -> None:
    scene.ask("أريد تجديد البطاقة الوطنية", language="ar")
    page = browser.come_in(hire(database), "/desk/inbox/search?words=البطاقه").page
    assert "أريد تجديد" in page
    assert "Nothing was found" in browser.see("/desk/inbox/search?words=جواز")
