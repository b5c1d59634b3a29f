"""The stand-in keeps Twilio's rules; client and stand-in are held to the same promises."""

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import httpx2
import pytest

from bot.channels.base import DeliveryError, Fault
from bot.channels.whatsapp.client import Sending, TwilioClient
from bot.channels.whatsapp.delivery import CALLBACK_OVERRIDES
from bot.channels.whatsapp.parse import belongs, parse, parse_status
from bot.channels.whatsapp.signature import is_signed
from bot.conversations.schemas import Kind
from bot.conversations.states import Delivery
from tests.channels.whatsapp.citizens import SENDER
from tests.channels.whatsapp.conftest import api, client, standing
from tests.channels.whatsapp.courier import TOKEN
from tests.fakes.twilio_api import TwilioApi

__all__ = ["api", "client", "standing"]

PUBLIC = "https://jawab.example"
HOOK, STATUS = f"{PUBLIC}/whatsapp/secret", f"{PUBLIC}/whatsapp/secret/status?message=7"
NUMBER = "+212612345678"


@dataclass
class Ours:
    """A webhook: what came, whether it was signed, and the statuses to answer with before 200."""

    forms: list[dict[str, str]] = field(default_factory=list)
    signed: list[bool] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def take(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """Check and note a call, as the real webhook does."""
        form = parse_qsl(body.decode(), keep_blank_values=True)
        self.forms.append(dict(form))
        self.signed.append(is_signed(PUBLIC + path, form, headers.get("x-twilio-signature"), [TOKEN]))
        self.marks.append(headers["i-twilio-idempotency-token"])
        time.sleep(self.seconds)
        return self.answers.pop(0) if self.answers else 200

    def statuses(self) -> list[str]:
        """What status callbacks said."""
        return [form["MessageStatus"] for form in self.forms]


@pytest.fixture
def ours(api: TwilioApi) -> Iterator[Ours]:
    """Our webhook, listening where the public address leads."""
    found = Ours()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(found.take(self.path, body, {key.lower(): value for key, value in self.headers.items()}))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests speak for themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    api.courier.reach = {PUBLIC: f"http://127.0.0.1:{server.server_address[1]}"}
    api.webhook_url = HOOK
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def text(**changes: str) -> Sending:
    """A message whose fate we want to know."""
    return Sending(SENDER, f"whatsapp:{NUMBER}", **{"body": "Bonjour", "status_callback": STATUS, **changes})  # type: ignore[arg-type] # All are strings.


def check_promises(client: TwilioClient, api: TwilioApi, ours: Ours) -> None:
    """What the gateway relies on at Twilio: a talk with each kind of message, and its end."""
    began = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)
    api.citizen_says(NUMBER, "Salam")
    vendor_id = client.send(text())
    api.settle()
    assert all(ours.signed)
    inbound, *told = ours.forms
    first = parse(inbound, sender_id="s1")
    assert first is not None
    assert (first.text, first.address) == ("Salam", f"whatsapp:{NUMBER}")
    assert [found.vendor_id for one in told if (found := parse_status(one))] == [vendor_id] * len(told)
    assert all(belongs(form, api.account_sid, SENDER) for form in ours.forms)
    [listed] = client.list_messages(first.address, began)
    assert (listed.vendor_id, listed.body, listed.status) == (vendor_id, "Bonjour", Delivery.READ)
    [again] = client.list_inbound(began, to=SENDER)
    assert parse(again, sender_id="s1") == first
    client.show_typing(first.vendor_id)
    with pytest.raises(DeliveryError) as caught:
        client.send(text(body="x" * 1601))
    assert caught.value.fault is Fault.CONTENT


def test_client_and_stand_in_keep_the_same_promises(api: TwilioApi, client: TwilioClient, ours: Ours) -> None:
    check_promises(client, api, ours)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lambda api: api.citizen_says(NUMBER, "Salam"), Kind.TEXT),
        (lambda api: api.citizen_presses(NUMBER, "/ask_fee", "Prix"), Kind.BUTTON),
        (lambda api: api.citizen_picks(NUMBER, "/ask_fee", "Prix"), Kind.BUTTON),
        (lambda api: api.citizen_sends_location(NUMBER, 33.5, -7.6), Kind.LOCATION),
        (lambda api: api.citizen_sends_media(NUMBER, b"%PDF-", "application/pdf"), Kind.MEDIA),
        (lambda api: api.citizen_sends_media(NUMBER, b"BEGIN:VCARD", "text/vcard"), Kind.CONTACT),
        (lambda api: api.citizen_says("MA.1349", "Salam"), Kind.TEXT),
        (lambda api: api.citizen_reacts(NUMBER, "👍"), None),
    ],
)
def test_what_citizens_do_comes_signed(
    api: TwilioApi, ours: Ours, act: Callable[[TwilioApi], object], kind: Kind | None
) -> None:
    act(api)
    [form] = ours.forms
    found = parse(form, sender_id="s1")
    assert (found and found.kind, ours.signed) == (kind, [True])


