"""Telegram's updates become messages in our shape, or nothing."""

from typing import Any

import pytest

from bot.channels.telegram.parse import find_callback_id, parse
from bot.conversations.schemas import Inbound, Kind, Media, MediaKind, Presence
from tests.channels.telegram.citizens import Citizens, Sent

CHAT = 555


def understood(update: dict[str, Any]) -> Inbound:
    """What was parsed, which must be a message."""
    inbound = parse(update, sender_id="bot")
    assert isinstance(inbound, Inbound)
    return inbound


def message(**content: Any) -> dict[str, Any]:
    """An update with a citizen's message."""
    return Citizens().citizen_sends(CHAT, **content)


def file(**more: Any) -> dict[str, Any]:
    """Any file."""
    return {"file_id": "AgACAg", "file_unique_id": "x"} | more


def test_a_text_is_a_message_with_its_chat_and_language() -> None:
    inbound = understood(message(text="بشحال الباسبور؟", language="fr-FR"))
    expected = Inbound("telegram", "bot:555:1", "555", Kind.TEXT, "بشحال الباسبور؟", language="fr")
    assert (inbound.sender_id, inbound.address_kind, inbound.is_edit) == ("bot", "chat", False)
    assert inbound == Inbound(**{**vars(expected), "address_kind": "chat", "sender_id": "bot"})


@pytest.mark.parametrize("text", ["/start", "/start from_poster", "/help"])
def test_commands_stay_texts(text: str) -> None:
    inbound = understood(message(text=text))
    assert (inbound.kind, inbound.text, inbound.payload) == (Kind.TEXT, text, "")


@pytest.mark.parametrize(
    ("code", "language"), [("ar", "ar"), ("fr-FR", "fr"), ("EN_gb", "en"), ("de", None), ("", None), ("arq", None)]
)
def test_languages_that_we_speak_are_kept(code: str, language: str | None) -> None:
    assert understood(message(text="x", language=code)).language == language


def test_a_text_is_cleaned() -> None:
    assert understood(message(text="  a\x00b\ud83d\r\u0065\u0301\n")).text == "ab\u00e9"


def test_an_edit_has_an_id_of_its_own_and_says_so() -> None:
    inbound = understood(Citizens().citizen_edits(CHAT, 9, "je voulais dire la CIN"))
    assert inbound.is_edit
    assert inbound.vendor_id.startswith("bot:555:9:1")


def test_a_location_that_moves_by_itself_is_no_edit() -> None:
    update = Citizens().citizen_edits(CHAT, 9, "")
    update["edited_message"]["location"] = {"latitude": 33.5, "longitude": -7.6}
    assert parse(update, sender_id="bot") is None


def test_a_forwarded_text_and_a_reply_are_texts() -> None:
    origin = {"type": "user", "date": 1, "sender_user": {"id": 9, "is_bot": False, "first_name": "Omar"}}
    inbound = understood(message(text="la vignette ?", forward_origin=origin, reply_to_message={"message_id": 1}))
    assert (inbound.kind, inbound.text) == (Kind.TEXT, "la vignette ?")
    assert "Omar" not in str(inbound.to_json())


def test_a_location_that_moves_is_a_point_when_it_is_first_shared() -> None:
    inbound = understood(message(location={"latitude": 33.5, "longitude": -7.6, "live_period": 900, "heading": 7}))
    assert (inbound.kind, inbound.latitude) == (Kind.LOCATION, 33.5)


@pytest.mark.parametrize("status", ["member", "administrator", "creator", "left", "restricted", "kicked"])
def test_what_becomes_of_us_in_a_chat_is_presence_only_if_it_is_blocked_or_taken_back(status: str) -> None:
    update = Citizens().citizen_blocks(CHAT)
    update["my_chat_member"]["new_chat_member"]["status"] = status
    found = parse(update, sender_id="bot")
    assert (found is not None) == (status in ("member", "kicked"))


def test_a_location_is_a_point() -> None:
    inbound = understood(Citizens().citizen_sends_location(CHAT, 33.57, -7))
    assert (inbound.kind, inbound.latitude, inbound.longitude, inbound.text) == (Kind.LOCATION, 33.57, -7, "")


def test_a_venue_is_a_point_with_its_name() -> None:
    point = {"latitude": 33.5, "longitude": -7.6}
    venue = {"location": point, "title": "Moqataa Anfa", "address": "Casablanca"}
    inbound = understood(message(location=point, venue=venue))
    assert (inbound.kind, inbound.latitude, inbound.text) == (Kind.LOCATION, 33.5, "Moqataa Anfa, Casablanca")


@pytest.mark.parametrize("latitude", [91, float("nan"), float("inf"), "33", None, True])
def test_a_point_that_is_nowhere_is_not_understood(latitude: Any) -> None:
    assert parse(message(location={"latitude": latitude, "longitude": 1}), sender_id="bot") is None


