"""What staff do at a page: one gets a case and the others see who; nothing happens without right, token or words."""

import uuid

import pytest

from bot.accounts.permissions import Role
from bot.cases.models import Case
from bot.db.session import Database
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, Member, hire


def key() -> str:
    """What a page makes for each reply."""
    return str(uuid.uuid4())


def opened(browser: Browser, member: Member, case: Case) -> Browser:
    """Somebody at a case."""
    return browser.come_in(member, f"/desk/cases/{case.id}")


def do(browser: Browser, case: Case, what: str, **fields: str) -> str:
    """Send a form of a case's page; gives the page that follows."""
    response = browser.submit(f"/desk/cases/{case.id}/{what}", **fields)
    assert response.status_code == 303, (response.status_code, response.text[-500:])
    return browser.see(response.headers["location"])


def test_of_two_who_take_a_case_the_second_sees_who_has_it(
    scene: Scene, browser: Browser, other: Browser, database: Database
) -> None:
    case = scene.ask()
    opened(browser, hire(database, name="Agent 1"), case)
    opened(other, hire(database, name="Agent 2"), case)
    do(browser, case, "claim")
    page = do(other, case, "claim")
    assert "Agent 1 was faster" in page
    assert "reply-text" not in page
    assert scene.story(case) == ["opened", "claimed"]


