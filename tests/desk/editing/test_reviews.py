"""What staff marked comes before editors: wrong answers are put right, good replies become entries."""

import pytest
from fastapi import FastAPI

from bot.accounts.permissions import Role
from bot.cases.models import Case
from bot.db.session import Database
from bot.nlu.languages import Language
from bot.reviews.models import Review
from bot.reviews.service import list_examples
from bot.reviews.states import Kind
from tests.desk.editing.entries import TYPED, WIND, kept, stock
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, Member, hire
from tests.desk.test_hostile_text import CORPUS, check

QUESTION = "ch7al taman dyal tyara? 0612345678"
MADE = "faq_how_do_i_fly_a_kite"


@pytest.fixture
def scene(web: FastAPI, database: Database) -> Scene:
    """A catalogue, and nobody has written yet."""
    stock(database)
    return Scene(web.state.services)


def mark(scene: Scene, browser: Browser, member: Member, kind: Kind, question: str = QUESTION) -> tuple[Case, str]:
    """Somebody asks, is answered, and a member of staff marks the answer; gives the case, and where that leads."""
    case = scene.ask(question)
    author = "bot" if kind is Kind.WRONG_ANSWER else "staff"
    of = {"author": author, "staff_id": member.id if author == "staff" else None}
    message_id = scene.put(case, direction="out", body="75 DH", status="sent", language="ary-latn", **of)
    browser.come_in(member, f"/desk/cases/{case.id}")
    response = browser.submit(f"/desk/cases/{case.id}/messages/{message_id}/mark", kind=kind.value)
    assert response.status_code == 303
    return case, response.headers["location"]


def rows(database: Database) -> list[Review]:
    """All marks."""
    with database.transaction() as session:
        return list(session.query(Review).order_by(Review.id))


def test_nothing_marked_is_said_in_words(scene: Scene, browser: Browser, database: Database) -> None:
    browser.come_in(hire(database, Role.EDITOR), "/desk/reviews")
    assert "No wrong answer waits" in browser.page
    assert "No reply waits" in browser.see("/desk/reviews?kind=new_entry")


def test_a_wrong_answer_is_put_right_and_becomes_an_example(scene: Scene, browser: Browser, database: Database) -> None:
    agent, editor = hire(database, name="Agent 1"), hire(database, Role.EDITOR)
    mark(scene, browser, agent, Kind.WRONG_ANSWER)
    (review,) = rows(database)
    page = browser.come_in(editor, "/desk/reviews").page
    for words in (QUESTION, "75 DH", "Agent 1", "Darija in Latin letters"):
        assert words in page
    browser.see(f"/desk/reviews/{review.id}")
    path = f"/desk/reviews/{review.id}"
    assert browser.submit(path, verdict="done").status_code == 422
    assert browser.submit(path, verdict="done", intent="ask_fee", entry="services:kite_licence").status_code == 303
    assert "Kept." in browser.see("/desk/reviews")
    assert QUESTION not in browser.page
    (review,) = rows(database)
    assert (review.done_by, review.verdict) == (editor.id, "done")
    with database.transaction() as session:
        (example,) = list_examples(session)
    assert (example.text, example.intent) == ("ch7al taman dyal tyara? 0000000000", "ask_fee")
    assert (example.service, example.language) == ("kite_licence", "ary-latn")


@pytest.mark.parametrize("verdict", ["bot_was_right", "dropped"])
def test_what_teaches_nothing_is_no_example(verdict: str, scene: Scene, browser: Browser, database: Database) -> None:
    mark(scene, browser, hire(database), Kind.WRONG_ANSWER)
    browser.come_in(hire(database, Role.EDITOR), "/desk/reviews/1")
    assert browser.submit("/desk/reviews/1", verdict=verdict).status_code == 303
    with database.transaction() as session:
        assert list_examples(session) == []


def test_the_second_reviewer_is_told_and_changes_nothing(scene: Scene, browser: Browser, database: Database) -> None:
    mark(scene, browser, hire(database), Kind.WRONG_ANSWER)
    browser.come_in(hire(database, Role.EDITOR), "/desk/reviews/1")
    browser.submit("/desk/reviews/1", verdict="done", intent="out_of_scope")
    browser.submit("/desk/reviews/1", verdict="dropped")
    assert "A colleague has dealt with it" in browser.see("/desk/reviews")
    assert rows(database)[0].right_intent == "out_of_scope"


