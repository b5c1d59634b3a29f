"""Editors write, publish and put away entries of the FAQ; nothing that was typed is lost."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI

from bot.accounts.permissions import Role
from bot.catalogue.schemas import Status
from bot.catalogue.service import import_files
from bot.catalogue.snapshot import Catalogue
from bot.db.session import Database
from bot.nlu.languages import Language
from tests.catalogue.samples import EVERY_KIND
from tests.desk.editing.entries import TYPED, WIND, acts_on, ids, kept, revision_in, send, stock
from tests.desk.people import Browser, hire
from tests.desk.test_hostile_text import CORPUS, check

MADE = "faq_how_do_i_fly_a_kite"
QUESTION = "how do i fly a kite"


@pytest.fixture
def editor(browser: Browser, database: Database) -> Browser:
    """An editor at the desk, with the sample catalogue."""
    stock(database)
    browser.come_in(hire(database, Role.EDITOR, name="Editor 1"), "/desk/faq")
    return browser


def write(editor: Browser, act: str = "draft", **changes: Any) -> str:
    """Fill the form for a new entry; gives where it leads."""
    editor.see("/desk/faq/new")
    response = send(editor, "/desk/faq/new", TYPED | {"act": act} | changes)
    assert response.status_code == 303, response.text[-3000:]
    return response.headers["location"]


def save(
    editor: Browser, act: str, changes: Mapping[str, Any] = TYPED, *, entry_id: str = MADE, status: int = 303
) -> str:
    """Change an entry, as its form stands after it was opened; gives the page that answers."""
    revision = revision_in(editor.see(f"/desk/faq/{entry_id}"))
    response = send(editor, f"/desk/faq/{entry_id}", TYPED | {"act": act, "revision": revision} | {**changes})
    assert response.status_code == status, response.text[-3000:]
    return response.text


def found_by(catalogue: Catalogue, question: str) -> list[str]:
    """The entries of the FAQ that a question finds, within a second."""
    time.sleep(0.4)
    return [hit.entry_id for hit in catalogue.current().index.search(question, kinds=("faq",))]


def test_a_draft_is_not_answered_and_what_is_published_is_found_at_once(editor: Browser, database: Database) -> None:
    catalogue = Catalogue(database)
    assert MADE not in found_by(catalogue, QUESTION)
    assert write(editor) == f"/desk/faq/{MADE}"
    assert "does not answer with it yet" in editor.see(f"/desk/faq/{MADE}")
    assert MADE not in found_by(catalogue, QUESTION)
    save(editor, "published")
    assert found_by(catalogue, QUESTION)[0] == MADE
    assert found_by(catalogue, "get it up there")[0] == MADE
    assert catalogue.current().faq[MADE].answer[Language.ENGLISH] == "With a line and some wind."
    save(editor, "published", {"answer-en": "Run!"})
    time.sleep(0.4)
    assert catalogue.current().faq[MADE].answer[Language.ENGLISH] == "Run!"
    save(editor, "archived")
    assert MADE not in found_by(catalogue, QUESTION)


def test_what_was_typed_is_kept(editor: Browser, database: Database) -> None:
    write(editor, services=["kite_licence", "no_such_service"], review_on="2027-01-15")
    entry = kept(database, MADE).entry
    assert entry.phrasings == {Language.ENGLISH: ["make it rise", "get it up there"]}
    assert entry.services == ["kite_licence"]
    assert [(one.url, one.date, one.kind) for one in entry.sources] == [
        ("https://kites.example.ma/how", "2026-02", "official")
    ]
    assert str(entry.review_on) == "2027-01-15"
    page = editor.see(f"/desk/faq/{MADE}")
    for text in ("With a line and some wind.", "get it up there", "https://kites.example.ma/how", "2027-01-15"):
        assert text in page


def test_a_draft_may_lack_what_an_entry_must_have(editor: Browser, database: Database) -> None:
    editor.see("/desk/faq/new")
    incomplete = {"question-ary": "كيفاش نطير الطيارة؟", "confidence": "low"}
    assert editor.submit("/desk/faq/new", act="draft", **incomplete).status_code == 303
    (entry_id,) = ids(database) - {WIND}
    assert entry_id.startswith("faq_")
    revision = revision_in(editor.see(f"/desk/faq/{entry_id}"))
    response = editor.submit(f"/desk/faq/{entry_id}", act="published", revision=revision, **incomplete)
    assert response.status_code == 422
    for place in ("question-ar", "question-fr", "answer-en", "sources"):
        assert f'id="{place}-wrong"' in response.text
    assert "كيفاش نطير الطيارة؟" in response.text
    assert kept(database, entry_id).entry.status is Status.DRAFT


@pytest.mark.parametrize(
    ("wrong", "place", "words"),
    [
        ({"answer-fr": "é" * 4001}, "answer-fr", "At most 4000 characters; this has 4001."),
        ({"source-url": ["kites", ""]}, "sources-0", "begins with https://"),
        ({"source-date": ["2026-02-30", ""]}, "sources-0", "A date is written"),
        ({"source-title": ["", ""]}, "sources-0", "Needed"),
        ({"review_on": "tomorrow"}, "review_on", "A date is written"),
        ({"confidence": "total"}, "confidence", "not as it should be"),
        ({f"question-{one.value}": "" for one in Language}, "question", "in at least one language"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    wrong: dict[str, Any], place: str, words: str, editor: Browser, database: Database
) -> None:
    editor.see("/desk/faq/new")
    response = send(editor, "/desk/faq/new", TYPED | {"act": "draft"} | wrong)
    assert response.status_code == 422
    beside = response.text.partition(f'id="{place}-wrong"')[2].partition("</div>")[0]
    assert words in beside
    assert "With a line and some wind." in response.text
    assert ids(database) == {WIND}


def test_what_no_channel_would_carry_is_refused_by_the_name_of_the_limit(editor: Browser, database: Database) -> None:
    # Each of these counts twice, and question and answer go together.
    long = {f"{name}-fr": "🪁" * 4000 for name in ("answer", "question")}
    editor.see("/desk/faq/new")
    response = send(editor, "/desk/faq/new", TYPED | {"act": "draft"} | long)
    assert response.status_code == 422
    beside = response.text.partition('id="answer-fr-wrong"')[2].partition("</div>")[0]
    assert "WhatsApp: more than 10 messages" in beside


def test_a_long_answer_is_shown_as_the_channels_cut_it(editor: Browser, database: Database) -> None:
    write(editor, **{"answer-fr": "Avec un fil. " * 200})
    preview = editor.see(f"/desk/faq/{MADE}").partition('id="preview"')[2]
    assert "WhatsApp: longer than the 1600 characters" in preview
    assert "(1/2)" in preview
    assert "kites.example.ma" in preview


def test_a_preview_saves_nothing(editor: Browser, database: Database) -> None:
    write(editor)
    page = save(editor, "preview", {"answer-en": "Not yet"}, status=200)
    assert "Not yet" in page.partition('id="preview"')[2]
    assert kept(database, MADE).entry.answer[Language.ENGLISH] == "With a line and some wind."
    assert kept(database, MADE).revision == 1


def test_who_comes_second_is_told_who_was_faster_and_keeps_their_text(
    editor: Browser, other: Browser, database: Database
) -> None:
    write(editor)
    other.come_in(hire(database, Role.ADMIN, name="Admin 1"), f"/desk/faq/{MADE}")
    revision = revision_in(other.page)
    save(editor, "draft", {"answer-en": "Theirs", "answer-fr": "Avec du vent."})
    mine = {"answer-en": "Mine", "answer-fr": "Avec du vent."}
    response = send(other, f"/desk/faq/{MADE}", TYPED | {"act": "draft", "revision": revision} | mine)
    assert response.status_code == 409
    assert "\u2068Editor 1\u2069 was faster" in response.text
    assert "Mine</textarea>" in response.text
    assert response.text.count('class="theirs"') == 1
    assert "Theirs" in response.text
    assert kept(database, MADE).entry.answer[Language.ENGLISH] == "Theirs"
    again = {"act": "draft", "revision": revision_in(response.text)}
    assert send(other, f"/desk/faq/{MADE}", TYPED | mine | again).status_code == 303
    assert kept(database, MADE).entry.answer[Language.ENGLISH] == "Mine"


def test_an_import_that_was_faster_is_met_too(editor: Browser, database: Database) -> None:
    revision = revision_in(editor.see(f"/desk/faq/{WIND}"))
    save(editor, "published", entry_id=WIND)
    with database.transaction() as session:
        import_files(session, [EVERY_KIND])
    response = send(editor, f"/desk/faq/{WIND}", TYPED | {"act": "published", "revision": revision})
    assert response.status_code == 409
    assert "An import has changed this entry" in response.text


def test_every_change_is_recorded_before_and_after(editor: Browser, database: Database) -> None:
    write(editor)
    save(editor, "published")
    save(editor, "published", {"answer-en": "Run!"})
    save(editor, "published", {"answer-en": "Run!"})
    save(editor, "archived", {"answer-en": "Run!"})
    told = acts_on(database, MADE)
    assert [action for action, _, _ in told] == ["faq_created", "faq_published", "faq_saved", "faq_archived"]
    assert told[0][1] is None
    assert told[1][1:] == ({"status": "draft", "revision": 1}, {"status": "published"})
    assert told[2][1]["answer"]["en"] == "With a line and some wind."
    assert told[2][2]["answer"]["en"] == "Run!"
    assert "FAQ entry published" in editor.come_in(hire(database, Role.ADMIN), "/desk/audit").page


def test_an_entry_cannot_go_everywhere(editor: Browser, database: Database) -> None:
    save(editor, "draft", entry_id=WIND, status=400)
    assert send(editor, "/desk/faq/nothing", TYPED | {"act": "draft", "revision": "1"}).status_code == 404
    editor.see("/desk/faq/nothing", 404)


def test_the_list_is_searched_in_any_spelling_and_narrowed_by_status(editor: Browser, database: Database) -> None:
    write(editor)
    assert MADE in editor.see("/desk/faq?words=CERF volant")
    assert MADE in editor.see("/desk/faq?words=طائره ورقيه")
    assert WIND not in editor.page
    assert MADE not in editor.see("/desk/faq?status=published")
    assert WIND in editor.page
    assert "No entry is like that" in editor.see("/desk/faq?words=balloon")
    editor.see("/desk/faq?cursor=nonsense", 400)


def test_pages_of_the_list_follow_each_other(editor: Browser, database: Database) -> None:
    for number in range(35):
        write(editor, **{"question-en": f"Kite {number}?"})
    first = editor.see("/desk/faq")
    more = first.partition('href="/desk/faq?cursor=')[2].partition('"')[0]
    assert first.count('href="/desk/faq/') == 30 + 1
    second = editor.see(f"/desk/faq?cursor={more}")
    assert second.count('href="/desk/faq/') == 36 - 30 + 1
    assert WIND in second


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ANALYST, Role.AUDITOR])
def test_who_is_no_editor_has_no_way_there(role: Role, browser: Browser, database: Database) -> None:
    browser.come_in(hire(database, role))
    assert "/desk/faq" not in browser.page
    browser.see("/desk/faq", 403)


@pytest.mark.parametrize("hostile", CORPUS)
def test_what_editors_type_is_text_wherever_it_stands(
    hostile: str, editor: Browser, database: Database, web: FastAPI
) -> None:
    fields: dict[str, Any] = {name: hostile for name in TYPED if name.startswith(("question", "answer", "phrasings"))}
    fields |= {"source-title": [hostile, ""], "services": [hostile]}
    path = write(editor, "published", **fields)
    check(editor.see(path))
    check(editor.see("/desk/faq"))
    check(editor.get("/desk/faq", params={"words": hostile, "status": hostile}).text)
    bad = {"source-url": [hostile, ""], "source-date": [hostile, ""], "confidence": hostile, "review_on": hostile}
    response = send(editor, "/desk/faq/new", TYPED | fields | bad | {"act": hostile, "revision": hostile})
    assert response.status_code == 422
    check(response.text)


@pytest.mark.parametrize(("language", "words"), [("ar", "ضروري للنشر"), ("fr", "Nécessaire pour publier")])
def test_the_pages_speak_the_editors_language(language: str, words: str, browser: Browser, database: Database) -> None:
    stock(database)
    browser.come_in(hire(database, Role.EDITOR, language=language), "/desk/faq")
    browser.see("/desk/faq/new")
    response = browser.submit("/desk/faq/new", act="published", confidence="low", **{"question-en": "Why?"})
    assert response.status_code == 422
    assert words in response.text
    assert f'lang="{language}"' in response.text
