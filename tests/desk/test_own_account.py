"""What staff do for themselves: password, second step, language, looks."""

import re

import pyotp
import pytest
from fastapi import FastAPI

from bot.db.session import Database
from tests.desk.people import PASSWORD, Browser, Member, acts, add_second_step, hire

NEW = "eleven green kettles sing"


def test_a_new_password_ends_all_other_sessions(browser: Browser, other: Browser, database: Database) -> None:
    member = hire(database)
    other.come_in(member)
    browser.come_in(member, "/desk/account")
    before = browser.key
    assert browser.submit("/desk/account/password", old=PASSWORD, new=NEW).status_code == 303
    assert browser.key != before
    assert other.get("/desk").status_code == 303
    assert "The password is changed" in browser.see("/desk/account")
    assert "The password is changed" not in browser.see("/desk/account")
    assert other.sign_in(Member(member.id, member.email, NEW)).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("wrong", NEW, "The password is wrong"),
        (PASSWORD, "short", "too short"),
        (PASSWORD, "password1234", "easy to guess"),
        (PASSWORD, "x" * 200, "too long"),
    ],
)
def test_a_bad_change_says_what_is_wrong(browser: Browser, database: Database, old: str, new: str, words: str) -> None:
    browser.come_in(hire(database), "/desk/account")
    response = browser.submit("/desk/account/password", old=old, new=new)
    assert response.status_code == 422
    assert words in response.text


def test_an_authenticator_is_set_up_with_its_first_code(browser: Browser, database: Database) -> None:
    page = browser.come_in(hire(database), "/desk/account/second-step").page
    found = re.search(r'<code class="secret" dir="ltr">(\w{32})</code>', page)
    assert found
    assert 'src="data:image/svg+xml' in page
    assert browser.submit("/desk/account/second-step", code="000000").status_code == 422
    assert found.group(1) in browser.page
    before = browser.key
    shown = browser.submit("/desk/account/second-step", code=pyotp.TOTP(found.group(1)).now()).text
    assert len(re.findall(r"<li><code>[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}</code>", shown)) == 10
    assert browser.key != before
    assert "Recovery codes left: 10" in browser.see("/desk/account")


def test_new_recovery_codes_replace_the_old_ones(
    browser: Browser, other: Browser, database: Database, web: FastAPI
) -> None:
    member = hire(database)
    _, codes = add_second_step(web, database, member)
    browser.come_in(member, "/desk/account")
    assert codes[0] not in browser.submit("/desk/account/recovery-codes").text
    other.sign_in(member)
    other.see("/desk/login/code")
    assert other.submit("/desk/login/code", code=codes[0]).status_code == 422


def test_the_second_step_can_be_taken_off_again(
    browser: Browser, other: Browser, database: Database, web: FastAPI
) -> None:
    member = hire(database)
    add_second_step(web, database, member)
    browser.come_in(member, "/desk/account")
    assert browser.submit("/desk/account/second-step/remove").status_code == 303
    assert other.sign_in(member).headers["location"] == "/desk"
    assert acts(database)[-2:] == ["second_step_removed", "signed_in"]


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")])
def test_the_desk_is_in_the_language_of_its_reader(
    browser: Browser, database: Database, language: str, direction: str
) -> None:
    browser.come_in(hire(database))
    assert browser.submit("/desk/account/language", language=language).status_code == 303
    assert re.search(rf'<html lang="{language}" dir="{direction}"', browser.see("/desk"))


@pytest.mark.parametrize("path", ["/desk/account/language", "/desk/account/theme"])
def test_what_is_no_choice_changes_nothing(browser: Browser, database: Database, path: str) -> None:
    browser.come_in(hire(database))
    assert browser.submit(path, language="xx", theme="xx").status_code == 303
    assert '<html lang="en" dir="ltr" data-theme=""' in browser.see("/desk")


def test_outside_the_language_is_asked_for_once(browser: Browser) -> None:
    assert '<html lang="fr"' in browser.see("/desk/login?lang=fr")
    assert '<html lang="fr"' in browser.see("/desk/login")


def test_what_is_ticked_is_kept_with_the_account_wherever_one_signs_in(
    browser: Browser, other: Browser, database: Database
) -> None:
    member = hire(database)
    page = browser.come_in(member, "/desk/account").page
    assert ticked(page) == ["keys"]
    browser.submit("/desk/account/switches", on=["sound", "notices"])
    assert ticked(other.come_in(member, "/desk/inbox").page) == ["sound", "notices"]
    browser.see("/desk/account")
    browser.submit("/desk/account/switches")
    assert ticked(other.see("/desk/inbox")) == []
    assert browser.submit("/desk/account/switches", on=["everything"]).status_code == 422


def ticked(page: str) -> list[str]:
    """The switches that a page shows as on."""
    return re.findall(r'id="(\w+)-on" name="on" value="\w+" checked', page)
