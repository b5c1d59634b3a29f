"""A file with a reply: chosen, checked, refused without losing the text, kept and given out by a link."""

import datetime as dt
import io
import uuid
import zipfile
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.cases.models import Case
from bot.channels.webchat.schemas import MessageView
from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.service import list_lines
from bot.db.base import utc_now
from bot.db.session import Database
from bot.jobs import handoff
from bot.main import LARGEST_REPLY
from bot.media.links import path_to
from bot.media.models import MediaFile
from bot.media.outgoing import LARGEST_BYTES, plain_name
from tests.desk.inbox.scene import Scene
from tests.desk.people import ORIGIN, TOKEN, Browser, hire

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 400
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
SCRIPT = b"#!/bin/sh\necho hello\n"
WINDOWS = b"MZ\x90\x00" + bytes(100)


def archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        made.writestr("hello.txt", "hello")
    return kept.getvalue()


@pytest.fixture
def case(scene: Scene, browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Somebody's own case, open in a browser; nobody has time for second thoughts."""
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta())
    member, asked = hire(database), scene.ask()
    browser.come_in(member)
    handoff.claim(asked.id, by=member.id)
    browser.see(f"/desk/cases/{asked.id}")
    return asked


def send(browser: Browser, case: Case, content: bytes, name: str = "reçu.pdf", **fields: str) -> Any:
    """Submit the form of a reply with a file; gives the page after it."""
    token = TOKEN.search(browser.page)
    assert token
    form = {"csrf": token.group(1), "key": str(uuid.uuid4()), "text": "Voici le reçu.", **fields}
    files = {"file": (name, content, "application/octet-stream")}
    path = f"/desk/cases/{case.id}/replies"
    response = browser.post(path, data=form, files=files, headers={"Origin": ORIGIN})
    if response.status_code == 303:
        browser.see(response.headers["location"])
    return response


def sent(database: Database) -> list[tuple[Message, MediaFile | None]]:
    query = select(Message, MediaFile).outerjoin(MediaFile, MediaFile.message_id == Message.id)
    with database.transaction() as session:
        found = session.execute(query.where(Message.author == "staff").order_by(Message.id))
        return [(message, file) for message, file in found]


def test_a_file_is_kept_with_its_message_and_shown(case: Case, browser: Browser, database: Database) -> None:
    send(browser, case, PDF)
    ((message, file),) = sent(database)
    assert file is not None
    assert (message.body, file.given_name, file.mime_type) == ("Voici le reçu.", "reçu.pdf", "application/pdf")
    assert "reçu.pdf" in browser.page
    assert "100 KB" in browser.page
    got = browser.get(f"/desk/cases/{case.id}/files/{message.id}")
    assert got.content == PDF
    assert "sandbox" in got.headers["content-security-policy"]


def test_a_file_needs_no_text_and_a_reply_no_file(case: Case, browser: Browser, database: Database) -> None:
    send(browser, case, PDF, text="")
    send(browser, case, b"", name="", text="sans fichier")
    send(browser, case, b"", name="", text=" ")
    assert "Something to write is missing." in browser.page
    assert [(message.body, file is not None) for message, file in sent(database)] == [
        ("", True),
        ("sans fichier", False),
    ]


def test_the_same_key_is_sent_once(case: Case, browser: Browser, database: Database) -> None:
    for _ in range(2):
        send(browser, case, PDF, key=str(uuid.UUID(int=5)))
    assert len(sent(database)) == 1


@pytest.mark.parametrize("content", [SVG, HTML, SCRIPT, WINDOWS, archive(), b"plain words", b"GIF89a"])
def test_what_is_not_what_it_says_is_refused_and_the_text_stays(
    case: Case, browser: Browser, database: Database, content: bytes
) -> None:
    send(browser, case, content, text="mon texte précieux")
    assert "This kind of file is not sent" in browser.page
    assert "mon texte précieux</textarea>" in browser.page
    assert sent(database) == []


def test_what_is_too_large_is_refused_and_the_text_stays(case: Case, browser: Browser, database: Database) -> None:
    send(browser, case, PDF + bytes(LARGEST_BYTES), text="mon texte précieux")
    assert "The file is too large" in browser.page
    assert "mon texte précieux</textarea>" in browser.page
    assert sent(database) == []


def test_nobody_sends_what_has_no_end(case: Case, browser: Browser) -> None:
    assert send(browser, case, PDF + bytes(LARGEST_REPLY)).status_code == 413


