"""Twilio's door: what Twilio signed for our sender is taken, nothing else is, and nothing breaks."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from twilio.request_validator import RequestValidator

from bot.channels.whatsapp.views import FORM, SIGNATURE_HEADER
from bot.senders.service import Account
from tests.channels.asking import swap
from tests.channels.doors import PUBLIC, Gone, Inbox, added, caller, doors, inbox, path_of
from tests.jobs.talk import wait_until

__all__ = ["caller", "doors", "inbox"]

pytestmark = pytest.mark.slow

ACCOUNT, NUMBER, TOKEN = "AC" + "0" * 32, "whatsapp:+212537000000", "the token of Twilio's"
MESSAGE = {
    "MessageSid": "SM" + "1" * 32,
    "AccountSid": ACCOUNT,
    "From": "whatsapp:+212600000001",
    "To": NUMBER,
    "Body": "بشحال الباسبور؟",
}
Pairs = Sequence[tuple[str, str]]


@pytest.fixture
def number(doors: FastAPI, inbox: Inbox) -> Account:
    return added(doors, "whatsapp", account=ACCOUNT, address=NUMBER, token=TOKEN)


def signed(address: str, form: dict[str, str], token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(address, form))


def twilio(
    caller: TestClient,
    account: Account,
    form: dict[str, str] | None = None,
    *,
    more: str = "",
    headers: Pairs = (),
) -> httpx2.Response:
    """A form as Twilio brings it, with headers besides or instead of its own."""
    given, path = MESSAGE if form is None else form, path_of(account, more)
    own = [("content-type", FORM), (SIGNATURE_HEADER, signed(PUBLIC + path, given))]
    names = {name for name, _ in headers}
    sent = [one for one in own if one[0] not in names] + [*headers]
    return caller.post(path, content=urlencode(given), headers=sent)


def test_what_twilio_signed_is_taken_and_gets_no_words(caller: TestClient, number: Account, inbox: Inbox) -> None:
    response = twilio(caller, number)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert response.text.endswith("<Response/>")
    assert [one.text for one in inbox.taken] == ["بشحال الباسبور؟"]


@pytest.mark.parametrize(
    "headers",
    [
        [("host", "evil.example")],
        [("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "http"), ("forwarded", "host=evil.example")],
        [("x-original-url", "/webhooks/whatsapp/other"), ("x-forwarded-prefix", "/other")],
    ],
)
def test_the_address_is_the_configured_one_whatever_a_request_says(
    caller: TestClient, number: Account, inbox: Inbox, headers: Pairs
) -> None:
    assert twilio(caller, number, headers=headers).status_code == 200
    forged = signed(f"https://evil.example{path_of(number)}", MESSAGE)
    assert twilio(caller, number, headers=[*headers, (SIGNATURE_HEADER, forged)]).status_code == 403
    assert len(inbox.taken) == 1


@pytest.mark.parametrize("port", ["", ":443"])
def test_a_port_that_goes_without_saying_makes_no_difference(
    caller: TestClient, number: Account, inbox: Inbox, port: str
) -> None:
    signature = signed(f"{PUBLIC}{port}{path_of(number)}", MESSAGE)
    assert twilio(caller, number, headers=[(SIGNATURE_HEADER, signature)]).status_code == 200


def bad_signatures(account: Account) -> list[list[tuple[str, Any]]]:
    good = signed(PUBLIC + path_of(account), MESSAGE)
    given: list[list[Any]] = [[], [""], ["x" * 28], [good[:-2] + "x="], ["é" * 28], [b"\xff" * 28], [good, good]]
    given += [[good, "x" * 28], ["x" * 28, good], [f"{good},{good}"], [signed(PUBLIC + "/other", MESSAGE)]]
    return [[(SIGNATURE_HEADER, one) for one in each] for each in given]


def test_without_one_good_signature_nothing_is_taken(caller: TestClient, number: Account, inbox: Inbox) -> None:
    for headers in bad_signatures(number):
        encoded: Any = [
            (name.encode(), one if isinstance(one, bytes) else one.encode("latin-1")) for name, one in headers
        ]
        sent = [(b"content-type", FORM.encode()), *encoded]
        for more in ("", "/status"):
            response = caller.post(path_of(number, more), content=urlencode(MESSAGE), headers=sent)
            assert response.status_code == 403, headers
    assert inbox.taken == []


@pytest.mark.parametrize("changes", [{"AccountSid": "AC" + "9" * 32}, {"To": "whatsapp:+15550000000"}, {"To": ""}])
def test_what_was_signed_for_another_is_refused(
    caller: TestClient, number: Account, inbox: Inbox, changes: dict[str, str]
) -> None:
    assert twilio(caller, number, MESSAGE | changes).status_code == 403
    assert inbox.taken == []


def test_both_tokens_count_while_they_are_changed(
    doors: FastAPI, caller: TestClient, number: Account, inbox: Inbox
) -> None:
    box = doors.state.services
    for token in ("second", "third"):
        with box.database.transaction() as session:
            box.senders.rotate(session, number.id, token)
    statuses = {}
    for token in (TOKEN, "second", "third"):
        header = (SIGNATURE_HEADER, signed(PUBLIC + path_of(number), MESSAGE, token))
        statuses[token] = twilio(caller, number, headers=[header]).status_code
    assert statuses == {TOKEN: 403, "second": 200, "third": 200}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", json.dumps(MESSAGE)),
        ("application/json", "[" * 5000),
        ("multipart/form-data; boundary=x", "--x--"),
        ("text/plain", urlencode(MESSAGE)),
        ("", urlencode(MESSAGE)),
        (FORM, b"\xff\xfe"),
        (FORM, urlencode([("a", "b")] * 201)),
        (FORM, urlencode({"Body": "x" * 65_600})),
    ],
)
def test_what_is_no_form_of_twilios_is_refused_before_it_is_read(
    caller: TestClient, number: Account, inbox: Inbox, kind: str, content: str | bytes
) -> None:
    headers = {"content-type": kind, SIGNATURE_HEADER: signed(PUBLIC + path_of(number), MESSAGE)}
    assert caller.post(path_of(number), content=content, headers=headers).status_code == 400
    assert inbox.taken == []


def test_fields_that_twilio_may_add_do_no_harm(caller: TestClient, number: Account, inbox: Inbox) -> None:
    form = MESSAGE | {"Новое": "поле", "Empty": "", "Body": "salam 😀 + & = %"}
    assert twilio(caller, number, form).status_code == 200
    assert [one.text for one in inbox.taken] == ["salam 😀 + & = %"]


def test_what_says_nothing_is_taken_all_the_same(caller: TestClient, number: Account, inbox: Inbox) -> None:
    assert twilio(caller, number, MESSAGE | {"MessageType": "reaction", "Body": "👍"}).status_code == 200
    assert inbox.taken == []


@pytest.mark.parametrize("query", ["?message=0", "?message=x", "?message=99999999999999999999"])
def test_an_odd_message_of_a_status_breaks_nothing(caller: TestClient, number: Account, query: str) -> None:
    form = {"MessageSid": "SM" + "2" * 32, "MessageStatus": "read", "AccountSid": ACCOUNT, "From": NUMBER}
    assert twilio(caller, number, form, more=f"/status{query}").status_code < 500


def test_a_database_that_is_away_loses_nothing_of_twilios(
    doors: FastAPI, caller: TestClient, number: Account, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        swap(away, doors, inbox=Gone())
        assert twilio(caller, number).status_code == 200
    wait_until(lambda: [one.text for one in inbox.taken] == [MESSAGE["Body"]])
