"""What becomes of a call on its way: whether it left is never guessed."""

from collections.abc import Callable

import httpx2
import pytest

from bot.channels.base import DeliveryError, Fault
from bot.channels.whatsapp.client import Sending, TwilioClient
from bot.channels.whatsapp.transport import Transport

URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"

Answer = Callable[[httpx2.Request], httpx2.Response]


def transport(answer: Answer) -> Transport:
    """One that gets this answer."""
    made = Transport(base_url=None, timeout_seconds=1)
    made._http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return made


def says(status: int, text: str = "", **headers: str) -> Answer:
    """An answer."""
    return lambda _: httpx2.Response(status, text=text, headers={"X": "y", **headers})


def breaks(kind: type[httpx2.TransportError]) -> Answer:
    """A call that does not end well."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        raise kind("whatsapp:+212612345678", request=request)

    return answer


def failure(answer: Answer, method: str = "POST", url: str = URL) -> DeliveryError:
    """What a call raises."""
    with pytest.raises(DeliveryError) as caught:
        transport(answer).request(method, url)
    return caught.value


@pytest.mark.parametrize("kind", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError])
def test_what_reached_nobody_may_go_again(kind: type[httpx2.TransportError]) -> None:
    assert failure(breaks(kind)).fault is Fault.PASSING


@pytest.mark.parametrize("kind", [httpx2.ReadTimeout, httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError])
def test_what_may_have_reached_twilio_is_unknown(kind: type[httpx2.TransportError]) -> None:
    error = failure(breaks(kind))
    assert (error.fault, str(error)) == (Fault.UNKNOWN, f"Twilio did not answer: {kind.__name__}")
    assert failure(breaks(kind), "GET").fault is Fault.PASSING


@pytest.mark.parametrize("text", ["<html>", "[]", '"sent"', "{"])
def test_a_success_that_says_nothing_is_unknown(text: str) -> None:
    assert failure(says(201, text)).fault is Fault.UNKNOWN
    assert failure(says(200, text), "GET").fault is Fault.PASSING


def test_a_success_without_an_id_is_unknown() -> None:
    client = TwilioClient("AC1", "SK1", "secret")
    client._twilio.http_client = transport(says(201, '{"status": "queued"}'))
    with pytest.raises(DeliveryError) as caught:
        client.send(Sending("whatsapp:+1", "whatsapp:+2", "x"))
    assert caught.value.fault is Fault.UNKNOWN


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("soon", None), ("", None)])
def test_the_vendors_own_wait_is_kept(said: str, seconds: float | None) -> None:
    error = failure(says(429, '{"code": 20429}', **{"Retry-After": said}))
    assert (error.fault, error.code, error.retry_after) == (Fault.PASSING, "20429", seconds)


@pytest.mark.parametrize("text", ["", "<html>", '{"code": "x"}', "[]"])
def test_a_refusal_in_any_shape_is_a_refusal(text: str) -> None:
    assert failure(says(400, text)).fault is Fault.CONTENT


@pytest.mark.parametrize(
    "url", ["http://api.twilio.com/x", "https://evil.example/x", "https://api.twilio.com.evil.example/x"]
)
def test_our_key_goes_to_twilio_alone(url: str) -> None:
    assert failure(says(200, "{}"), url=url).fault is Fault.SENDER


def test_an_empty_success_is_one() -> None:
    assert transport(says(204)).request("DELETE", URL).status_code == 204
