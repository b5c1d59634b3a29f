"""What a citizen is reminded of stands beside the thread; staff end it at the citizen's wish."""

import datetime as dt

from sqlalchemy import select, update

from bot.accounts.models import AuditEntry
from bot.accounts.permissions import Role
from bot.alerts.models import Subscription
from bot.db.base import utc_now
from bot.db.session import Database
from tests.alerts.records import GRANT, TAX, deadline, living, publish, subscribe
from tests.cases.crowd import counted
from tests.desk.inbox.scene import Scene
from tests.desk.inbox.test_moves import do, opened
from tests.desk.people import Browser, hire


def test_without_reminders_the_panel_says_so(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    assert "The citizen has asked for none." in opened(browser, hire(database), case).page


def test_each_reminder_has_name_date_and_when_it_was_sent(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    publish(database, deadline())
    subscribe(database, case.conversation_id, TAX, at=utc_now() - dt.timedelta(minutes=5))
    page = opened(browser, hire(database), case).page
    assert '<bdi dir="auto">Road tax</bdi><br>Next: 31 January 2027.' in page
    assert "Requested 5 minutes ago." in page
    assert "Last reminded" not in page
    with database.transaction() as session:
        session.execute(update(Subscription).values(reminded_at=utc_now()))
    assert "Last reminded" in browser.see(f"/desk/cases/{case.id}")


def test_what_the_catalogue_has_no_more_is_shown_by_its_id(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    subscribe(database, case.conversation_id, GRANT)
    assert f'<bdi dir="auto">{GRANT}</bdi>' in opened(browser, hire(database), case).page


def test_staff_end_one_at_the_citizens_wish_and_it_is_recorded_once(
    scene: Scene, browser: Browser, database: Database
) -> None:
    case = scene.ask()
    subscribe(database, case.conversation_id, TAX, GRANT)
    opened(browser, hire(database), case)
    for _ in range(2):
        assert "The reminder is ended." in do(browser, case, f"reminders/{TAX}/end")
    assert scene.acts().count("reminder_ended") == 1
    with database.transaction() as session:
        assert [one.deadline_id for one in living(session)] == [GRANT]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "reminder_ended")).one()
        assert entry.after == {"case": str(case.id), "deadline": TAX}


def test_who_answers_nobody_or_does_not_see_the_case_ends_nothing(
    scene: Scene, browser: Browser, other: Browser, database: Database
) -> None:
    case = scene.ask()
    subscribe(database, case.conversation_id, TAX)
    opened(browser, hire(database), case)
    other.come_in(hire(database, Role.ANALYST), "/desk")
    assert other.submit(f"/desk/cases/{case.id}/reminders/{TAX}/end").status_code == 403
    assert browser.submit(f"/desk/cases/{case.team_id}/reminders/{TAX}/end").status_code in (404, 422)
    with database.transaction() as session:
        assert len(living(session)) == 1


def _queries(browser: Browser, path: str) -> int:
    """How many queries a page takes; now and then there is one more, whether the catalogue is still the newest."""
    with counted(browser.app.state.services.database) as statements:  # type: ignore[attr-defined]
        browser.see(path)
    return len(statements)


def test_reminders_cost_two_queries_more_however_many_there_are(
    scene: Scene, browser: Browser, database: Database
) -> None:
    case = scene.ask()
    opened(browser, hire(database), case)
    made = []
    for ids in ([], [TAX], [TAX, GRANT, "a", "b"]):
        publish(database, deadline())
        if ids:
            subscribe(database, case.conversation_id, *ids)
        made.append(min(_queries(browser, f"/desk/cases/{case.id}") for _ in range(3)))
    assert made[1] == made[2] == made[0] + 2
