"""What an auditor sees, checks and takes along."""

import csv
import datetime as dt
import io

from sqlalchemy import text

from bot.accounts.audit import record
from bot.accounts.permissions import Role
from bot.db.session import Database
from tests.desk.people import Browser, acts, hire

ALTER = "ALTER TABLE audit_entries {} TRIGGER audit_entries_stay"


def test_the_record_is_filtered_by_person_act_and_day(browser: Browser, database: Database) -> None:
    auditor, agent = hire(database, Role.AUDITOR), hire(database)
    with database.transaction() as session:
        record(session, staff_id=agent.id, action="address_revealed", subject="citizen:1")
        record(session, staff_id=auditor.id, action="address_revealed", subject="citizen:2")
    browser.come_in(auditor)
    page = browser.see(f"/desk/audit?who={agent.email.upper()}&action=address_revealed")
    assert "citizen:1" in page
    assert "citizen:2" not in page
    tomorrow = dt.date.today() + dt.timedelta(days=2)  # noqa: DTZ011 (whatever the zone, that is later)
    assert "No entries" in browser.see(f"/desk/audit?since={tomorrow}")
    assert "citizen:1" in browser.see("/desk/audit?since=nonsense&until=")


def test_older_entries_are_a_click_away(browser: Browser, database: Database) -> None:
    auditor = hire(database, Role.AUDITOR)
    with database.transaction() as session:
        for number in range(60):
            record(session, staff_id=None, action="tried", subject=f"thing:{number}")
    browser.come_in(auditor)
    assert "thing:3<" not in browser.see("/desk/audit?action=tried")
    assert "thing:3<" in browser.see("/desk/audit?action=tried&before=13")


def test_a_chain_that_was_tampered_with_is_shown_broken(browser: Browser, database: Database) -> None:
    auditor = hire(database, Role.AUDITOR)
    hire(database)
    browser.come_in(auditor)
    assert "The chain holds: 2 entries" in browser.see("/desk/audit/check")
    with database.transaction() as session:
        session.execute(text(ALTER.format("DISABLE")))
        session.execute(text("UPDATE audit_entries SET subject = 'staff:somebody else' WHERE number = 2"))
        session.execute(text(ALTER.format("ENABLE")))
    assert "The chain breaks at entry 2" in browser.see("/desk/audit/check")


def test_taking_the_record_along_is_recorded_and_safe_in_a_spreadsheet(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        record(session, staff_id=None, action="tried", subject="=HYPERLINK(1)", after={"a": "ب"})
    browser.come_in(hire(database, Role.AUDITOR), "/desk/audit")
    response = browser.submit("/desk/audit/export", action="tried")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["content-disposition"]
    head, row = csv.reader(io.StringIO(response.text.removeprefix("\ufeff")))
    found = dict(zip(head, row, strict=True))
    assert (found["subject"], found["after"]) == ("'=HYPERLINK(1)", '{"a": "ب"}')
    assert acts(database)[-1] == "audit_exported"