@pytest.mark.parametrize("wrong", [{"intent": "ask_king"}, {"entry": "faq:nothing"}, {"entry": "kites:kite_licence"}])
def test_what_the_form_does_not_offer_is_refused(
    wrong: dict[str, str], scene: Scene, browser: Browser, database: Database
) -> None:
    mark(scene, browser, hire(database), Kind.WRONG_ANSWER)
    browser.come_in(hire(database, Role.EDITOR), "/desk/reviews/1")
    assert browser.submit("/desk/reviews/1", verdict="done", **wrong).status_code == 400
    browser.see("/desk/reviews/9", 404)


def test_a_reply_becomes_an_entry_at_once_for_who_edits(scene: Scene, browser: Browser, database: Database) -> None:
    _, path = mark(scene, browser, hire(database, Role.ADMIN), Kind.NEW_ENTRY)
    assert path == "/desk/faq/new?review=1"
    page = browser.see(path)
    assert f"{QUESTION}</textarea>" in page
    assert "75 DH</textarea>" in page
    fields = TYPED | {"question-ary-latn": "ch7al taman dyal tyara?", "act": "published", "review": "1"}
    assert browser.submit("/desk/faq/new", **fields).headers["location"] == f"/desk/faq/{MADE}"
    assert kept(database, MADE).entry.question[Language.DARIJA_LATIN] == "ch7al taman dyal tyara?"
    (review,) = rows(database)
    assert (review.verdict, review.right_faq_id) == ("done", MADE)
    for again in (browser.get(path), browser.submit("/desk/faq/new", **fields)):
        assert again.headers["location"] == f"/desk/faq/{MADE}"


def test_a_good_reply_waits_for_an_editor_where_an_agent_marks_it(
    scene: Scene, browser: Browser, database: Database
) -> None:
    case, path = mark(scene, browser, hire(database), Kind.NEW_ENTRY)
    assert path.startswith(f"/desk/cases/{case.id}")
    page = browser.come_in(hire(database, Role.EDITOR), "/desk/reviews?kind=new_entry").page
    assert 'href="/desk/faq/new?review=1"' in page
    assert f"/desk/cases/{case.id}" not in page
    browser.see("/desk/reviews/1")
    browser.submit("/desk/reviews/1", verdict="dropped")
    assert "No reply waits" in browser.see("/desk/reviews?kind=new_entry")


def test_the_case_is_a_link_for_who_may_see_it(scene: Scene, browser: Browser, database: Database) -> None:
    case, _ = mark(scene, browser, hire(database), Kind.WRONG_ANSWER)
    page = browser.come_in(hire(database, Role.ADMIN), "/desk/reviews").page
    assert f'href="/desk/cases/{case.id}"' in page


def test_pages_of_marks_follow_each_other(scene: Scene, browser: Browser, database: Database) -> None:
    agent = hire(database)
    with database.transaction() as session:
        for number in range(25):
            session.add(Review(kind=Kind.WRONG_ANSWER, staff_id=agent.id, question=f"Q{number}.", answer="x"))
    page = browser.come_in(hire(database, Role.EDITOR), "/desk/reviews").page
    assert page.count('id="review-') == 20
    assert page.index("Q24.") < page.index("Q5.")
    more = page.partition('href="/desk/reviews?kind=wrong_answer&amp;before=')[2].partition('"')[0]
    assert browser.see(f"/desk/reviews?kind=wrong_answer&before={more}").count('id="review-') == 5


@pytest.mark.parametrize("hostile", CORPUS)
def test_what_was_said_is_text_wherever_it_stands(
    hostile: str, scene: Scene, browser: Browser, database: Database
) -> None:
    agent = hire(database, name=hostile)
    with database.transaction() as session:
        for kind in Kind:
            said = {"question": hostile, "answer": hostile, "language": hostile[:8], "intent": hostile[:64]}
            session.add(Review(kind=kind, staff_id=agent.id, service_id=hostile[:64], **said))
    browser.come_in(hire(database, Role.EDITOR))
    for path in ("reviews", "reviews?kind=new_entry", "reviews/1", "reviews/2", "faq/new?review=2"):
        check(browser.see(f"/desk/{path}"))
    check(browser.get("/desk/reviews", params={"kind": hostile[:16]}).text)


@pytest.mark.parametrize(("language", "words"), [("ar", "ما الصواب؟"), ("fr", "aurait été juste")])
def test_the_pages_speak_the_reviewers_language(
    language: str, words: str, scene: Scene, browser: Browser, database: Database
) -> None:
    mark(scene, browser, hire(database), Kind.WRONG_ANSWER)
    browser.come_in(hire(database, Role.EDITOR, language=language), "/desk/reviews/1")
    assert words in browser.page
    assert WIND in browser.page


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ANALYST, Role.AUDITOR])
def test_who_is_no_editor_has_no_way_there(role: Role, browser: Browser, database: Database) -> None:
    browser.come_in(hire(database, role))
    browser.see("/desk/reviews", 403)
