"""The terminal's side of a conversation."""

from bot.ops.chat import events, message_of


def test_events_are_told_apart_and_only_messages_count() -> None:
    stream = [
        ": keep alive",
        "",
        "event: typing",
        "data: {}",
        "",
        "event: message",
        'data: {"id": 1, "author": "bot",',
        'data:  "text": "سلام"}',
        "",
        'data: {"id": 2}',
        "",
    ]
    assert list(events(iter(stream))) == [{"id": 1, "author": "bot", "text": "سلام"}, {"id": 2}]


def test_a_number_chooses_a_button() -> None:
    buttons = [{"title": "الوثائق", "payload": "/ask_documents"}]
    assert message_of("1", buttons) == {"payload": "/ask_documents"}
    assert message_of("2", buttons) == {"text": "2"}
    assert message_of("١", buttons) == {"text": "١"}
