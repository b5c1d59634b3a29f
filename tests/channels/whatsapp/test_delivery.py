"""The channel: whole messages to citizens, with choices where they can be, and never half of one twice."""

import datetime as dt

import pytest

from bot.channels.base import DeliveryError, Fault, Gateway
from bot.channels.whatsapp.client import TwilioClient
from bot.channels.whatsapp.delivery import CALLBACK_OVERRIDES, WhatsApp, status_callback
from bot.channels.whatsapp.render import Style, WhatsAppPart
from bot.conversations.schemas import ApprovedText, Button, Outbound
from bot.nlu.languages import Language
from bot.senders.schemas import TemplateText, Verdict
from bot.senders.states import Approval, Category
from tests.channels.whatsapp.citizens import SENDER
from tests.fakes.twilio_api import TwilioApi

NUMBER = "+212612345678"
STATUS_URL = "http://127.0.0.1:9/status"
CHOICES = (Button("Prix", "/ask_fee"), Button("Documents", "/ask_documents"))
LONG = "Une phrase qui dit quelque chose. " * 100


class Memory(dict[str, str]):
    """A cache of contents in memory."""

    def find(self, key: str) -> str | None:
        return self.get(key)

    def keep(self, key: str, sid: str) -> None:
        self[key] = sid


@pytest.fixture
def contents() -> Memory:
    """No content yet."""
    return Memory()


@pytest.fixture
def channel(api: TwilioApi, client: TwilioClient, contents: Memory) -> WhatsApp:
    """The channel to a citizen who wrote just now."""
    api.open_window(NUMBER)
    return WhatsApp(client, contents, SENDER)


def message(text: str = "Que voulez-vous savoir ?", *buttons: Button, number: int = 7) -> Outbound:
    """A message to the citizen."""
    return Outbound(number, f"whatsapp:{NUMBER}", text, buttons, language="fr")


def deliver(gateway: Gateway, outbound: Outbound) -> str | None:
    """All parts, as the pump sends them; gives the id of the last."""
    return [gateway.send(outbound, part) for part in gateway.parts(outbound)][-1]


def test_an_answer_arrives_with_its_choices(api: TwilioApi, channel: WhatsApp) -> None:
    last_id = deliver(channel, message("Que voulez-vous savoir ?", *CHOICES))
    [sent] = api.sent
    assert last_id == sent.sid
    assert sent.body == "Que voulez-vous savoir ?\n\n1. Prix\n2. Documents"
    assert sent.choices == [("Prix", "/ask_fee"), ("Documents", "/ask_documents")]


def test_the_same_choices_are_made_once(api: TwilioApi, channel: WhatsApp) -> None:
    for number in (7, 8):
        deliver(channel, message("Lequel ?", *CHOICES, number=number))
    deliver(channel, message("Un autre ?", *CHOICES, number=9))
    assert len(api.contents) == 2
    assert len(api.sent) == 3


def test_a_long_answer_comes_in_order_with_the_choices_last(api: TwilioApi, channel: WhatsApp) -> None:
    last_id = deliver(channel, message(LONG, *CHOICES))
    assert [sent.body[:5] for sent in api.sent] == ["(1/3)", "(2/3)", "(3/3)"]
    assert [bool(sent.choices) for sent in api.sent] == [False, False, True]
    assert last_id == api.sent[-1].sid


def test_without_contents_the_numbers_are_there(api: TwilioApi, channel: WhatsApp) -> None:
    api.content_faults.append(503)
    deliver(channel, message("Lequel ?", *CHOICES))
    assert [(sent.body, sent.choices) for sent in api.sent] == [("Lequel ?\n\n1. Prix\n2. Documents", [])]


def test_a_content_that_is_gone_is_made_anew_the_next_time(api: TwilioApi, channel: WhatsApp, contents: Memory) -> None:
    deliver(channel, message("Lequel ?", *CHOICES))
    api.contents.clear()
    deliver(channel, message("Lequel ?", *CHOICES, number=8))
    deliver(channel, message("Lequel ?", *CHOICES, number=9))
    assert [bool(sent.choices) for sent in api.sent] == [True, False, True]
    assert list(contents.values()) == list(api.contents)


@pytest.mark.parametrize(("status", "fault"), [(429, Fault.PASSING), (500, Fault.UNKNOWN)])
def test_a_part_that_fails_is_the_last_one_tried(api: TwilioApi, channel: WhatsApp, status: int, fault: Fault) -> None:
    api.slow_next(0.0)
    api.fail_next(status=status)
    with pytest.raises(DeliveryError) as caught:
        deliver(channel, message(LONG))
    assert caught.value.fault is fault
    assert len(api.sent) == 1


