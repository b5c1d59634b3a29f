"""Another service vouches for staff who have an account, and for nobody else."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from bot.accounts.openid import OpenId
from bot.accounts.service import set_active
from bot.db.session import Database
from bot.settings import Settings
from tests.channels.asking import swap
from tests.desk.people import ORIGIN, Browser, acts, add_second_step, hire
from tests.fakes.openid_provider import CLIENT, SECRET, Provider, serve


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """The service."""
    provider = Provider()
    with serve(provider):
        yield provider


@pytest.fixture
def provider(running: Provider, web: FastAPI, installed: Settings, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """The service, named in the settings, knowing nobody."""
    running.forget()
    changes = {
        "oidc_issuer": running.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "given_public_url": ORIGIN,
    }
    settings = installed.model_copy(update=changes)
    swap(monkeypatch, web, settings=settings, openid=OpenId(settings))
    return running


def go(browser: Browser, wanted: str = "/desk") -> Any:
    """From our door to the service and back."""
    out = browser.get("/desk/login/openid", params={"next": wanted})
    assert out.status_code == 303, out.text
    back = httpx2.get(out.headers["location"], trust_env=False).headers["location"]
    return browser.get(back.removeprefix(ORIGIN))


def test_a_verified_address_of_an_account_opens_the_desk(
    browser: Browser, other: Browser, database: Database, provider: Provider
) -> None:
    member = hire(database)
    provider.claims = {"sub": "s1", "email": member.email.upper(), "email_verified": True}
    assert go(browser, "/desk/account").headers["location"] == "/desk/account"
    browser.see("/desk/account")
    provider.claims = {"sub": "s1"}
    assert go(other).headers["location"] == "/desk"
    assert acts(database)[1:] == ["openid_linked", "signed_in", "signed_in"]


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "s1"},
        {"sub": "s1", "email": "stranger@example.ma", "email_verified": True},
        {"sub": "s1", "email": "HERS", "email_verified": False},
        {"sub": "s1", "email": "HERS"},
    ],
)
def test_nobody_else_is_let_in(
    browser: Browser, database: Database, provider: Provider, claims: dict[str, Any]
) -> None:
    member = hire(database)
    provider.claims = {name: member.email if value == "HERS" else value for name, value in claims.items()}
    assert go(browser).status_code == 422
    assert browser.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody else"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_us_now_is_not_believed(
    browser: Browser, database: Database, provider: Provider, lies: dict[str, Any]
) -> None:
    member = hire(database)
    provider.claims = {"sub": "s1", "email": member.email, "email_verified": True}
    provider.lies = lies
    response = go(browser)
    assert response.status_code == 422
    assert "did not vouch" in response.text


def test_a_token_signed_by_somebody_else_is_not_believed(
    browser: Browser, database: Database, provider: Provider
) -> None:
    member = hire(database)
    provider.claims = {"sub": "s1", "email": member.email, "email_verified": True}
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert go(browser).status_code == 422


def test_a_journey_that_another_browser_began_ends_nowhere(
    browser: Browser, other: Browser, database: Database, provider: Provider
) -> None:
    member = hire(database)
    provider.claims = {"sub": "s1", "email": member.email, "email_verified": True}
    out = other.get("/desk/login/openid").headers["location"]
    back = httpx2.get(out, trust_env=False).headers["location"].removeprefix(ORIGIN)
    assert browser.get(back).status_code == 422
    browser.get("/desk/login/openid")
    assert browser.get(back).status_code == 422


def test_an_account_that_is_somebody_elses_there_is_not_taken_over(
    browser: Browser, other: Browser, database: Database, provider: Provider
) -> None:
    member = hire(database)
    provider.claims = {"sub": "s1", "email": member.email, "email_verified": True}
    go(browser)
    provider.claims = {"sub": "s2", "email": member.email, "email_verified": True}
    assert go(other).status_code == 422


def test_the_second_step_is_asked_for_all_the_same(
    browser: Browser, database: Database, provider: Provider, web: FastAPI
) -> None:
    member = hire(database)
    add_second_step(web, database, member)
    provider.claims = {"sub": "s1", "email": member.email, "email_verified": True}
    assert go(browser).headers["location"].startswith("/desk/login/code")


def test_a_disabled_account_stays_shut(browser: Browser, database: Database, provider: Provider) -> None:
    member = hire(database)
    provider.claims = {"sub": "s1", "email": member.email, "email_verified": True}
    with database.transaction() as session:
        set_active(session, by=None, staff_id=member.id, is_active=False)
    assert go(browser).status_code == 422


def test_without_its_settings_there_is_no_such_door(browser: Browser) -> None:
    assert "openid" not in browser.see("/desk/login")
    browser.see("/desk/login/openid", 404)
