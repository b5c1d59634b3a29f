"""Twilio's forms in our shapes: each kind of message, and everything that is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp.parse import belongs, parse, parse_status
from bot.conversations.schemas import Inbound, Kind, MediaKind
from bot.conversations.states import Delivery

SID = "SM" + "1" * 32
ACCOUNT, SENDER = "AC" + "0" * 32, "whatsapp:+212537000000"
BASE = {
    "MessageSid": SID,
    "AccountSid": ACCOUNT,
    "From": "whatsapp:+212612345678",
    "To": SENDER,
    "NumMedia": "0",
    "ProfileName": "Salma Exemple",
    "WaId": "212612345678",
    "SmsStatus": "received",
    "ReferralBody": "an advertisement",
    "Body": "",
}
NAMES = [
    *BASE,
    *("Latitude", "Longitude", "ButtonPayload", "ButtonText", "ListId", "ListTitle", "MessageType", "MediaUrl0"),
    *(
        "MediaContentType0",
        "ExternalUserId",
        "ParentExternalUserId",
        "MessageStatus",
        "ErrorCode",
        "SmsSid",
        "Contacts",
        "InteractiveData",
    ),
]
MEDIA_URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{SID}/Media/ME" + "2" * 32

hostile = st.dictionaries(
    st.sampled_from(NAMES), st.text(max_size=40) | st.sampled_from([*BASE.values(), "nan", "1e999"])
)


def read(**changes: str) -> Inbound:
    """A message that is one."""
    found = parse(BASE | changes, sender_id="s1")
    assert found is not None
    return found


def test_a_text_is_cleaned_and_named_by_sender_and_message() -> None:
    found = read(Body="  كم ثمن\u0000 البطاقة؟ ")
    assert (found.channel, found.kind, found.text) == ("whatsapp", Kind.TEXT, "كم ثمن البطاقة؟")
    assert (found.vendor_id, found.sender_id) == (f"s1:{SID}", "s1")
    assert (found.address, found.address_kind) == ("whatsapp:+212612345678", "phone")


def test_the_profile_and_advertisements_are_not_kept() -> None:
    kept = str(read(Body="salam").to_json())
    assert "Salma" not in kept
    assert "advertisement" not in kept


def test_a_citizen_without_a_number_has_an_address() -> None:
    for bsuid in ("whatsapp:MA.13491208655302741918", "whatsapp:US.ENT.11815799212886844830"):
        assert (read(From=bsuid, Body="salam").address, read(From=bsuid, Body="x").address_kind) == (bsuid, "bsuid")
    assert read(From="", ExternalUserId="whatsapp:MA.1", Body="salam").address == "whatsapp:MA.1"


PHONE, BSUID = "whatsapp:+212612345678", "whatsapp:MA.1"


@pytest.mark.parametrize(
    ("identity", "address", "others"),
    [
        ({}, PHONE, {}),
        ({"ExternalUserId": BSUID}, PHONE, {"bsuid": BSUID}),
        ({"From": BSUID, "ExternalUserId": BSUID, "WaId": ""}, BSUID, {}),
        ({"From": BSUID, "ExternalUserId": BSUID}, BSUID, {"phone": PHONE}),
        ({"From": BSUID, "WaId": "MA.1"}, BSUID, {}),
        ({"From": "whatsapp:+5215512345678", "WaId": "525512345678"}, None, {"phone": "whatsapp:+525512345678"}),
        ({"ExternalUserId": "whatsapp:+212600000000"}, PHONE, {}),
        ({"ExternalUserId": "MA.1", "WaId": "+212612345678"}, PHONE, {"bsuid": BSUID}),
        ({"ExternalUserId": "MA.1; x", "ParentExternalUserId": "ma.1"}, PHONE, {}),
        (
            {"ExternalUserId": BSUID, "ParentExternalUserId": "whatsapp:MA.ENT.7"},
            PHONE,
            {"bsuid": BSUID, "parent": "whatsapp:MA.ENT.7"},
        ),
    ],
)
def test_all_addresses_of_a_citizen_are_told(
    identity: dict[str, str], address: str | None, others: dict[str, str]
) -> None:
    found = read(Body="salam", **identity)
    assert found.address == (address or identity["From"])
    assert found.other_addresses == others


def test_messages_wait_in_one_line_whether_the_number_is_shown_or_not() -> None:
    both = read(Body="salam", ExternalUserId=BSUID)
    hidden = read(Body="salam", From=BSUID, ExternalUserId=BSUID, WaId="")
    assert both.queue_address == hidden.queue_address == BSUID
    assert read(Body="salam").queue_address == PHONE


@pytest.mark.parametrize(
    "press",
    [
        {"ButtonPayload": '/ask_fee{"chosen": "cnie"}', "ButtonText": "Prix", "MessageType": "interactive"},
        {"ListId": '/ask_fee{"chosen": "cnie"}', "ListTitle": "Prix", "MessageType": "interactive"},
        {"ButtonPayload": '/ask_fee{"chosen": "cnie"}', "Body": "Prix", "MessageType": "button"},
    ],
)
def test_a_press_carries_its_payload_and_title(press: dict[str, str]) -> None:
    found = read(**press)
    assert (found.kind, found.payload, found.text) == (Kind.BUTTON, '/ask_fee{"chosen": "cnie"}', "Prix")


def test_a_payload_that_cannot_be_ours_is_what_was_written() -> None:
    for payload in ("x" * 301, "/ask_fee\u0000", " "):
        found = read(ButtonPayload=payload, Body="Prix")
        assert (found.kind, found.payload, found.text) == (Kind.TEXT, "", "Prix")


def test_a_place_has_its_degrees() -> None:
    found = read(Latitude="33.589886", Longitude="-7.603869", MessageType="location")
    assert (found.kind, found.latitude, found.longitude) == (Kind.LOCATION, 33.589886, -7.603869)


@pytest.mark.parametrize("latitude", ["91", "nan", "inf", "1e999", "north", ""])
def test_a_place_nowhere_is_no_place(latitude: str) -> None:
    assert parse(BASE | {"Latitude": latitude, "Longitude": "0"}, sender_id="s1") is None
    assert read(Latitude=latitude, Longitude="0", Body="ici").kind is Kind.TEXT


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        ("image/jpeg", MediaKind.PHOTO),
        ("image/webp", MediaKind.STICKER),
        ("audio/ogg; codecs=opus", MediaKind.VOICE),
        ("audio/amr", MediaKind.AUDIO),
        ("video/mp4", MediaKind.VIDEO),
        ("application/pdf", MediaKind.DOCUMENT),
        ("", MediaKind.DOCUMENT),
    ],
)
def test_a_file_lies_at_its_address(mime_type: str, kind: MediaKind) -> None:
    found = read(NumMedia="1", MediaUrl0=MEDIA_URL, MediaContentType0=mime_type, Body="ma carte")
    assert found.media is not None
    assert (found.kind, found.media.kind, found.media.reference) == (Kind.MEDIA, kind, MEDIA_URL)
    assert (found.text, found.media.mime_type) == ("ma carte", mime_type.partition(";")[0])


def test_forwarded_answers_and_advertised_texts_are_texts_and_nothing_of_the_rest_is_kept() -> None:
    found = read(
        Body="la vignette ?",
        Forwarded="true",
        FrequentlyForwarded="true",
        OriginalRepliedMessageSid="SM" + "9" * 32,
        OriginalRepliedMessageSender="whatsapp:+212699999999",
        ReferralHeadline="an advertisement",
    )
    assert (found.kind, found.text) == (Kind.TEXT, "la vignette ?")
    assert "advertisement" not in str(found.to_json())
    assert "699999999" not in str(found.to_json())


def test_of_several_files_the_first_counts() -> None:
    found = read(NumMedia="2", MediaUrl0=MEDIA_URL, MediaContentType0="image/png", MediaUrl1="https://x", Body="voilà")
    assert found.media is not None
    assert (found.media.reference, found.text) == (MEDIA_URL, "voilà")


def test_a_place_has_the_name_that_the_citizen_gave() -> None:
    place = {"Latitude": "33.5", "Longitude": "-7.6", "Label": "Moqataa Anfa", "Address": "Casablanca"}
    assert read(**place, MessageType="location").text == "Moqataa Anfa, Casablanca"


def test_a_contact_is_a_contact() -> None:
    assert read(NumMedia="1", MediaUrl0=MEDIA_URL, MediaContentType0="text/vcard").kind is Kind.CONTACT
    assert read(MessageType="contacts", Contacts='[{"name": "X"}]').kind is Kind.CONTACT


@pytest.mark.parametrize(
    "changes",
    [
        {"MessageType": "reaction", "Body": "👍"},
        {"MessageType": "unsupported", "Body": "?"},
        {"MessageType": "order", "Body": ""},
        {"MessageType": "system", "Body": "+212612345678 changed to +212699999999"},
        {"Body": " \u0000 "},
        {"NumMedia": "1", "MediaUrl0": "file:///etc/passwd"},
        {"InteractiveData": '{"flow": 1}', "MessageType": "interactive"},
        {"Body": "x", "From": "whatsapp:+2126 12"},
        {"Body": "x", "From": "+212612345678"},
        {"Body": "x", "From": "whatsapp:ma.1"},
        {"Body": "x", "MessageSid": ""},
        {"Body": "x", "MessageSid": "SM; DROP TABLE"},
    ],
)
def test_what_says_nothing_is_politely_passed_over(changes: dict[str, str]) -> None:
    assert parse(BASE | changes, sender_id="s1") is None


@given(hostile)
def test_no_form_breaks_it(form: dict[str, str]) -> None:
    found = parse(form, sender_id="s1")
    if found is not None:
        assert Inbound.from_json(found.to_json()) == found
        str(found).encode()
    for account in (ACCOUNT, ""):
        belongs(form, account, SENDER)
    parse_status(form)


def test_values_that_are_no_strings_break_nothing() -> None:
    form: Any = dict.fromkeys(NAMES, 7)
    assert parse(form, sender_id="s1") is None
    assert parse_status(form) is None
    assert not belongs(form, ACCOUNT, SENDER)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("accepted", Delivery.QUEUED),
        ("queued", Delivery.QUEUED),
        ("sending", Delivery.SENDING),
        ("sent", Delivery.SENT),
        ("delivered", Delivery.DELIVERED),
        ("read", Delivery.READ),
        ("undelivered", Delivery.FAILED),
        ("failed", Delivery.FAILED),
    ],
)
def test_each_status_has_ours(said: str, status: Delivery) -> None:
    found = parse_status({"MessageSid": SID, "MessageStatus": said, "ErrorCode": "63016"})
    assert found is not None
    assert (found.vendor_id, found.status, found.error_code) == (SID, status, "63016")


def test_what_is_no_status_is_none() -> None:
    assert parse_status(BASE) is None
    assert parse_status({"MessageSid": SID, "MessageStatus": "dancing"}) is None
    assert parse_status({"MessageStatus": "sent"}) is None


@pytest.mark.parametrize("code", ["", "0", "none", "9" * 7])
def test_an_error_code_is_a_number_or_nothing(code: str) -> None:
    found = parse_status({"MessageSid": SID, "MessageStatus": "sent", "ErrorCode": code})
    assert found is not None
    assert found.error_code == ""


def test_a_form_belongs_to_its_account_and_sender() -> None:
    assert belongs(BASE, ACCOUNT, SENDER)
    for account, to in (("AC" + "9" * 32, SENDER), (ACCOUNT, "whatsapp:+15550000000"), ("", SENDER), (ACCOUNT, "")):
        assert not belongs(BASE, account, to)


def test_a_status_belongs_to_the_sender_that_wrote() -> None:
    status = {"AccountSid": ACCOUNT, "From": SENDER, "To": "whatsapp:+212612345678", "MessageStatus": "sent"}
    assert belongs(status, ACCOUNT, SENDER)
    assert not belongs(status, ACCOUNT, "whatsapp:+212612345678")


def test_a_messaging_service_passes_for_its_senders() -> None:
    form = BASE | {"To": "whatsapp:+15550000000", "MessagingServiceSid": "MG1"}
    assert belongs(form, ACCOUNT, SENDER, messaging_service_sid="MG1")
    assert not belongs(form, ACCOUNT, SENDER, messaging_service_sid="MG2")
    assert not belongs(form, ACCOUNT, SENDER)
