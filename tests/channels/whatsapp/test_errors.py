"""What Twilio's numbers mean for whom."""

import pytest

from bot.channels.base import Fault
from bot.channels.whatsapp.errors import fault_of, refusal, words_of

MEANING = {
    Fault.PASSING: "20429 63018 63009 63010 63012 30001",
    Fault.WINDOW: "63016 63027 63028 63040 63041 63042",
    Fault.ADDRESS: "21610 63024 63003 63033 63014 63013 21211",
    Fault.SENDER: "63001 63002 63007 63008 63020 20003 20404",
    Fault.CONTENT: "63005 63006 63021 63034 21617",
}


@pytest.mark.parametrize(
    ("fault", "code"), [(fault, code) for fault, codes in MEANING.items() for code in codes.split()]
)
def test_each_number_says_for_whom_it_failed(fault: Fault, code: str) -> None:
    assert fault_of(code) is fault_of(int(code)) is fault
    assert refusal(400, code, changes=True).fault is fault
    assert words_of(code)


def test_an_unknown_number_concerns_this_message_alone() -> None:
    assert fault_of("99999") is Fault.CONTENT
    assert words_of("99999") == "Twilio's error 99999"


@pytest.mark.parametrize(
    ("status", "changes", "fault"),
    [
        (500, True, Fault.UNKNOWN),
        (503, True, Fault.UNKNOWN),
        (503, False, Fault.PASSING),
        (429, True, Fault.PASSING),
        (408, True, Fault.PASSING),
        (302, True, Fault.PASSING),
        (401, True, Fault.SENDER),
        (404, False, Fault.SENDER),
        (400, True, Fault.CONTENT),
    ],
)
def test_without_a_number_the_status_decides(status: int, changes: bool, fault: Fault) -> None:
    error = refusal(status, "", changes=changes)
    assert (error.fault, error.code) == (fault, str(status))


def test_after_a_server_error_nothing_is_sure_whatever_its_number() -> None:
    assert refusal(500, "20003", changes=True).fault is Fault.UNKNOWN
    assert refusal(429, "20429", changes=True, retry_after=7).retry_after == 7


def test_an_announcement_that_whatsapp_holds_back_says_nothing_of_the_address() -> None:
    assert {fault_of(code) for code in ("63032", "63049")} == {Fault.CONTENT}