def test_only_who_is_signed_in_may_send_much(case: Case, browser: Browser) -> None:
    browser.cookies.clear()
    assert send(browser, case, PDF).status_code == 413


def test_where_twilio_cannot_fetch_it_nothing_is_offered_nor_taken(
    scene: Scene, case: Case, browser: Browser, database: Database
) -> None:
    scene.change(Address, scene.address_of(case), channel="whatsapp")
    page = browser.see(f"/desk/cases/{case.id}")
    assert 'type="file"' not in page
    assert "Files cannot go by WhatsApp here" in page
    send(browser, case, PDF, text="mon texte précieux")
    assert "mon texte précieux</textarea>" in browser.page
    assert sent(database) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("facture.pdf.exe", "facture pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\reçu.pdf", "reçu"),
        ("photo\u202egnp.exe", "photo gnp"),
        ('a"; filename="b.html', "a filename b"),
        ("\u2066إيصال\u2069.pdf", "إيصال"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x"),
        ("é" * 300, "é" * 80),
    ],
)
def test_a_name_is_made_plain(given: str, kept: str) -> None:
    assert plain_name(given) == kept


def link_of(web: FastAPI, database: Database, **lasts: Any) -> str:
    handoff.show_held(web.state.services)
    ((message, _),) = sent(database)
    return path_to(web.state.settings, message.id, **lasts)


def test_the_page_gets_a_link_that_gives_the_file(
    case: Case, browser: Browser, database: Database, web: FastAPI
) -> None:
    send(browser, case, PDF, name="Un reçu dont le nom est bien long.pdf")
    handoff.show_held(web.state.services)
    with database.transaction() as session:
        line = list_lines(session, conversation_id=case.conversation_id, after_id=0)[-1]
    shown = MessageView.of(line, partial(path_to, web.state.settings)).file
    assert shown is not None
    assert (shown.name, shown.size) == ("Un reçu dont le nom est bien long.pdf", len(PDF))
    browser.cookies.clear()
    got, head = (
        browser.request(method, shown.url, headers={"Accept-Encoding": "identity"}) for method in ("GET", "HEAD")
    )
    assert (got.status_code, head.status_code, got.content, head.content) == (200, 200, PDF, b"")
    assert head.headers["content-length"] == str(len(PDF))
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["x-content-type-options"] == "nosniff"
    disposition = got.headers["content-disposition"]
    assert disposition == "attachment; filename=\"file.pdf\"; filename*=UTF-8''Un%20re%C3%A7u%20dont%20le.pdf"


def test_a_link_that_is_over_or_forged_leads_nowhere(
    case: Case, browser: Browser, database: Database, web: FastAPI
) -> None:
    send(browser, case, PDF)
    good = link_of(web, database)
    over = link_of(web, database, lasts=dt.timedelta(seconds=-1))
    other = good[:-1] + ("A" if good[-1] != "A" else "B")
    earlier = good[:11] + ("A" if good[11] != "A" else "B") + good[12:]
    for path in (over, other, earlier, good[:-4], f"{good}AAAA", "/media/out/x", f"/media/out/{'é' * 48}"):
        assert browser.get(path).status_code == 404, path
    assert browser.get(good).status_code == 200


def test_no_link_leads_to_what_was_taken_back_or_to_a_citizens_file(
    case: Case, browser: Browser, database: Database, web: FastAPI, scene: Scene
) -> None:
    send(browser, case, PDF)
    ((message, _),) = sent(database)
    path = link_of(web, database)
    assert browser.get(path).status_code == 200
    held = {"status": "held", "held_until": utc_now() + dt.timedelta(minutes=1)}
    for columns in ({"status": "withdrawn"}, held, {"author": "citizen", "status": "sent"}):
        scene.change(Message, message.id, **columns)
        assert browser.get(path).status_code == 404, columns
    assert browser.get(path_to(web.state.settings, message.id + 1000)).status_code == 404


def test_a_vendor_may_fetch_a_file_as_soon_as_its_message_is_held_no_more(
    case: Case, browser: Browser, database: Database, web: FastAPI, scene: Scene
) -> None:
    send(browser, case, PDF)
    ((message, _),) = sent(database)
    scene.change(Message, message.id, status="held", held_until=utc_now())
    assert browser.get(link_of(web, database)).status_code == 200
