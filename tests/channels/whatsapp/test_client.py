"""The client, through Twilio's own library, against the stand-in: what leaves, what fails for whom."""

import datetime as dt
import logging
from collections.abc import Callable

import pytest

from bot.channels.base import DeliveryError, Fault
from bot.channels.whatsapp.client import Sending, TwilioClient
from bot.channels.whatsapp.content import content_of
from bot.channels.whatsapp.parse import parse
from bot.channels.whatsapp.render import render
from bot.conversations.schemas import Button, Kind, Outbound
from bot.conversations.states import Delivery
from bot.ops.ports import free_ports
from tests.channels.whatsapp.citizens import ACCOUNT, SENDER
from tests.fakes.twilio_api import KEY, SECRET, TwilioApi

NUMBER = "+212612345678"
TO = f"whatsapp:{NUMBER}"
CONTENT = content_of(render(Outbound(7, TO, "Lequel ?", [Button("Prix", "/ask_fee")]))[0], "fr")


def text(body: str = "Bonjour", **changes: object) -> Sending:
    """A message from our sender."""
    return Sending(**{"from_": SENDER, "to": TO, "body": body, **changes})  # type: ignore[arg-type] # As tests please.


def failure(call: Callable[[], object]) -> DeliveryError:
    """What a call raises."""
    with pytest.raises(DeliveryError) as caught:
        call()
    return caught.value


def long_ago() -> dt.datetime:
    """A minute."""
    return dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)


def test_a_text_leaves_as_it_is(api: TwilioApi, client: TwilioClient) -> None:
    vendor_id = client.send(
        text("سلام 😀\nمرحبا", status_callback="https://jawab.example/s?message=7", validity_seconds=1800)
    )
    [sent] = api.sent
    assert (sent.sid, sent.to, sent.body) == (vendor_id, TO, "سلام 😀\nمرحبا")
    assert sent.form == {
        "To": TO,
        "From": SENDER,
        "Body": "سلام 😀\nمرحبا",
        "StatusCallback": "https://jawab.example/s?message=7",
        "ValidityPeriod": "1800",
    }


def test_a_content_leaves_by_its_id_and_nothing_beside(api: TwilioApi, client: TwilioClient) -> None:
    content_sid = client.create_content(CONTENT)
    client.send(text(content_sid=content_sid))
    [sent] = api.sent
    assert sent.form == {"To": TO, "From": SENDER, "ContentSid": content_sid}
    assert sent.choices == [("Prix", "/ask_fee")]


def test_variables_leave_as_json(api: TwilioApi, client: TwilioClient) -> None:
    template = {"language": "fr", "variables": {"1": "x"}, "types": {"twilio/text": {"body": "Bonjour {{1}} !"}}}
    client.send(text(content_sid=client.create_content(template), variables={"1": "l'amie"}))
    assert api.sent[0].body == "Bonjour l'amie !"


def test_a_messaging_service_may_send(api: TwilioApi, client: TwilioClient) -> None:
    client.send(text(from_="MG" + "1" * 32))
    assert api.sent[0].form["MessagingServiceSid"] == "MG" + "1" * 32


@pytest.mark.parametrize(
    ("sending", "fault", "code"),
    [
        (text(to="whatsapp:+0"), Fault.ADDRESS, "21211"),
        (text(to="whatsapp:+1"), Fault.ADDRESS, "21610"),
        (text(from_="whatsapp:+15550000000"), Fault.SENDER, "63007"),
        (text("x" * 1601), Fault.CONTENT, "21617"),
        (text(""), Fault.CONTENT, "21619"),
        (text(content_sid="HX" + "0" * 32), Fault.CONTENT, "21655"),
        (text(content_sid="HX" + "0" * 32, variables={"1": "a\nb"}), Fault.CONTENT, "21655"),
    ],
)
def test_a_refusal_says_for_whom(
    api: TwilioApi, client: TwilioClient, sending: Sending, fault: Fault, code: str
) -> None:
    api.unknown, api.opted_out = {"+0"}, {"+1"}
    error = failure(lambda: client.send(sending))
    assert (error.fault, error.code) == (fault, code)
    assert not api.sent


def test_a_content_that_breaks_limits_is_refused(client: TwilioClient) -> None:
    long = {"language": "fr", "types": {"twilio/text": {"body": "x" * 1601}}}
    assert failure(lambda: client.create_content(long)).fault is Fault.CONTENT


def test_a_wrong_key_is_our_accounts_fault(api: TwilioApi) -> None:
    stranger = TwilioClient(ACCOUNT, KEY, "not the secret", base_url=api.api_url)
    assert failure(lambda: stranger.send(text())).fault is Fault.SENDER
    other = TwilioClient("AC" + "9" * 32, KEY, SECRET, base_url=api.api_url)
    assert failure(lambda: other.send(text())).fault is Fault.SENDER