def test_another_token_signs_otherwise(api: TwilioApi, ours: Ours) -> None:
    api.courier.token = "another token"
    api.citizen_says(NUMBER, "Salam")
    assert ours.signed == [False]


def test_without_overrides_an_error_is_not_tried_again(api: TwilioApi, ours: Ours) -> None:
    ours.answers = [500]
    assert [attempt.status for attempt in api.citizen_says(NUMBER, "Salam")] == [500]


def test_with_overrides_it_is_tried_again_under_the_same_mark(api: TwilioApi, ours: Ours) -> None:
    api.webhook_url = HOOK + CALLBACK_OVERRIDES
    ours.answers = [500, 503, 404]
    assert [attempt.status for attempt in api.citizen_says(NUMBER, "Salam")] == [500, 503, 404, 200]
    assert all(ours.signed)
    assert len(set(ours.marks)) == 1


def test_tries_have_an_end_and_then_comes_the_other_address(api: TwilioApi, ours: Ours) -> None:
    api.webhook_url, api.fallback_url = HOOK + "#rc=2&rp=5xx", f"{PUBLIC}/whatsapp/other"
    ours.answers = [500] * 3
    tries = api.citizen_says(NUMBER, "Salam")
    assert [attempt.status for attempt in tries] == [500, 500, 500, 200]
    assert (tries[-1].url, ours.signed[-1]) == (api.fallback_url, True)
    assert ours.forms[-1]["ErrorUrl"] == api.webhook_url


def test_nobody_there_is_tried_once_more(api: TwilioApi) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        api.webhook_url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert [attempt.failure for attempt in api.citizen_says(NUMBER, "Salam")] == ["ct", "ct"]


def test_an_answer_that_does_not_come_ends_the_call(api: TwilioApi, ours: Ours) -> None:
    ours.seconds = 0.5
    api.webhook_url = HOOK + "#rt=50"
    assert [attempt.failure for attempt in api.citizen_says(NUMBER, "Salam")] == ["rt"]


def test_a_message_is_told_to_arrive_step_by_step(api: TwilioApi, client: TwilioClient, ours: Ours) -> None:
    api.open_window(NUMBER)
    client.send(text())
    api.settle()
    assert ours.statuses() == ["queued", "sent", "delivered", "read"]
    assert all(ours.signed)


def test_news_may_come_twice_and_in_any_order(api: TwilioApi, client: TwilioClient, ours: Ours) -> None:
    api.open_window(NUMBER)
    api.duplicated = api.shuffled = True
    client.send(text())
    api.settle()
    assert sorted(ours.statuses()) == sorted(["queued", "sent", "delivered", "read"] * 2)


def test_news_may_come_before_the_answer(api: TwilioApi, client: TwilioClient, ours: Ours) -> None:
    api.open_window(NUMBER)
    api.early = True
    client.send(text())
    assert ours.statuses()[-1] == "read"


def test_a_closed_window_is_told_afterwards(api: TwilioApi, client: TwilioClient, ours: Ours) -> None:
    client.send(text())
    api.settle()
    found = parse_status(ours.forms[-1])
    assert found is not None
    assert (found.status, found.error_code) == (Delivery.FAILED, "63016")


def test_an_approved_template_goes_through_a_closed_window(api: TwilioApi, client: TwilioClient, ours: Ours) -> None:
    template = {"language": "fr", "types": {"twilio/text": {"body": "Votre carte est prête."}}}
    content_sid = client.create_content(template)
    api.approve(content_sid)
    client.send(text(content_sid=content_sid))
    api.settle()
    assert ours.statuses()[-1] == "read"


def test_a_window_closes_by_itself(api: TwilioApi) -> None:
    api.open_window(NUMBER)
    assert api.is_open(f"whatsapp:{NUMBER}")
    api.window_seconds = 0
    assert not api.is_open(f"whatsapp:{NUMBER}")


def test_a_failure_may_be_ordered(api: TwilioApi, client: TwilioClient, ours: Ours) -> None:
    api.fail_with = "63024"
    client.send(text())
    api.settle()
    assert ours.forms[-1]["ErrorCode"] == "63024"


def test_files_want_a_key(api: TwilioApi, ours: Ours) -> None:
    url = api.citizen_sends_media(NUMBER, b"%PDF-", "application/pdf")[0].form["MediaUrl0"]
    assert httpx2.get(url, trust_env=False).status_code == 401
    assert httpx2.get(url, trust_env=False, auth=(api.key, api.secret)).status_code == 307
    assert httpx2.delete(url, trust_env=False).status_code == 401


def test_eighty_a_second_and_no_more(api: TwilioApi) -> None:
    api.per_second = 80
    form = {"From": SENDER, "To": f"whatsapp:{NUMBER}", "Body": "x"}
    url = f"{api.api_url}/2010-04-01/Accounts/{api.account_sid}/Messages.json"
    with httpx2.Client(auth=(api.key, api.secret), trust_env=False) as http:
        began = time.monotonic()
        answers = [http.post(url, data=form).status_code for _ in range(85)]
    allowed = 80 * (1 + int(time.monotonic() - began))
    assert answers[:80] == [201] * 80
    assert answers.count(201) <= allowed
