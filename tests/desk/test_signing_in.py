"""Who gets in, how, and what somebody outside can learn."""

import statistics
import time
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from limits import parse

from bot.accounts.attempts import Attempts
from bot.accounts.permissions import Role
from bot.accounts.service import set_active
from bot.db.session import Database
from bot.settings import Settings
from tests.desk.people import HALF_MINUTE, Browser, Member, acts, add_second_step, hire

QUARTER_HOUR = 15 * 60
NOBODY = Member(id=None, email="nobody@example.ma")  # type: ignore[arg-type]


def test_a_password_opens_the_page_that_was_wanted(browser: Browser, database: Database) -> None:
    response = browser.sign_in(hire(database, Role.ADMIN), wanted="/desk/staff")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/staff")
    assert "nav" in browser.see("/desk/staff")
    assert "signed_in" in acts(database)


def test_whoever_is_outside_is_shown_the_door_and_comes_back(browser: Browser) -> None:
    response = browser.get("/desk/audit?who=a")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/login?next=/desk/audit%3Fwho%3Da")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/", "javascript:x"])
def test_the_door_leads_nowhere_else(browser: Browser, database: Database, wanted: str) -> None:
    assert browser.sign_in(hire(database), wanted=wanted).headers["location"] == "/desk"


def test_a_wrong_password_and_an_unknown_account_are_told_alike(browser: Browser, database: Database) -> None:
    member = hire(database)
    wrong = browser.sign_in(Member(member.id, member.email, "not the password"))
    browser.page = ""
    unknown = browser.sign_in(NOBODY)
    assert wrong.status_code == unknown.status_code == 422
    assert _words(wrong.text, member.email) == _words(unknown.text, NOBODY.email)


def test_a_disabled_account_is_told_like_an_unknown_one(browser: Browser, database: Database) -> None:
    member = hire(database)
    with database.transaction() as session:
        set_active(session, by=None, staff_id=member.id, is_active=False)
    assert "is wrong" in browser.sign_in(member).text


@pytest.mark.slow
def test_an_unknown_account_takes_as_much_work_as_a_known_one(browser: Browser, database: Database) -> None:
    member = hire(database)
    known = [_work(browser, Member(member.id, member.email, "not the password")) for _ in range(6)]
    unknown = [_work(browser, NOBODY) for _ in range(6)]
    assert 0.7 < statistics.median(known) / statistics.median(unknown) < 1.4, (known, unknown)


def test_the_right_password_is_of_no_use_after_too_many_wrong_ones(browser: Browser, database: Database) -> None:
    member = hire(database)
    wrong = Member(member.id, member.email, "not the password")
    assert [browser.sign_in(wrong).status_code for _ in range(9)] == [422] * 8 + [429]
    assert browser.sign_in(member).status_code == 429
    assert [browser.sign_in(NOBODY).status_code for _ in range(9)] == [422] * 8 + [429]