def test_too_many_at_once_may_go_later(api: TwilioApi, client: TwilioClient) -> None:
    api.per_second = 2
    for _ in range(2):
        client.send(text())
    assert failure(lambda: client.send(text())).fault is Fault.PASSING
    assert len(api.sent) == 2


def test_nobody_there_means_not_sent() -> None:
    nobody = TwilioClient(ACCOUNT, KEY, SECRET, base_url=f"http://127.0.0.1:{free_ports(1)[0]}")
    assert failure(lambda: nobody.send(text())).fault is Fault.PASSING


@pytest.mark.parametrize("trouble", ["fail", "swallow", "slow"])
def test_after_an_error_or_silence_nobody_knows(api: TwilioApi, client: TwilioClient, trouble: str) -> None:
    {"fail": api.fail_next, "swallow": api.swallow_next, "slow": lambda: api.slow_next(1.5)}[trouble]()
    assert failure(lambda: client.send(text())).fault is Fault.UNKNOWN


def test_what_left_without_an_answer_can_be_found(api: TwilioApi, client: TwilioClient) -> None:
    api.open_window(NUMBER)
    api.swallow_next()
    failure(lambda: client.send(text("Où est-il ?")))
    api.settle()
    [found] = client.list_messages(TO, long_ago())
    assert (found.vendor_id, found.body, found.status) == (api.sent[0].sid, "Où est-il ?", Delivery.READ)
    assert client.list_messages("whatsapp:+1", long_ago()) == []
    assert client.list_messages(TO, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)) == []


def test_what_still_waits_at_twilio_can_be_found(api: TwilioApi, client: TwilioClient) -> None:
    api.open_window(NUMBER)
    api.statuses = ("queued",)
    client.send(text())
    api.settle()
    assert [one.status for one in client.list_messages(TO, long_ago())] == [Delivery.QUEUED]


def test_a_failure_that_comes_later_is_listed(api: TwilioApi, client: TwilioClient) -> None:
    client.send(text())
    api.settle()
    [found] = client.list_messages(TO, long_ago())
    assert (found.status, found.error_code) == (Delivery.FAILED, "63016")


def test_more_messages_than_a_page_are_all_listed(api: TwilioApi, client: TwilioClient) -> None:
    for number in range(1, 1006):
        values = {"from": TO, "to": SENDER, "body": str(number), "direction": "inbound"}
        api.keep_message(f"SM{number:032d}", "received", values)
    assert len(client.list_inbound(long_ago())) == 1000


def test_what_citizens_wrote_can_be_read_again(api: TwilioApi, client: TwilioClient) -> None:
    api.webhook_url = "http://127.0.0.1:9/"
    api.citizen_says(NUMBER, "Salam")
    api.citizen_sends_media(NUMBER, b"%PDF-1.7", "application/pdf")
    client.send(text())
    texts = [parse(form, sender_id="s1") for form in client.list_inbound(long_ago(), to=SENDER)]
    assert [one and one.kind for one in texts] == [Kind.TEXT, Kind.MEDIA]
    assert texts[1] is not None
    assert texts[1].media is not None
    assert client.fetch_media(texts[1].media.reference, 1000).startswith(b"%PDF")


def test_typing_shows_for_a_citizens_message(api: TwilioApi, client: TwilioClient) -> None:
    api.webhook_url = "http://127.0.0.1:9/"
    [attempt, *_] = api.citizen_says(NUMBER, "Salam")
    client.show_typing(f"s1:{attempt.form['MessageSid']}")
    assert [one["messageId"] for one in api.typing] == [attempt.form["MessageSid"]]
    assert failure(lambda: client.show_typing("s1:SM0")).fault is Fault.CONTENT


def test_neither_words_nor_keys_reach_a_log(
    api: TwilioApi, client: TwilioClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client.send(text("un secret de citoyen"))
    client.list_messages(TO, long_ago())
    api.unknown = {NUMBER}
    error = failure(lambda: client.send(text()))
    assert NUMBER not in str(error)
    for word in ("un secret", SECRET, "twilio", "Body="):
        assert word not in caplog.text


def test_what_became_of_a_message_can_be_asked(api: TwilioApi, client: TwilioClient) -> None:
    api.fail_with = "63024"
    vendor_id = client.send(text())
    api.settle()
    found = client.find_message(vendor_id)
    assert found is not None
    assert (found.status, found.error_code) == (Delivery.FAILED, "63024")


def test_a_message_that_twilio_does_not_know_is_none(client: TwilioClient) -> None:
    assert client.find_message("SM" + "0" * 32) is None