def test_a_reply_is_said_once_and_can_be_taken_back(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    opened(browser, hire(database), case)
    do(browser, case, "claim")
    same = key()
    for _ in range(2):
        page = do(browser, case, "replies", text="Bonjour", key=same)
    assert scene.said(case) == ["Bonjour"]
    assert "Leaves in a moment" in page
    message_id = page.rpartition('id="message-')[2].partition('"')[0]
    assert "Taken back" in do(browser, case, f"messages/{message_id}/withdraw")


def test_who_does_not_have_a_case_says_nothing_in_it(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    opened(browser, hire(database), case)
    assert "Only who has the conversation" in do(browser, case, "replies", text="Bonjour", key=key())
    assert "Only who has the conversation" in do(browser, case, "close")
    assert scene.said(case) == []


def test_a_note_calls_a_colleague_and_nobody_else_reads_it(
    scene: Scene, browser: Browser, other: Browser, database: Database
) -> None:
    case, colleague = scene.ask(), hire(database, name="Agent 2")
    opened(browser, hire(database), case)
    page = do(browser, case, "notes", text="Regarde <b>ceci</b>", mentions=str(colleague.id))
    assert "Regarde &lt;b&gt;ceci&lt;/b&gt;" in page
    assert scene.notes(case) == ["Regarde <b>ceci</b>"]
    assert "You are called" in other.come_in(colleague, "/desk/inbox?view=mentions").page
    other.see(f"/desk/cases/{case.id}")
    assert "You are called" not in other.see("/desk/inbox?view=mentions")


def test_a_transfer_goes_with_a_note(scene: Scene, browser: Browser, other: Browser, database: Database) -> None:
    case, colleague = scene.ask(), hire(database, name="Agent 2")
    opened(browser, hire(database), case)
    do(browser, case, "claim")
    assert "Something to write is missing" in do(browser, case, "transfer", to=f"staff:{colleague.id}", note=" ")
    do(browser, case, "transfer", to=f"staff:{colleague.id}", note="Tu connais ce dossier")
    assert scene.case(case).assignee_id == colleague.id
    assert scene.notes(case) == ["Tu connais ce dossier"]
    assert "Something to write is missing" in do(browser, case, "transfer", to="staff:nobody", note="x")


def test_only_who_leads_assigns(scene: Scene, browser: Browser, database: Database) -> None:
    case, agent = scene.ask(), hire(database, name="Agent 2")
    opened(browser, agent, case)
    assert browser.submit(f"/desk/cases/{case.id}/assign", to=str(agent.id)).status_code == 403
    opened(browser, hire(database, Role.SUPERVISOR), case)
    do(browser, case, "assign", to=str(agent.id))
    assert scene.case(case).assignee_id == agent.id


@pytest.mark.parametrize(("what", "state"), [("return", "returned"), ("close", "closed")])
def test_what_the_citizen_wrote_meanwhile_is_read_before_the_end(
    what: str, state: str, scene: Scene, browser: Browser, database: Database
) -> None:
    case = scene.ask()
    opened(browser, hire(database), case)
    do(browser, case, "claim")
    page = browser.see(f"/desk/cases/{case.id}")
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    newest = scene.write(case, "encore une question")
    assert "has just written" in do(browser, case, what, seen=seen)
    assert "the citizen was told" in do(browser, case, what, seen=str(newest))
    assert scene.case(case).ending == state
    assert len(scene.said(case, "system")) == 1


@pytest.mark.parametrize(
    "what", ["claim", "assign", "transfer", "return", "close", "labels", "replies", "notes", "draft", "typing"]
)
def test_nothing_moves_without_our_token(what: str, scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    opened(browser, hire(database, Role.ADMIN), case)
    before = scene.case(case).version
    for fields in ({"csrf": ""}, {"csrf": "x" * 80}):
        response = browser.submit(f"/desk/cases/{case.id}/{what}", text="x", key=key(), **fields)
        assert response.status_code == 419
    response = browser.submit(f"/desk/cases/{case.id}/{what}", origin="https://elsewhere.example", text="x")
    assert response.status_code == 403
    assert scene.case(case).version == before


def test_a_draft_is_there_again(scene: Scene, browser: Browser, other: Browser, database: Database) -> None:
    case = scene.ask()
    member = hire(database)
    opened(browser, member, case)
    do(browser, case, "claim")
    assert browser.submit(f"/desk/cases/{case.id}/draft", text="À moitié").status_code == 204
    assert browser.submit(f"/desk/cases/{case.id}/draft", text="Pense-bête", note="1").status_code == 204
    page = opened(other, member, case).page
    assert ">À moitié</textarea>" in page
    assert ">Pense-bête</textarea>" in page
    assert "À moitié" not in opened(other, hire(database, name="Agent 2"), case).page


def test_a_reply_kept_ready_is_filled_in(scene: Scene, browser: Browser, database: Database) -> None:
    scene.can("horaires", "Nos horaires", {"fr": "Bonjour, ici {agent}.", "ar": "مرحبا"})
    case = scene.ask()
    opened(browser, hire(database, name="Agent 1"), case)
    page = browser.see(f"/desk/cases/{case.id}/canned?words=hor")
    assert 'data-text="Bonjour, ici Agent 1."' in page
    assert "No reply kept ready" in browser.see(f"/desk/cases/{case.id}/canned?words=rien")


def test_wrong_answers_and_good_replies_are_kept_once(scene: Scene, browser: Browser, database: Database) -> None:
    case, member = scene.ask("combien coûte le passeport"), hire(database)
    wrong = scene.put(case, direction="out", author="bot", body="La carte coûte 75 DH", status="sent")
    good = scene.put(case, direction="out", author="staff", staff_id=member.id, body="500 DH", status="sent")
    opened(browser, member, case)
    for kind, message_id in (("wrong_answer", wrong), ("wrong_answer", wrong), ("new_entry", good)):
        assert "Kept for those" in do(browser, case, f"messages/{message_id}/mark", kind=kind)
    question = "combien coûte le passeport"
    kept = [("wrong_answer", question, "La carte coûte 75 DH"), ("new_entry", question, "500 DH")]
    assert scene.reviews() == kept
    assert browser.submit(f"/desk/cases/{case.id}/messages/{good}/mark", kind="wrong_answer").status_code == 404


def test_who_pauses_is_told_so(scene: Scene, browser: Browser, database: Database) -> None:
    browser.come_in(hire(database), "/desk/inbox")
    assert browser.submit("/desk/inbox/pause", paused="1").status_code == 303
    assert "You are paused" in browser.see("/desk/inbox")
    browser.submit("/desk/inbox/pause")
    assert "You are paused" not in browser.see("/desk/inbox")