def test_a_contact_is_a_name_and_a_number() -> None:
    inbound = understood(message(contact={"phone_number": "+212600000000", "first_name": "Amal", "user_id": 7}))
    assert (inbound.kind, inbound.text) == (Kind.CONTACT, "Amal +212600000000")


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (
            {"document": file(mime_type="application/pdf", file_size=9, file_name="a.pdf")},
            Media(MediaKind.DOCUMENT, "AgACAg", "application/pdf", 9, "a.pdf"),
        ),
        ({"voice": file(duration=3)}, Media(MediaKind.VOICE, "AgACAg", "audio/ogg")),
        ({"audio": file(mime_type="audio/mpeg")}, Media(MediaKind.AUDIO, "AgACAg", "audio/mpeg")),
        ({"video": file(mime_type="video/mp4")}, Media(MediaKind.VIDEO, "AgACAg", "video/mp4")),
        ({"video_note": file(length=240)}, Media(MediaKind.VIDEO, "AgACAg", "video/mp4")),
        ({"animation": file(), "document": file()}, Media(MediaKind.VIDEO, "AgACAg", "video/mp4")),
        ({"sticker": file(is_video=True, emoji="👍")}, Media(MediaKind.STICKER, "AgACAg", "video/webm")),
        ({"sticker": file(is_animated=True)}, Media(MediaKind.STICKER, "AgACAg", "application/x-tgsticker")),
        ({"sticker": file()}, Media(MediaKind.STICKER, "AgACAg", "image/webp")),
    ],
)
def test_a_file_is_media(content: dict[str, Any], media: Media) -> None:
    inbound = understood(message(caption=" ها هي \u0000", **content))
    assert (inbound.kind, inbound.media, inbound.text) == (Kind.MEDIA, media, "ها هي")


def test_of_a_photo_the_largest_size_counts() -> None:
    sizes = [{"file_id": name, "width": width, "height": 9, "file_size": 5} for name, width in [("b", 9), ("a", 3)]]
    assert understood(message(photo=sizes)).media == Media(MediaKind.PHOTO, "b", "image/jpeg", 5)


def test_a_press_carries_its_payload_and_the_title_that_was_read() -> None:
    citizens = Citizens(sent=[Sent(CHAT, 3, "?", [], [[{"text": "الثمن", "callback_data": "/ask_fee"}]], "?")])
    inbound = understood(citizens.citizen_presses(CHAT, 3, "/ask_fee"))
    assert (inbound.kind, inbound.payload, inbound.text) == (Kind.BUTTON, "/ask_fee", "الثمن")
    assert inbound.vendor_id == "bot:cb:4000000000000000000"
    assert find_callback_id(inbound) == "4000000000000000000"


def test_a_forged_press_has_no_title() -> None:
    citizens = Citizens(sent=[Sent(CHAT, 3, "?", [], [], "?")])
    assert understood(citizens.citizen_presses(CHAT, 3, "/restart", is_forged=True)).text == ""


def test_what_is_no_press_has_nothing_to_acknowledge() -> None:
    assert find_callback_id(understood(message(text="bonjour"))) is None


@pytest.mark.parametrize("is_back", [True, False])
def test_a_block_and_its_end_are_presence(*, is_back: bool) -> None:
    update = Citizens().citizen_blocks(CHAT, is_back=is_back)
    assert parse(update, sender_id="bot") == Presence("telegram", "555", "bot", is_back)


@pytest.mark.parametrize("kind", ["message", "edited_message", "callback_query", "my_chat_member"])
@pytest.mark.parametrize("chat_type", ["group", "supergroup", "channel"])
def test_only_private_chats_count(kind: str, chat_type: str) -> None:
    citizens = Citizens(sent=[Sent(CHAT, 3, "?", [], [[{"text": "x", "callback_data": "y"}]], "?")])
    update = {
        "message": lambda: citizens.citizen_says(CHAT, "x"),
        "edited_message": lambda: citizens.citizen_edits(CHAT, 3, "x"),
        "callback_query": lambda: citizens.citizen_presses(CHAT, 3, "y"),
        "my_chat_member": lambda: citizens.citizen_blocks(CHAT),
    }[kind]()
    assert parse(update, sender_id="bot") is not None
    content = update[kind]
    (content["message"] if kind == "callback_query" else content)["chat"]["type"] = chat_type
    assert parse(update, sender_id="bot") is None


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": 1},
        {"update_id": 1, "message_reaction": {"chat": {"id": 5, "type": "private"}}},
        {"update_id": 1, "poll": {"id": "1"}},
        {"update_id": 1, "poll_answer": {"poll_id": "1", "user": {"id": 5}, "option_ids": [0]}},
        {"update_id": 1, "channel_post": {"message_id": 1, "chat": {"id": -5, "type": "channel"}, "text": "x"}},
        {"update_id": 1, "edited_channel_post": {"message_id": 1, "chat": {"id": -5, "type": "channel"}, "text": "x"}},
        {"update_id": 1, "business_message": {"message_id": 1, "chat": {"id": 5, "type": "private"}, "text": "x"}},
        {"update_id": 1, "chat_member": {"chat": {"id": 5, "type": "private"}}},
        {"update_id": 1, "chat_join_request": {"chat": {"id": -5, "type": "supergroup"}}},
        {"update_id": 1, "inline_query": {"id": "1", "from": {"id": 5}, "query": "x"}},
        message(poll={"id": "1"}),
        message(dice={"emoji": "🎲", "value": 3}),
        message(pinned_message={"message_id": 1}),
        message(story={"id": 1}),
        message(new_chat_members=[{"id": 5, "is_bot": False, "first_name": "A"}]),
        message(left_chat_member={"id": 5, "is_bot": False, "first_name": "A"}),
        message(text=""),
        message(text="\u0000"),
        message(text="x", message_id=-1),
        message(text="x", message_id=2**70),
        message(document={"file_id": "a b"}),
        message(document={"file_id": "x" * 600}),
        message(photo=[]),
    ],
)
def test_what_is_not_understood_is_nothing(update: dict[str, Any]) -> None:
    assert parse(update, sender_id="bot") is None


def test_other_bots_are_not_answered() -> None:
    update = message(text="hello")
    update["message"]["from"]["is_bot"] = True
    assert parse(update, sender_id="bot") is None


@pytest.mark.parametrize("junk", [None, [], "x", 7])
def test_what_is_no_update_is_nothing(junk: Any) -> None:
    assert parse(junk, sender_id="bot") is None