def test_a_lock_out_ends(browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    member = hire(database)
    wrong = Member(member.id, member.email, "not the password")
    assert [browser.sign_in(wrong).status_code for _ in range(9)][-1] == 429
    later = SimpleNamespace(time=lambda: time.time() + QUARTER_HOUR + 1)
    monkeypatch.setattr("limits.storage.redis.time", later)
    assert browser.sign_in(member).status_code == 303


def test_without_redis_attempts_are_counted_all_the_same(
    browser: Browser, database: Database, web: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.state.accounts, "attempts", Attempts("redis://127.0.0.1:1/0", per_account=parse("2/hour")))
    assert [browser.sign_in(NOBODY).status_code for _ in range(3)] == [422, 422, 429]
    assert browser.sign_in(hire(database)).status_code == 303


def test_the_second_step_is_asked_for_and_opens_nothing_before(
    browser: Browser, database: Database, web: FastAPI
) -> None:
    member = hire(database)
    totp, _ = add_second_step(web, database, member)
    assert browser.sign_in(member, wanted="/desk/account").headers["location"].startswith("/desk/login/code")
    assert browser.get("/desk").headers["location"].startswith("/desk/login?")
    browser.see("/desk/login/code")
    assert browser.submit("/desk/login/code", code="000000").status_code == 422
    response = browser.submit("/desk/login/code", code=totp.now(), next="/desk/account")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/account")
    browser.see("/desk/account")


def test_a_code_works_once_also_in_arabic_digits(
    browser: Browser, other: Browser, database: Database, web: FastAPI
) -> None:
    member = hire(database)
    totp, _ = add_second_step(web, database, member)
    for one in (browser, other):
        one.sign_in(member)
        one.see("/desk/login/code")
    code = totp.now().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert browser.submit("/desk/login/code", code=code).status_code == 303
    assert other.submit("/desk/login/code", code=code).status_code == 422


def test_a_recovery_code_works_once_however_it_is_typed(
    browser: Browser, other: Browser, database: Database, web: FastAPI
) -> None:
    member = hire(database)
    _, codes = add_second_step(web, database, member)
    for one, status in ((browser, 303), (other, 422)):
        one.sign_in(member)
        one.see("/desk/login/code")
        assert one.submit("/desk/login/code", code=codes[3].lower().replace("-", " ")).status_code == status


def test_codes_cannot_be_tried_for_long(browser: Browser, database: Database, web: FastAPI) -> None:
    member = hire(database)
    totp, _ = add_second_step(web, database, member)
    browser.sign_in(member)
    browser.see("/desk/login/code")
    assert [browser.submit("/desk/login/code", code="000000").status_code for _ in range(9)] == [422] * 8 + [429]
    assert browser.submit("/desk/login/code", code=totp.at(int(time.time()) + HALF_MINUTE)).status_code == 429


def test_the_session_gets_a_new_key_at_each_step(browser: Browser, database: Database, web: FastAPI) -> None:
    member = hire(database)
    totp, _ = add_second_step(web, database, member)
    keys = []
    browser.see("/desk/login")
    keys.append(browser.key)
    browser.sign_in(member)
    keys.append(browser.key)
    browser.see("/desk/login/code")
    browser.submit("/desk/login/code", code=totp.now())
    keys.append(browser.key)
    assert None not in keys
    assert len(set(keys)) == 3
    browser.take(str(keys[1]))
    assert browser.get("/desk").status_code == 303


def test_a_key_that_somebody_planted_opens_nothing_after_the_owner_signed_in(
    browser: Browser, other: Browser, database: Database
) -> None:
    planted = "A" * 43
    browser.take(planted)
    browser.sign_in(hire(database))
    assert browser.key != planted
    other.take(planted)
    assert other.get("/desk").status_code == 303


def test_signing_out_ends_the_session_for_good(browser: Browser, database: Database) -> None:
    browser.sign_in(hire(database))
    key = browser.key
    browser.see("/desk")
    assert browser.submit("/desk/logout").headers["location"] == "/desk/login"
    browser.take(str(key))
    assert browser.get("/desk").status_code == 303


def test_behind_https_the_cookie_is_for_this_host_alone(
    web: FastAPI, browser: Browser, database: Database, installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = installed.model_copy(update={"given_public_url": "https://jawab.example"})
    monkeypatch.setitem(web.state._state, "settings", public)
    home = Browser(web, database, "https://jawab.example")
    given = home.sign_in(hire(database)).headers["set-cookie"]
    assert given.startswith("__Host-jawab_desk=")
    parts = {part.strip().lower() for part in given.split(";")[1:]}
    assert parts == {"secure", "httponly", "samesite=lax", "path=/"}
    home.see("/desk")


def _words(page: str, email: str) -> str:
    """A page without what differs each time."""
    return "\n".join(line for line in page.replace(email, "").splitlines() if "csrf" not in line.lower())


def _work(browser: Browser, member: Member) -> float:
    """The processor's time for one attempt: others on this machine do not count."""
    browser.see("/desk/login")
    started = time.process_time()
    browser.submit("/desk/login", email=member.email, password=member.password)
    return time.process_time() - started