def test_a_blocked_citizen_is_the_addresss_fault(api: TwilioApi, channel: WhatsApp) -> None:
    api.opted_out = {NUMBER}
    with pytest.raises(DeliveryError) as caught:
        deliver(channel, message("Lequel ?", *CHOICES))
    assert caught.value.fault is Fault.ADDRESS


def test_nothing_to_say_is_never_sent(channel: WhatsApp) -> None:
    with pytest.raises(DeliveryError) as caught:
        deliver(channel, message(" "))
    assert caught.value.fault is Fault.CONTENT


def test_twilio_is_told_where_to_tell_how_it_fared(api: TwilioApi, client: TwilioClient) -> None:
    deliver(WhatsApp(client, Memory(), SENDER, status_url=STATUS_URL), message("Bonjour"))
    assert api.sent[0].form["StatusCallback"] == f"{STATUS_URL}?message=7{CALLBACK_OVERRIDES}"
    assert api.sent[0].form["ValidityPeriod"] == "1800"
    assert status_callback("", 7) == ""


def test_a_part_whose_end_is_unknown_is_found_by_its_text(api: TwilioApi, channel: WhatsApp) -> None:
    since, outbound = dt.datetime.now(dt.UTC), message(LONG, *CHOICES)
    api.slow_next(0.0, 2)
    api.swallow_next()
    with pytest.raises(DeliveryError):
        deliver(channel, outbound)
    assert channel.find_sent(outbound, 2, since) == [api.sent[2].sid]
    assert channel.find_sent(message("Autre chose"), 0, since) == []


@pytest.mark.parametrize(
    ("language", "label"), [("ar", "اختر من القائمة"), ("en", "Choose"), (None, "Choisir"), ("xx", "Choisir")]
)
def test_a_list_speaks_the_messages_language(
    api: TwilioApi, channel: WhatsApp, language: str | None, label: str
) -> None:
    many = [Button(f"Choix {number}", f"/choose{number}") for number in range(5)]
    deliver(channel, Outbound(7, f"whatsapp:{NUMBER}", "Lequel ?", many, language=language))
    [content] = api.contents.values()
    assert content["types"]["twilio/list-picker"]["button"] == label


def test_typing_is_shown_for_the_message_that_is_answered(api: TwilioApi, channel: WhatsApp) -> None:
    api.webhook_url = "http://127.0.0.1:9/"
    [attempt, *_] = api.citizen_says(NUMBER, "Salam")
    channel.type(f"whatsapp:{NUMBER}", f"s1:{attempt.form['MessageSid']}")
    assert len(api.typing) == 1


TEMPLATE = TemplateText("renewal", Language.FRENCH, Category.UTILITY, "Votre {{1}} expire bientôt.", {"1": "carte"})


def as_template(vendor_id: str) -> Outbound:
    """A message that goes as a template to somebody who did not write."""
    read = ApprovedText(vendor_id, {"1": "passeport"}, "Votre passeport expire bientôt.", "fr")
    return Outbound(7, f"whatsapp:{NUMBER}", LONG, CHOICES, language="fr", approved=read)


def test_a_template_is_made_asked_about_and_told_of(api: TwilioApi, channel: WhatsApp) -> None:
    vendor_id = channel.make_template(TEMPLATE)
    assert channel.approval_of(vendor_id) == Verdict(Approval.DRAFT)
    assert channel.ask_approval(vendor_id, TEMPLATE) == Verdict(Approval.PENDING, category=Category.UTILITY)
    api.decide(vendor_id, "rejected", "INVALID_FORMAT")
    assert channel.approval_of(vendor_id) == Verdict(Approval.REJECTED, "INVALID_FORMAT", Category.UTILITY)
    channel.delete_template(vendor_id)
    channel.delete_template(vendor_id)
    assert channel.approval_of(vendor_id) is None


def test_a_message_as_a_template_is_one_call_with_nothing_beside(api: TwilioApi, channel: WhatsApp) -> None:
    api.windows.clear()
    outbound = as_template(channel.make_template(TEMPLATE))
    assert channel.parts(outbound) == [WhatsAppPart("Votre passeport expire bientôt.", Style.TEMPLATE)]
    since = dt.datetime.now(dt.UTC)
    vendor_id = deliver(channel, outbound)
    (sent,) = api.sent
    assert (sent.body, "Body" in sent.form) == ("Votre passeport expire bientôt.", False)
    assert channel.find_sent(outbound, 0, since) == [vendor_id]


def test_a_template_that_twilio_does_not_know_leaves_the_message_to_wait(channel: WhatsApp) -> None:
    with pytest.raises(DeliveryError) as caught:
        deliver(channel, as_template("HX" + "0" * 32))
    assert (caught.value.fault, caught.value.code) == (Fault.WINDOW, "21655")
